"""The template context that every page has."""

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest

from payouts.admin.shell.listing import person_of
from payouts.admin.shell.navigation import navigation
from payouts.domain.people.roles import Act
from payouts.models import Pause, WitnessLink


def site_facts(request: HttpRequest) -> dict[str, Any]:
    """Where the person may go, what keeps payments from being sent, whether this is the demo, and its simulator."""
    is_in = admin.site.has_permission(request)
    return {
        "places": navigation(request) if is_in else [],
        "may_see_withdrawals": is_in and person_of(request).may(Act.VIEW_WITHDRAWALS),
        "witness_away": WitnessLink.objects.exclude(away_since=None).first() if is_in else None,
        "paused": Pause.objects.open().widest_first() if is_in else [],
        "is_demo": settings.DEMO,
        "simulator_url": settings.SIMULATOR_URL if settings.DEMO else "",
    }
