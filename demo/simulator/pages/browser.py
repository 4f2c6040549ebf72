"""What the pages tell a browser, and what they believe of one."""

from pathlib import Path
from string import Template

from werkzeug.wrappers import Request, Response

_HERE = Path(__file__).parent
_STYLE = (_HERE / "page.css").read_bytes()

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: under it a browser says "Origin: null" when a form is sent, and came_from_here would refuse.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def template(name: str) -> Template:
    """A file beside this one."""
    return Template((_HERE / name).read_text(encoding="utf-8"))


def page(html: str) -> Response:
    """A page under a policy without scripts; what callers sent may hold half a surrogate pair."""
    return Response(html.encode("utf-8", "replace"), headers=_HEADERS, mimetype="text/html")


def style() -> Response:
    return Response(_STYLE, headers=_HEADERS, mimetype="text/css")


def file(body: str, mimetype: str) -> Response:
    """A response that is no page, under the same headers as the pages."""
    return Response(body, headers=_HEADERS, mimetype=mimetype)


def came_from_here(request: Request) -> bool:
    """Whether a form was sent by a page of the simulator's own, so that no other web site can script a fault.

    There is nobody to sign in here, so there is no session that could hold a token: the simulator believes the two
    headers that a page cannot forge. Sec-Fetch-Site comes first; a same *site* is not enough, since every port of
    a host belongs to one site. Where it is missing (an older browser, or plain HTTP to another host than this one)
    Origin has to name this host and port. A caller that sends neither is no browser and has POST /faults.
    """
    if fetched_from := request.headers.get("Sec-Fetch-Site"):
        return fetched_from == "same-origin"
    return request.headers.get("Origin") in (f"http://{request.host}", f"https://{request.host}")
