"""My security: a person's own password, authenticator, recovery codes and sessions."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import password_validation, update_session_auth_hash
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from backoffice.doors import enrolment, notices
from backoffice.doors.enrolment import user_of
from backoffice.doors.pages import DoorForm, PasswordField, page, status_of
from payouts.admin.shell.fields import CodeField
from payouts.models import PersonSession
from payouts.workflow.decisions import presence
from payouts.workflow.people import passwords, people, second_factor, throttle


class FreshCodeForm(DoorForm):
    """A code that `use` takes for one thing; what `use` returned is the form's `outcome`."""

    code = CodeField()

    def __init__(self, *args: Any, use: Callable[[str], object], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._use = use
        self.outcome: Any = None

    def clean_code(self) -> str:
        """Call `use` with the code. Raises ValidationError: wrong or throttled."""
        code = str(self.cleaned_data["code"])
        self.outcome = _used(self._use, code)
        return code


class CurrentOrRecoveryForm(FreshCodeForm):
    """A code of the present authenticator, or a recovery code for one that is lost."""

    code = CodeField(
        label="Current one-time code",
        help_text="From the authenticator that you have now. If it is lost, one of your recovery codes.",
        attributes={"inputmode": "text"},
    )


class PasswordForm(DoorForm):
    """A new password, for whoever knows the present one and has the authenticator."""

    current = PasswordField(label="Current password", autocomplete="current-password")
    new = PasswordField(
        label="New password",
        autocomplete="new-password",
        help_text="At least 12 characters; a few words are good.",
    )
    again = PasswordField(label="New password again", autocomplete="new-password")
    code = CodeField()

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_new(self) -> str:
        password = str(self.cleaned_data["new"])
        password_validation.validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        """Use up the code last, when nothing else is left to correct."""
        facts = self.cleaned_data
        if not self.errors and facts["new"] != facts["again"]:
            self.add_error("again", "This is not the same as the new password.")
        if not self.errors:
            self._try("current", lambda: passwords.check(facts["current"], by=self.user))
        if not self.errors:
            self._try("code", lambda: presence.check_code(facts["code"], by=self.user, door="session"))
        return facts

    def _try(self, field: str, check: Callable[[], object]) -> None:
        try:
            _used(lambda _: check(), "")
        except forms.ValidationError as err:
            self.add_error(field, err)


@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """What protects this person's account now."""
    user = user_of(request)
    return page(
        request,
        "security/overview.html",
        title="My security",
        authenticator=second_factor.of(user),
        recovery_codes_left=second_factor.recovery_codes_left(user),
        sessions=PersonSession.open_ones(user.pk),
    )


@require_POST
def end_other_sessions(request: HttpRequest) -> HttpResponse:
    """Sign the person out in every other browser."""
    user = user_of(request)
    ended = people.end_sessions(user, by=user, keep=request.session.session_key or "")
    sessions = "1 session" if ended == 1 else f"{ended} sessions"
    messages.success(request, f"Signed out everywhere else: {sessions} ended.")
    return redirect("admin:security")


@sensitive_post_parameters()
def change_password(request: HttpRequest) -> HttpResponse:
    """A new password; every other session ends."""
    user = user_of(request)
    form = PasswordForm(request.POST or None, user=user)
    if not form.is_valid():
        return page(request, "security/password.html", status=status_of(form), title="Change password", form=form)
    passwords.change(form.cleaned_data["new"], by=user, keep=request.session.session_key or "")
    update_session_auth_hash(request, user)
    notices.send(user, "password changed", "Your password was changed.")
    messages.success(request, "Password changed. Every other session has ended.")
    return redirect("admin:security")


@sensitive_post_parameters("code")
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes instead of the old ones."""
    user = user_of(request)
    form = FreshCodeForm(request.POST or None, use=lambda code: second_factor.renew_recovery_codes(code, by=user))
    if not form.is_valid():
        title = "New recovery codes"
        return page(request, "security/recovery_codes.html", status=status_of(form), title=title, form=form)
    request.session.renew()  # type: ignore[attr-defined]  # of payouts.models.people.session
    notices.send(user, "new recovery codes", "New recovery codes were issued; the old ones work no more.")
    return enrolment.show_codes(request, form.outcome, title="Your new recovery codes")


@sensitive_post_parameters("code")
def authenticator(request: HttpRequest) -> HttpResponse:
    """First step: a current code. The old authenticator counts until the new one has shown a code."""
    user = user_of(request)
    form = CurrentOrRecoveryForm(request.POST or None, use=lambda code: second_factor.begin_replacement(code, by=user))
    if not form.is_valid():
        title = "Change authenticator"
        return page(request, "security/authenticator.html", status=status_of(form), title=title, form=form)
    request.session.renew()  # type: ignore[attr-defined]  # of payouts.models.people.session
    enrolment.remember(request, form.outcome)
    return redirect("admin:authenticator_new")


@sensitive_post_parameters("code")
def new_authenticator(request: HttpRequest) -> HttpResponse:
    """Second step: the new authenticator's QR code and first code."""
    if request.method != "POST" and enrolment.pending(request) is None:
        return redirect("admin:authenticator_change")
    return enrolment.set_up(
        request,
        template="security/authenticator_new.html",
        title="Set up the new authenticator",
        restart="admin:authenticator_change",
    )


def _used(use: Callable[[str], object], code: str) -> object:
    try:
        return use(code)
    except throttle.Throttled as err:
        raise forms.ValidationError(str(err), code="throttled") from err
    except (presence.WrongCode, passwords.WrongPassword) as err:
        raise forms.ValidationError(str(err), code="wrong") from err
