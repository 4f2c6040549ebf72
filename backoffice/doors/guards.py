"""Who is let through to a page, and where the others are sent: to sign in, to enrol, or nowhere yet."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect

from backoffice.doors import enrolment
from backoffice.doors.pages import page
from payouts.domain.people.roles import Role
from payouts.models import person
from payouts.workflow.people import second_factor

View = Callable[..., Any]


def refusal(request: HttpRequest) -> HttpResponse | None:
    """The answer to somebody who may see no page of the site; None for people with a role who signed in with a code."""
    user: Any = request.user
    if not user.is_authenticated:
        return _to_sign_in(request)
    if not user.is_verified():
        return redirect("admin:enrol") if second_factor.of(user) is None else _to_sign_in(request)
    if not person(user).roles:
        return _no_role_yet(request)
    return None


def for_staff(view: View, *, cacheable: bool = False) -> View:
    """Guard a view: for people with a role who signed in with password and code. Others get `refusal`'s answer."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return refusal(request) or view(request, *args, **kwargs)

    return csrf_protect(guarded if cacheable else never_cache(guarded))


def for_newcomers(view: View) -> View:
    """Guard a view: for people who gave their password and have no second factor yet."""

    @wraps(view)
    def guarded(request: HttpRequest) -> Any:
        user = request.user
        if isinstance(user, User) and second_factor.of(user) is None:
            return view(request)
        return refusal(request) or redirect("admin:security")

    return csrf_protect(never_cache(guarded))


def while_setting_up(view: View) -> View:
    """Guard a view: for the browser in which an authenticator is being set up."""

    @wraps(view)
    def guarded(request: HttpRequest) -> Any:
        if isinstance(request.user, User) and enrolment.pending(request):
            return view(request)
        return refusal(request) or redirect("admin:security")

    return csrf_protect(never_cache(guarded))


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """Lead to the sign-in page, and after a GET from there back to this page."""
    if request.method in ("GET", "HEAD"):
        return redirect_to_login(request.get_full_path(), resolve_url("admin:login"))
    return redirect("admin:login")


def _no_role_yet(request: HttpRequest) -> HttpResponse:
    administrators = User.objects.filter(groups__name=Role.ADMINISTRATOR.value, is_active=True)
    title = "You have no role yet"
    return page(request, "security/no_role.html", status=403, title=title, administrators=administrators)
