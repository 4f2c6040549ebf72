"""What every page knows."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest

from payouts.admin.navigation import navigation


def site_facts(request: HttpRequest) -> dict[str, Any]:
    """Where the person may go, whether this is the demo, and where its simulator shows the orders received."""
    return {
        "places": navigation(request) if admin.site.has_permission(request) else [],
        "is_demo": settings.DEMO,
        "simulator_url": settings.SIMULATOR_URL if settings.DEMO else "",
    }
