"""Who may call, read from the JSON text in the environment variable SIMULATOR_CUSTOMERS.

    {
      "zoomex": [{
        "api_key": "…", "api_secret": "…",
        "balances": {"USDT": "100000"},          coins it knows, and how much of each there is
        "recipients": "*",                       or ["email:ada@example.com", "phone:45:20123456", "uid:1234"]
        "rate": 1,                               creates per rolling second; 0 switches every limit off
        "settles_after": 5,                      seconds until a record says "Transferred successfully"
        "duplicates": "code",                    10014 for a repeated requestId; or "same_id": its first answer
        "user_id": "1000001"                     as its records show it
      }],
      "swapspace": [{
        "code": "100119", "access_key": "…",
        "balances": {"USDT": "100000"},
        "content": "either",                     "json", "form" or "either": the body it may send
        "internal": [],                          addresses that are the provider's own: 40007
        "prohibited": false,                     true: 40004
        "settles_after": 5,                      seconds until its withdrawal record says "Success"
        "allowed_ips": null                      a list: any other caller gets 40010
      }]
    }

api_key, api_secret, code, access_key and balances are needed. The rest may be left out: what stands above is
the default, except for `recipients`, which is empty by default, as a new address book is.
"""

import json
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from decimal import Decimal, InvalidOperation
from typing import Any

VARIABLE = "SIMULATOR_CUSTOMERS"

_PLAIN_TYPES: dict[str, type | tuple[type, ...]] = {
    "api_key": str,
    "api_secret": str,
    "access_key": str,
    "user_id": str,
    "rate": int,
    "settles_after": (int, float),
    "prohibited": bool,
}


class BadCustomers(Exception):
    """SIMULATOR_CUSTOMERS cannot be used; the message says why and repeats no secret."""


@dataclass(frozen=True)
class ZoomexCustomer:
    """A Zoomex master account, by its API key."""

    api_key: str
    api_secret: str
    balances: Mapping[str, Decimal]
    recipients: frozenset[str] | None = frozenset()  # None: everybody ("*")
    rate: int = 1
    settles_after: float = 5
    user_id: str = "1000001"
    duplicates: str = "code"  # no page says which; nothing is ever booked twice


@dataclass(frozen=True)
class SwapspaceCustomer:
    """A Swapspace merchant, by its code."""

    code: str
    access_key: str
    balances: Mapping[str, Decimal]
    content: str = "either"
    internal: frozenset[str] = frozenset()
    prohibited: bool = False
    allowed_ips: frozenset[str] | None = None
    settles_after: float = 5


@dataclass(frozen=True)
class Customers:
    """Everybody who may call, by API key and by merchant code."""

    zoomex: Mapping[str, ZoomexCustomer]
    swapspace: Mapping[str, SwapspaceCustomer]


def parse(text: str) -> Customers:
    """Read the JSON text; raises BadCustomers."""
    try:
        told = json.loads(text)
        zoomex = [_zoomex(entry) for entry in told.get("zoomex", [])]
        swapspace = [_swapspace(entry) for entry in told.get("swapspace", [])]
    except (ValueError, TypeError, AttributeError, InvalidOperation) as err:
        why = type(err).__name__  # its text could repeat a secret
        raise BadCustomers(f"{VARIABLE} is not the JSON described in {__name__}: {why}.") from None
    return Customers({c.api_key: c for c in zoomex}, {c.code: c for c in swapspace})


def _zoomex(entry: dict[str, Any]) -> ZoomexCustomer:
    _check_entry(entry, ZoomexCustomer)
    if entry.get("duplicates", "code") not in ("code", "same_id"):
        raise BadCustomers(f'{VARIABLE}: "duplicates" is code or same_id.')
    everybody = entry.get("recipients") == "*"
    recipients = None if everybody else _texts(entry.get("recipients", []))
    return ZoomexCustomer(**{**entry, "balances": _balances(entry), "recipients": recipients})


def _swapspace(entry: dict[str, Any]) -> SwapspaceCustomer:
    _check_entry(entry, SwapspaceCustomer)
    if entry.get("content", "either") not in ("json", "form", "either"):
        raise BadCustomers(f'{VARIABLE}: "content" is json, form or either.')
    ips = entry.get("allowed_ips")
    changed = {
        "code": str(entry["code"]),
        "balances": _balances(entry),
        "internal": _texts(entry.get("internal", [])),
        "allowed_ips": None if ips is None else _texts(ips),
    }
    return SwapspaceCustomer(**{**entry, **changed})


def _check_entry(entry: dict[str, Any], kind: type[ZoomexCustomer] | type[SwapspaceCustomer]) -> None:
    needed = {known.name for known in fields(kind) if known.default is MISSING}
    unknown = set(entry) - {known.name for known in fields(kind)}
    if missing := needed - set(entry):
        raise BadCustomers(f"{VARIABLE}: a customer lacks {', '.join(sorted(missing))}.")
    if unknown:
        raise BadCustomers(f"{VARIABLE}: unknown entries {', '.join(sorted(unknown))}.")
    for name in _PLAIN_TYPES.keys() & entry.keys():
        if not isinstance(entry[name], _PLAIN_TYPES[name]):
            raise BadCustomers(f"{VARIABLE}: {name} is of the wrong type.")


def _balances(entry: dict[str, Any]) -> dict[str, Decimal]:
    return {coin: Decimal(amount) for coin, amount in entry["balances"].items()}


def _texts(entries: object) -> frozenset[str]:
    if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
        raise BadCustomers(f"{VARIABLE}: lists hold texts.")
    return frozenset(entries)
