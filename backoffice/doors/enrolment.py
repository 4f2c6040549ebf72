"""Setting up an authenticator app: the QR code, the first code, and the recovery codes, shown once.

The pages of the first enrolment, and the parts that replacing an authenticator shares with it.
"""

import io
from typing import Any

import django_otp
import segno
from django import forms
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from backoffice.doors import known_device, notices
from backoffice.doors.pages import DoorForm, page, status_of
from payouts.admin.shell.fields import CodeField
from payouts.models import Authenticator
from payouts.workflow.decisions import presence
from payouts.workflow.people import second_factor, throttle

_PENDING = "pending_authenticator"


class FirstCodeForm(DoorForm):
    """The first code that the new app shows."""

    code = CodeField(label="Code from the app")
    codes: list[str]
    device: Authenticator

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request, self.user = request, user_of(request)

    def clean_code(self) -> str:
        """Confirm the authenticator by the code. Raises ValidationError: wrong, throttled, or nothing to confirm."""
        code = str(self.cleaned_data["code"])
        try:
            session = self.request.session
            self.device, self.codes = second_factor.confirm(
                session.get(_PENDING), code, by=self.user, keep=session.session_key or ""
            )
        except throttle.Throttled as err:
            raise forms.ValidationError(str(err), code="throttled") from err
        except (presence.WrongCode, second_factor.NothingPending) as err:
            raise forms.ValidationError(str(err), code="wrong") from err
        return code


def user_of(request: HttpRequest) -> User:
    """The person behind the request. Raises Http404 without one: the doors let nobody else this far."""
    if not isinstance(request.user, User):
        raise Http404
    return request.user


def remember(request: HttpRequest, device: Authenticator) -> None:
    """Bind a pending authenticator to this browser: only here is its secret shown."""
    request.session[_PENDING] = device.pk


def pending(request: HttpRequest) -> Authenticator | None:
    """The authenticator that is being set up in this browser; None when there is none."""
    return second_factor.pending(request.session.get(_PENDING), by=user_of(request))


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Start a first enrolment, with a new secret."""
    try:
        remember(request, second_factor.begin(by=user_of(request)))
    except second_factor.EnrolledAlready:
        return redirect("admin:login")
    return redirect("admin:enrol")


@sensitive_post_parameters("code")
def enrol(request: HttpRequest) -> HttpResponse:
    """The first enrolment: what it is for, then the QR code, then the recovery codes."""
    title = "Set up your second factor"
    return set_up(request, template="security/enrol.html", title=title, restart="admin:enrol")


def set_up(request: HttpRequest, *, template: str, title: str, restart: str) -> HttpResponse:
    """The pending authenticator's page; its first code renews the session and shows the recovery codes."""
    device = pending(request)
    if device is None and request.method == "POST":
        messages.error(request, str(second_factor.NothingPending()))
        return redirect(restart)
    form = FirstCodeForm(request.POST or None, request=request)
    if device is not None and form.is_valid():
        return _done(request, form)
    secret = " ".join(_groups(device.base32_key)) if device else ""
    context = {"title": title, "form": form, "device": device, "secret": secret}
    return page(request, template, status=status_of(form), **context)


def _done(request: HttpRequest, form: FirstCodeForm) -> HttpResponse:
    del request.session[_PENDING]
    request.session.cycle_key()
    django_otp.login(request, form.device)
    what = "An authenticator app was set up for your account, and new recovery codes were issued."
    notices.send(form.user, "second factor set up", what)
    answer = show_codes(request, form.codes, title="Your authenticator is set up")
    known_device.remember(request, answer, form.user.get_username())
    return answer


def show_codes(request: HttpRequest, codes: list[str], *, title: str) -> HttpResponse:
    """The recovery codes, in the answer to the form that made them and nowhere else."""
    return page(request, "security/recovery_codes_shown.html", title=title, recovery_codes=codes)


@require_GET
def qr_code(request: HttpRequest) -> HttpResponse:
    """The pending authenticator's secret as an image, for the browser that began the set-up only."""
    device = pending(request)
    if device is None:
        raise Http404
    image = io.BytesIO()
    code = segno.make(device.config_url, error="m", micro=False)
    code.save(image, kind="svg", border=4, light="#fff", svgclass=None, lineclass=None, omitsize=True)
    return HttpResponse(image.getvalue(), content_type="image/svg+xml")


def _groups(secret: str) -> list[str]:
    return [secret[i : i + 4] for i in range(0, len(secret), 4)]
