"""Where a request came from, what no request may hold, how old a session may become, and what was refused to whom."""

import time
from collections.abc import Callable
from ipaddress import ip_address

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest

from payouts import audit
from payouts.audit import Event, Origin

SIGNED_IN_AT = "signed_in_at"

Next = Callable[[HttpRequest], HttpResponse]


class OriginMiddleware:
    """Tell the audit trail where the request came from, for as long as it lasts."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        where = Origin(client_ip(request), request.headers.get("User-Agent", "")[:200])
        token = audit.origin.set(where)
        try:
            return self.get_response(request)
        finally:
            audit.origin.reset(token)


def client_ip(request: HttpRequest) -> str | None:
    """The caller's address; None when it is not one.

    X-Forwarded-For counts only as far as trusted proxies wrote it (TRUSTED_PROXIES).
    """
    hops: list[str] = []
    if settings.TRUSTED_PROXIES:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    chain = [*hops, request.META.get("REMOTE_ADDR") or ""]
    place = min(settings.TRUSTED_PROXIES + 1, len(chain))
    try:
        ip = ip_address(chain[-place].partition("%")[0])
    except ValueError:
        return None
    return str(getattr(ip, "ipv4_mapped", None) or ip)


class NulMiddleware:
    """Refuse a query with a NUL character: nobody types one, and PostgreSQL takes none."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", ""):
            return HttpResponseBadRequest("The address holds a NUL character.", content_type="text/plain")
        return self.get_response(request)


class SessionAgeMiddleware:
    """End a session twelve hours after signing in, however busy it is (OWASP ASVS 5.0, V7.3.2)."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Sign the person out before the request is answered, when the session is too old."""
        if request.user.is_authenticated:
            age = time.time() - request.session.get(SIGNED_IN_AT, 0)
            if age > settings.SESSION_AGE_LIMIT:
                audit.record(Event.SESSION_EXPIRED, by=request.user, about=request.user)
                request.session.flush()
                request.user = AnonymousUser()
        return self.get_response(request)


class RefusalMiddleware:
    """Write to the trail which page was refused (403) to whom; refused acts have events of their own."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 403 and request.user.is_authenticated:
            audit.record(
                Event.ACCESS_DENIED,
                by=request.user,
                about=request.user,
                path=request.path[:200],
                method=request.method,
            )
        return response
