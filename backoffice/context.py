"""What every page knows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def site_facts(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001
    """Whether this is the demo, and where its simulator shows the orders received."""
    return {"is_demo": settings.DEMO, "simulator_url": settings.SIMULATOR_URL if settings.DEMO else ""}
