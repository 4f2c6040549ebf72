"""Signing in: name, password and one-time code in one step, one answer for everything that is wrong."""

import time
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth import login as open_session
from django.contrib.auth import logout as close_session
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.models import User
from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_variables
from django_otp.models import Device

from backoffice.doors import known_device, notices
from backoffice.doors.known_device import Door
from backoffice.doors.middleware import SIGNED_IN_AT
from backoffice.doors.pages import DoorForm, PasswordField, status_of
from payouts import audit
from payouts.admin.shell.fields import CodeField
from payouts.audit import Event
from payouts.domain.errors import CountersignError
from payouts.models import RecoveryDevice
from payouts.workflow.decisions import presence
from payouts.workflow.people import second_factor, throttle


class NotAdmitted(CountersignError):
    """Name, password and code do not fit together. Check all three; each code works once."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


@dataclass(frozen=True)
class Admitted:
    """Who may come in, and the device that proved the second factor; None for somebody who has yet to enrol."""

    user: User
    device: Device | None


@sensitive_variables("password", "code")
def admit(username: str, password: str, code: str, *, door: Door) -> Admitted:
    """Judge one attempt. Raises NotAdmitted or throttle.Throttled; both are in the audit trail by then.

    The attempt is counted before it is judged; a name that nobody has costs as much as a wrong password.
    """
    try:
        throttle.knock(door.password, door.source)
        admitted = _judge(username, password, code, device=door.device)
    except throttle.Throttled:
        _record(Event.SIGN_IN_THROTTLED, username, door)
        raise
    except NotAdmitted as err:
        why = "code" if isinstance(err.__cause__, presence.WrongCode) else "password"
        _record(Event.SIGN_IN_FAILED, username, door, why=why)
        raise
    throttle.opened(door.password)
    throttle.taken_back(door.source)
    return admitted


@sensitive_variables("password", "code")
def _judge(username: str, password: str, code: str, *, device: str) -> Admitted:
    user = authenticate(username=username, password=password)
    if not isinstance(user, User):
        raise NotAdmitted
    if second_factor.of(user) is None:
        return Admitted(user, None)
    try:
        return Admitted(user, second_factor.check(code, by=user, door=device))
    except presence.WrongCode as err:
        raise NotAdmitted from err


def _record(event: Event, username: str, door: Door, **facts: str) -> None:
    about = User.objects.filter(username=username).first()
    audit.record(event, by=None, about=about, name=username, known_device=door.is_known, **facts)


class SignInForm(DoorForm):
    """The three things that people sign in with."""

    username = UsernameField(label="Name", max_length=150, widget=forms.TextInput(attrs={"autocomplete": "username"}))
    password = PasswordField(label="Password", autocomplete="current-password")
    code = CodeField(
        required=False,
        help_text="From your authenticator app. Leave it empty if you have not set one up yet.",
    )
    admitted: Admitted

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        if "recovery" in request.GET:
            self.fields["code"].label = "Recovery code"
            self.fields["code"].help_text = "Sixteen letters and digits in four groups. Each code works once."
            self.fields["code"].widget.attrs |= {"inputmode": "text", "autocomplete": "off"}

    def clean(self) -> dict[str, Any]:
        """Judge the attempt, once all that is needed was typed."""
        facts = self.cleaned_data
        if self.errors:
            return facts
        door = known_device.door(self.request, facts["username"])
        try:
            self.admitted = admit(facts["username"], facts["password"], facts["code"], door=door)
        except throttle.Throttled as err:
            raise forms.ValidationError(str(err), code="throttled") from err
        except NotAdmitted as err:
            raise forms.ValidationError(str(err), code="not_admitted") from err
        return facts


class SignIn(LoginView):
    """The page at /login/. A new session for every sign-in; whoever has no second factor is led to enrol."""

    authentication_form = SignInForm  # type: ignore[assignment]  # form_valid asks for no more of it
    template_name = "admin/login.html"

    def form_valid(self, form: Any) -> HttpResponseRedirect:
        """Open the session, with the second factor proved where there is one."""
        user, device = form.admitted.user, form.admitted.device
        close_session(self.request)
        user.otp_device = device
        open_session(self.request, user)
        self.request.session[SIGNED_IN_AT] = time.time()
        factor = device.name if device else "none yet"
        audit.record(Event.SIGNED_IN, by=user, about=user, second_factor=factor)
        if device is None:
            return redirect("admin:enrol")
        if isinstance(device, RecoveryDevice):
            self._say_how_many_remain(user)
        response = HttpResponseRedirect(self.get_success_url())
        known_device.remember(self.request, response, user.get_username())
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        """The form again, without the password."""
        return self.render_to_response(self.get_context_data(form=form), status=status_of(form))

    def _say_how_many_remain(self, user: User) -> None:
        left = second_factor.recovery_codes_left(user)
        messages.warning(
            self.request,
            f"You used a recovery code; {left} remain. If your authenticator is lost, set up a new one"
            " under “My security” now.",
        )
        notices.send(user, "recovery code used", f"A recovery code was used to sign in; {left} remain.")
