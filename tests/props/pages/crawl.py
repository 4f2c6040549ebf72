"""A browser that follows every link, and a picture of every table."""

import hashlib
import html
import re
from collections import Counter
from collections.abc import Iterable
from urllib.parse import urljoin, urlsplit

from django.db import connection
from django.test import Client

MOST_PAGES = 400
MOST_OF_A_KIND = 4  # pages that differ by the object alone
# What looking may write: that somebody looked, and that their session goes on.
LOOKING = frozenset({"payouts_auditevent", "payouts_personsession"})


def crawl(client: Client, starts: Iterable[str] = ("/",)) -> dict[str, str]:
    """Every page that links lead to, by its address. Filters one at a time: their combinations have no end."""
    found: dict[str, str] = {}
    kinds: Counter[str] = Counter()
    waiting = list(starts)
    while waiting:
        url = waiting.pop()
        kind = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", "*", url)
        if url in found or kinds[kind] == MOST_OF_A_KIND:
            continue
        kinds[kind] += 1
        answer = client.get(url)
        assert answer.status_code < 500, url
        found[url] = answer.content.decode() if answer.status_code == 200 else answer.get("Location", "")
        assert len(found) < MOST_PAGES
        waiting += [link for link in _links(url, found[url]) if link not in found]
    return found


def _links(base: str, page: str) -> Iterable[str]:
    for target in re.findall(r'(?:href|action)="([^"#]*)', page):
        parts = urlsplit(urljoin(base, html.unescape(target)))
        local = not parts.netloc and not parts.path.startswith(("/static/", "/favicon"))
        if local and parts.query.count("=") <= 1:
            yield parts.path + (f"?{parts.query}" if parts.query else "")


def tables() -> dict[str, list[str]]:
    """Every table of the database by name: its rows as text."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        names = [name for (name,) in cursor.fetchall()]
        dump = {}
        for name in names:
            cursor.execute(f'SELECT t::text FROM "{name}" t ORDER BY 1')  # noqa: S608  a name from the catalogue
            dump[name] = [row for (row,) in cursor.fetchall()]
    return dump


def picture(*, but: frozenset[str] = LOOKING) -> dict[str, str]:
    """A digest per table."""
    return {
        name: hashlib.sha256("\n".join(rows).encode()).hexdigest() for name, rows in tables().items() if name not in but
    }
