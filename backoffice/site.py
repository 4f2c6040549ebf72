"""The admin site: its doors, and the rule that only our own screens hang on it."""

from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth import logout as close_session
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from payouts.models import person

# Django's own, which would go round our doors or show what we do not offer
_LEFT_OUT = {
    "login", "logout", "password_change", "password_change_done", "autocomplete", "view_on_site", "jsi18n", "app_list",
}  # fmt: skip


class Site(AdminSite):
    """Django's admin, open to people with a role who signed in with password and code."""

    site_header = "Countersign"
    site_title = "Countersign"
    index_title = "Desk"
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take our own screens only: a device admin would let people add a factor for a colleague."""
        if admin_class is not None and admin_class.__module__.startswith("payouts.admin"):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Active, signed in with a second factor, and holding at least one role."""
        user: Any = request.user
        return bool(user.is_active and user.is_authenticated and user.is_verified() and person(user).roles)

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Guard a view: people who may not see it are led to sign in or to enrol, or told that they have no role."""
        from backoffice.doors.guards import for_staff

        return for_staff(view, cacheable=cacheable)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Our doors, then the screens."""
        from backoffice.doors import enrolment, security
        from backoffice.doors.guards import for_newcomers, while_setting_up
        from payouts.admin.days import days

        staff = self.admin_view
        doors = [
            path("login/", self.login, name="login"),
            path("logout/", self.logout, name="logout"),
            path("enrol/", for_newcomers(enrolment.enrol), name="enrol"),
            path("enrol/begin/", for_newcomers(enrolment.begin), name="enrol_begin"),
            path("enrol/qr.svg", while_setting_up(enrolment.qr_code), name="enrol_qr"),
            path("security/", staff(security.overview), name="security"),
            path("security/password/", staff(security.change_password), name="password_change"),
            path("security/recovery-codes/", staff(security.recovery_codes), name="recovery_codes"),
            path("security/authenticator/", staff(security.authenticator), name="authenticator_change"),
            path("security/authenticator/new/", staff(security.new_authenticator), name="authenticator_new"),
            path("security/sessions/end/", staff(security.end_other_sessions), name="end_other_sessions"),
            path("reconciliation/", include(days.urls())),
        ]
        return [*doors, *(url for url in super().get_urls() if getattr(url, "name", "") not in _LEFT_OUT)]

    @method_decorator(never_cache)
    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The sign-in page; people who are in already go to their desk."""
        from backoffice.doors.signin import SignIn

        if request.method == "GET" and self.has_permission(request):
            return redirect("admin:index")
        context = {**self.each_context(request), "title": "Sign in", **(extra_context or {})}
        return SignIn.as_view(extra_context=context)(request)

    @method_decorator([never_cache, csrf_protect, require_POST])
    def logout(self, request: HttpRequest, extra_context: Any = None) -> Any:  # noqa: ARG002
        """Close the session; by POST only, and for everybody who has one."""
        close_session(request)
        messages.success(request, "You are signed out.")
        return redirect("admin:login")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:  # noqa: ARG002
        """Always empty: `payouts.admin.shell.navigation` says which pages there are."""
        return []

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """The desk. Its module registers screens with this site, so it is imported once the site exists."""
        from payouts.admin.shell.desk import desk

        return super().index(request, desk(request) | (extra_context or {}))
