"""Forgotten passwords, and the first password of invited people: a link by e-mail.

Whoever asks is told the same whether or not the address exists. The second factor stays as it was.
"""

import unicodedata
from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.contrib.auth.forms import PasswordResetForm, SetPasswordForm
from django.contrib.auth.models import User
from django.contrib.auth.views import PasswordResetConfirmView, PasswordResetView
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from backoffice.doors import notices
from backoffice.doors.known_device import source_door
from backoffice.doors.pages import FocusedForm, page, status_of
from payouts import audit
from payouts.admin.people.invitation import site_url
from payouts.audit import Event
from payouts.workflow.people import passwords, throttle


class AskForm(FocusedForm, PasswordResetForm):
    """Asks for the e-mail address to which the link is sent."""

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = "E-mail address"
        self.request = request

    def clean(self) -> dict[str, Any]:
        """Count the request against its source. Raises ValidationError when that has asked too often."""
        try:
            throttle.knock(source_door("reset", self.request))
        except throttle.Throttled as err:
            raise forms.ValidationError(str(err), code="throttled") from err
        return self.cleaned_data

    def get_users(self, email: str) -> Iterable[User]:
        """The active person of that address, audited; also one whose invitation ran out, who has no password yet."""
        for user in User.objects.filter(email__iexact=email, is_active=True):
            # PostgreSQL's idea of equal letters is wider than a mail server's
            if _same_letters(email, user.email):
                audit.record(Event.PASSWORD_RESET_ASKED, by=None, about=user)
                yield user


class Ask(PasswordResetView):
    form_class = AskForm
    template_name = "registration/password_reset_form.html"
    email_template_name = "registration/password_reset_email.txt"
    subject_template_name = "registration/password_reset_subject.txt"
    success_url = reverse_lazy("password_reset_done")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"request": self.request}

    def form_valid(self, form: PasswordResetForm) -> HttpResponse:
        """Send the link, which leads to the site's own address."""
        self.extra_email_context = {"site": site_url(self.request)}
        return super().form_valid(form)

    def render_to_response(self, context: dict[str, Any], **_: Any) -> HttpResponse:
        form = context["form"]
        return page(self.request, self.template_name, status=status_of(form), title="Forgotten password", form=form)


class NewPasswordForm(FocusedForm, SetPasswordForm):  # type: ignore[type-arg]  # generic in its stubs only
    """A new password, twice; kept by the workflow, which ends the person's sessions."""

    def save(self, commit: bool = True) -> User:  # noqa: ARG002  Django's signature
        passwords.set_by_link(self.user, self.cleaned_data["new_password1"])
        notices.send(self.user, "password set", "Your password was set by a link sent to this address.")
        return cast(User, self.user)


class Confirm(PasswordResetConfirmView):
    form_class = NewPasswordForm
    template_name = "registration/password_reset_confirm.html"
    success_url = reverse_lazy("password_reset_complete")

    def get_user(self, uidb64: str) -> User | None:
        """The person whom the link names; None for nobody, and for somebody deactivated since."""
        user: User | None = super().get_user(uidb64)
        return user if user is not None and user.is_active else None

    def render_to_response(self, context: dict[str, Any], **_: Any) -> HttpResponse:
        form, valid = context["form"], context["validlink"]
        status = status_of(form) if valid else 410
        title = "Choose a password" if valid else "This link does not work any more"
        return page(self.request, self.template_name, status=status, title=title, form=form, validlink=valid)


def done(request: HttpRequest) -> HttpResponse:
    """The page after asking for a link, the same whether or not the address is known."""
    return page(request, "registration/password_reset_done.html", title="Look into your mailbox")


def complete(request: HttpRequest) -> HttpResponse:
    """The password is set; the way in is the sign-in page, with a code."""
    return page(request, "registration/password_reset_complete.html", title="Your password is set")


def _same_letters(one: str, other: str) -> bool:
    return unicodedata.normalize("NFKC", one).casefold() == unicodedata.normalize("NFKC", other).casefold()


_uncached = method_decorator(never_cache, name="dispatch")

urlpatterns: list[URLPattern] = [
    path("password/", _uncached(Ask).as_view(), name="admin_password_reset"),
    path("password/sent/", never_cache(done), name="password_reset_done"),
    path("password/<uidb64>/<token>/", _uncached(Confirm).as_view(), name="password_reset_confirm"),
    path("password/set/", never_cache(complete), name="password_reset_complete"),
]
