"""Accounts as they stand in the environment: one URL each, read strictly. No message repeats any of it."""

import ipaddress
import re
from collections.abc import Mapping
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from payouts.domain.errors import CountersignError
from payouts.providers.base import Credentials, Provider, Term

_NAME = re.compile(r"[a-z0-9_-]{1,32}")
_BROKEN_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NOT_IN_A_URL = re.compile(r"[^!-~]")
_PLAIN_HTTP = "+http"


class InvalidAccount(CountersignError):
    """An account's setting cannot be used; the message says what is wrong, and never what the secret is."""


def parse_account(name: str, url: str, *, providers: Mapping[str, type[Provider]]) -> Credentials:
    """Read `zoomex://API_KEY:API_SECRET@HOST?recv_window=5000` and its like; raise InvalidAccount.

    Key and secret are percent-decoded. `zoomex+http://` speaks plain HTTP, to a loopback host only; every
    other host must be one that the provider is known by. Options left out get their defaults.
    """
    if not _NAME.fullmatch(name):
        raise InvalidAccount(f"Account {name!r}: a name is 1 to 32 lower-case letters, digits, _ or -.")
    try:
        return _read(name, url.strip(), providers)
    except _Wrong as wrong:
        reason = str(wrong)
    # Raised out here so that no traceback leads back to text that may hold the secret.
    raise InvalidAccount(f"Account {name}: {reason}")


def is_loopback(credentials: Credentials) -> bool:
    """Whether the account calls this machine itself, as the demo and the tests do."""
    return _is_loopback(urlsplit(credentials.base_url).hostname or "")


class _Wrong(Exception):
    pass


def _read(name: str, url: str, providers: Mapping[str, type[Provider]]) -> Credentials:
    scheme, separator, _ = url.partition("://")
    provider = providers.get(scheme.removesuffix(_PLAIN_HTTP))
    if provider is None or not separator:
        known = ", ".join(f"{known}://" for known in sorted(providers))
        raise _Wrong(f"the URL must begin with one of {known} (for loopback also with {_PLAIN_HTTP}).")
    try:
        parts = _split(url)
        key, options = _term(provider.key, parts.username), _options(parts.query, provider)
        return Credentials(
            account=name,
            provider=provider.name,
            key=key,
            secret=_term(provider.secret, parts.password),
            base_url=_base_url(parts, provider, plain=scheme.endswith(_PLAIN_HTTP)),
            options=options,
            customer=provider.customer(key, options),
        )
    except _Wrong as wrong:
        form = f"{provider.name}://{provider.key.name}:{provider.secret.name}@HOST"
        raise _Wrong(f"{wrong} The form is {form}, percent-encoded where needed.") from None


def _split(url: str) -> SplitResult:
    if _NOT_IN_A_URL.search(url):
        raise _Wrong("white space or a character that is not plain ASCII stands in the URL.")
    if _BROKEN_PERCENT.search(url):
        raise _Wrong("a % is not followed by two hex digits; a % itself is written %25.")
    try:
        parts = urlsplit(url)
        _ = parts.port  # looked at only now by urllib, and its complaint would quote it
    except ValueError:
        raise _Wrong("the host or port is malformed; is a / ? # or @ in the secret not encoded?") from None
    if parts.path or parts.fragment or "#" in url:
        raise _Wrong("nothing may follow the host but ?options; is a / or # in the secret not encoded?")
    return parts


def _term(term: Term, encoded: str | None) -> str:
    if not encoded:
        raise _Wrong(f"the {term.name} is missing.")
    try:
        text = unquote(encoded, errors="strict")
    except UnicodeDecodeError:
        raise _Wrong(f"the {term.name} is not UTF-8 once decoded.") from None
    if not re.fullmatch(term.pattern, text):
        raise _Wrong(f"the {term.name} must be {term.form}.")
    return text


def _base_url(parts: SplitResult, provider: type[Provider], *, plain: bool) -> str:
    host = parts.hostname or ""
    if not host:
        raise _Wrong("the host is missing.")
    loopback = _is_loopback(host)
    if plain and not loopback:
        raise _Wrong("http without TLS is for loopback hosts only (localhost, 127.0.0.0/8, ::1).")
    if not loopback and host not in provider.hosts:
        raise _Wrong(f"the host must be {' or '.join(sorted(provider.hosts))}, or a loopback host.")
    shown = f"[{host}]" if ":" in host else host
    port = "" if parts.port is None else f":{parts.port}"
    return f"{'http' if plain else 'https'}://{shown}{port}"


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _options(query: str, provider: type[Provider]) -> dict[str, str]:
    try:
        given = parse_qsl(query, keep_blank_values=True, strict_parsing=True) if query else []
    except ValueError:
        raise _Wrong("the options must read name=value, joined by &.") from None
    if any(name not in provider.options for name, _ in given):
        raise _Wrong(f"an option is unknown; known are {', '.join(sorted(provider.options))}.")
    if len(dict(given)) != len(given):
        raise _Wrong("an option is given twice.")
    for name, value in given:
        if not provider.options[name].allows(value):
            raise _Wrong(f"{name} must be {provider.options[name].form}.")
    return {name: option.default for name, option in provider.options.items()} | dict(given)
