"""Start-up checks: what has to be right before anything starts, each with an id and a hint."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured

from payouts.domain.errors import InvalidValue
from payouts.providers.credentials import InvalidAccount, is_loopback, parse_account
from payouts.providers.registry import PROVIDERS
from payouts.witness.place import is_file, open_witness
from payouts.worker import accounts

_LOCAL_HOSTS = {"localhost", "127.0.0.1", "[::1]", "testserver"}
_SHORTEST_TIME_TO_APPROVE = timedelta(hours=1)
_SHORTEST_TIME_BETWEEN_LOOKS = timedelta(minutes=1)
_SHORTEST_TIME_TO_BOOK = timedelta(minutes=1)
_SHORTEST_TIME_TO_SEND = timedelta(minutes=5)  # workers pause between calls, and wait when a provider is away


@register(Tags.security)
def secrets_are_set(**kwargs: Any) -> Sequence[CheckMessage]:  # noqa: ARG001
    """Both keys are there and long enough."""
    found = []
    for number, name in ((1, "SECRET_KEY"), (2, "SECOND_FACTOR_KEY")):
        value = _value(name)
        if len(value) < 32:
            found.append(
                Error(
                    f"{name} is missing or shorter than 32 characters.",
                    hint=f'Set {name} to the output of: python3 -c "import secrets; print(secrets.token_urlsafe(50))"',
                    id=f"payouts.E00{number}",
                )
            )
    return found


def _value(name: str) -> str:
    try:
        return str(getattr(settings, name))
    except ImproperlyConfigured:  # Django's own word for an empty SECRET_KEY
        return ""


@register(Tags.database)
def database_is_postgresql(**kwargs: Any) -> Sequence[CheckMessage]:  # noqa: ARG001
    """A PostgreSQL server is named."""
    engine = settings.DATABASES.get("default", {}).get("ENGINE", "")
    if engine.endswith("postgresql"):
        return []
    return [
        Error(
            "DATABASE_URL does not name a PostgreSQL server.",
            hint="Set DATABASE_URL=postgres://USER:PASSWORD@HOST/NAME, or start through script/demo.",
            id="payouts.E003",
        )
    ]


@register(Tags.security)
def approvals_are_required(**kwargs: Any) -> Sequence[CheckMessage]:  # noqa: ARG001
    """At least one other person approves; a single approval is worth a warning."""
    if settings.APPROVALS_REQUIRED < 1:
        hint = "Set APPROVALS_REQUIRED to 2, or to 1 for a team of maker and checker."
        return [Error("APPROVALS_REQUIRED must be at least 1.", hint=hint, id="payouts.E004")]
    if settings.APPROVALS_REQUIRED == 1:
        hint = "Two approvals protect against one stolen login. Set APPROVALS_REQUIRED=2 once you are three people."
        return [Warning("One approval is enough to send money.", hint=hint, id="payouts.W001")]
    return []


@register(Tags.security)
def approvals_expire(**kwargs: Any) -> Sequence[CheckMessage]:  # noqa: ARG001
    """There is time to approve, and time to send what was approved."""
    found = []
    if settings.APPROVE_WITHIN < _SHORTEST_TIME_TO_APPROVE:
        hint = "Set it to a whole number of hours, such as APPROVE_WITHIN_HOURS=24."
        found.append(Error("APPROVE_WITHIN_HOURS is not a whole number above 0.", hint=hint, id="payouts.E012"))
    if settings.SEND_WITHIN < _SHORTEST_TIME_TO_SEND:
        hint = "Set it to a whole number of minutes, such as SEND_WITHIN_MINUTES=120."
        found.append(Error("SEND_WITHIN_MINUTES is not a whole number of at least 5.", hint=hint, id="payouts.E013"))
    return found


@register(Tags.security)
def looks_are_apart(**kwargs: Any) -> Sequence[CheckMessage]:  # noqa: ARG001
    """Two looks that find nothing are far enough apart to permit a resend; the database asks for a minute itself."""
    if settings.LOOK_AGAIN_AFTER > _SHORTEST_TIME_BETWEEN_LOOKS:
        return []
    hint = "Set it to a number of seconds above 60, such as LOOK_AGAIN_AFTER_SECONDS=300."
    return [Error("LOOK_AGAIN_AFTER_SECONDS is not a number above 60.", hint=hint, id="payouts.E014")]


@register(Tags.security)
def nothing_is_called_unpaid_too_soon(**kwargs: Any) -> Sequence[CheckMessage]:  # noqa: ARG001
    """A provider has time to book what it was sent before people may say that it did not."""
    if settings.NOT_PAID_AFTER >= _SHORTEST_TIME_TO_BOOK:
        return []
    hint = "Set it to a whole number of minutes, such as NOT_PAID_AFTER_MINUTES=15."
    return [Error("NOT_PAID_AFTER_MINUTES is not a whole number above 0.", hint=hint, id="payouts.E015")]


@register(Tags.security)
def accounts_are_readable(**kwargs: Any) -> Sequence[CheckMessage]:  # noqa: ARG001
    """Every PROVIDER_ACCOUNT_… can be read and parsed; the message never repeats its value."""
    faults = dict(settings.PROVIDER_ACCOUNT_FAULTS)
    for name, url in settings.PROVIDER_ACCOUNT_SECRETS.items():
        try:
            parse_account(name, url, providers=PROVIDERS)
        except InvalidAccount as err:
            faults[f"PROVIDER_ACCOUNT_{name.upper()}"] = str(err)
    hint = "See .env.example for the form of PROVIDER_ACCOUNT_<NAME>."
    return [Error(f"{variable}: {fault}", hint=hint, id="payouts.E005") for variable, fault in faults.items()]


@register(Tags.database)
def the_witness_lies_elsewhere(**kwargs: Any) -> Sequence[CheckMessage]:  # noqa: ARG001
    """WITNESS_URL names a place, and where money is real not one that goes back in time with the database."""
    hint = "Set WITNESS_URL to a file on another disk, or to another PostgreSQL server: see .env.example."
    try:
        lies_elsewhere = is_file(settings.WITNESS_URL) or not _is_server_of_the_database(settings.WITNESS_URL)
        open_witness(settings.WITNESS_URL).close()
    except InvalidValue as err:
        return [Error(f"WITNESS_URL cannot be read. {err}", hint=hint, id="payouts.E016")]
    if lies_elsewhere or not money_is_real():
        return []
    return [Error("WITNESS_URL names the server of DATABASE_URL.", hint=hint, id="payouts.E017")]


def _is_server_of_the_database(url: str) -> bool:
    theirs, ours = urlsplit(url), settings.DATABASES.get("default", {})
    named = (theirs.hostname or "", str(theirs.port or 5432))
    return named == (ours.get("HOST", ""), str(ours.get("PORT") or 5432))


@register(Tags.security)
def one_key_has_one_name(**kwargs: Any) -> Sequence[CheckMessage]:  # noqa: ARG001
    """No key stands under two names: what is held back under one would go out under the other."""
    if accounts_are_readable():
        return []
    names: dict[str, list[str]] = {}
    for name in sorted(accounts.credentials()):
        names.setdefault(accounts.identity(name).key_fingerprint, []).append(f"PROVIDER_ACCOUNT_{name.upper()}")
    hint = "Remove all but one: equal payments are told apart, and paced, within one account."
    return [
        Error(f"{' and '.join(variables)} hold the same key: one key has one name.", hint=hint, id="payouts.E020")
        for variables in names.values()
        if len(variables) > 1
    ]


@register(Tags.security)
def debug_stays_away_from_money(**kwargs: Any) -> Sequence[CheckMessage]:  # noqa: ARG001
    """DEBUG and DEMO never meet a real provider."""
    if not money_is_real():
        return []
    hint = "Unset it, or remove the provider accounts that are not on this machine."
    return [
        Error(f"{name} is on while real provider accounts are configured.", hint=hint, id=f"payouts.E00{number}")
        for number, name in ((6, "DEBUG"), (7, "DEMO"))
        if getattr(settings, name)
    ]


def money_is_real() -> bool:
    """Whether an account of this environment leads to a provider that is not on this machine."""
    if accounts_are_readable():
        return False
    return not all(is_loopback(found) for found in accounts.credentials().values())


@register(Tags.security)
def plain_http_stays_local(**kwargs: Any) -> Sequence[CheckMessage]:  # noqa: ARG001
    """HTTPS may be switched off for this machine's own names only."""
    strangers = sorted(set(settings.ALLOWED_HOSTS) - _LOCAL_HOSTS)
    if settings.HTTPS_ONLY or not strangers:
        return []
    hint = "Remove HTTPS_ONLY=off: sessions would travel in the clear."
    return [Error(f"HTTPS_ONLY is off for {', '.join(strangers)}.", hint=hint, id="payouts.E008")]


@register(Tags.security)
def debug_stays_local(**kwargs: Any) -> Sequence[CheckMessage]:  # noqa: ARG001
    """DEBUG pages show code and values: for this machine only."""
    strangers = sorted(set(settings.ALLOWED_HOSTS) - _LOCAL_HOSTS)
    if not settings.DEBUG or not strangers:
        return []
    return [Error(f"DEBUG is on for {', '.join(strangers)}.", hint="Remove DEBUG=on.", id="payouts.E009")]


@register(Tags.security)
def hosts_are_named(**kwargs: Any) -> Sequence[CheckMessage]:  # noqa: ARG001
    """Every host is a whole name: with a pattern, a request would choose the host."""
    patterns = [host for host in settings.ALLOWED_HOSTS if host.startswith(("*", "."))]
    if not patterns:
        return []
    hint = "Name each host in full, such as ALLOWED_HOSTS=countersign.example.com."
    return [Error(f"ALLOWED_HOSTS holds {', '.join(patterns)}.", hint=hint, id="payouts.E010")]


@register(Tags.security)
def links_lead_home(**kwargs: Any) -> Sequence[CheckMessage]:  # noqa: ARG001
    """Where money is real, links in mails lead to the site's own address, over HTTPS."""
    home = urlsplit(settings.SITE_URL)
    if not settings.HTTPS_ONLY or not money_is_real() or (home.scheme == "https" and home.hostname):
        return []
    hint = "Set SITE_URL to where people reach the site, such as https://countersign.example.com."
    return [Error("SITE_URL is missing or does not start with https://.", hint=hint, id="payouts.E011")]
