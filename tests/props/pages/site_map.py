"""Every address of the site, read from the URLconf, with made-up values where an address takes one."""

import re
from collections.abc import Iterator
from uuid import UUID

from django.urls import URLPattern, URLResolver, get_resolver, resolve
from django.urls.resolvers import RegexPattern

_SAMPLES = {
    "int": "1",
    "uuid": str(UUID(int=1)),
    "path": "1",
    "str": "1",
    "slug": "1",
    "day": "1/2026-01-31",
}
_REGEXES = {
    r"(?P<url>.*)$": "no/such/page",
    r"^(?P<app_label>": None,  # "^(?P<app_label>a|b)/$": the first
}


def addresses() -> Iterator[str]:
    """One path for every URL pattern. An AssertionError for a pattern that this cannot read."""
    for path, pattern in _walk(get_resolver(), "/"):
        assert resolve(path).func == pattern.callback, f"{path} does not lead to {pattern}"
        yield path


def _walk(resolver: URLResolver, prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        path = prefix + _sample(entry)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, path)
        else:
            yield path, entry


def _sample(entry: URLPattern | URLResolver) -> str:
    text = str(entry.pattern)
    if isinstance(entry.pattern, RegexPattern):
        for start, sample in _REGEXES.items():
            if text.startswith(start):
                return sample or text.removeprefix(start).partition(")")[0].partition("|")[0] + "/"
        raise AssertionError(f"Teach this file the pattern {text}")
    return re.sub(r"<(?:(\w+):)?\w+>", lambda found: _SAMPLES[found[1] or "str"], text)
