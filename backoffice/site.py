"""The admin site: its doors, and the rule that only our own screens hang on it."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest

from payouts.models import person


class Site(AdminSite):
    """Django's admin, open to people with a role who signed in with password and code."""

    site_header = "Countersign"
    site_title = "Countersign"
    index_title = "Desk"
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take our own screens only: a device admin, for one, would let people add a factor for a colleague."""
        if admin_class is not None and admin_class.__module__.startswith("payouts.admin"):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Active, signed in with a second factor, and holding at least one role."""
        user: Any = request.user
        return bool(user.is_active and user.is_authenticated and user.is_verified() and person(user).roles)
