"""What a provider declares and promises. The words every file here shares; no HTTP and no signing."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import ClassVar, Protocol, runtime_checkable

from payouts.domain.recipients.kind import Kind
from payouts.domain.sending.answer import Answer
from payouts.domain.sending.instruction import Instruction
from payouts.domain.sending.promises import Promises
from payouts.domain.unknown.record import Records
from payouts.domain.withdrawals.order import Order


@dataclass(frozen=True)
class AssetSpec:
    """A coin that the provider sends on a network, and the most decimals an amount of it may have."""

    network: str
    coin: str
    decimals: int


@dataclass(frozen=True)
class Credentials:
    """What one account signs with, and where it calls. Its repr shows neither key nor secret."""

    account: str
    provider: str
    key: str = field(repr=False)
    secret: str = field(repr=False)
    base_url: str  # scheme, host and port; no path
    options: Mapping[str, str] = field(default_factory=dict)
    customer: str = ""  # who we are at the provider; empty where nobody said


@dataclass(frozen=True)
class Term:
    """A part of an account's URL: what people call it, and the form it must have."""

    name: str
    pattern: str
    form: str


@dataclass(frozen=True)
class Option:
    """A query option of an account's URL: its default, the values it allows, and those in words."""

    default: str
    allows: Callable[[str], bool]
    form: str


def whole(default: int, *, least: int, most: int) -> Option:
    """An option that is a whole number between two bounds, both included."""

    def allows(text: str) -> bool:
        digits = text.isascii() and text.isdigit() and len(text) <= len(str(most))
        return digits and least <= int(text) <= most

    return Option(str(default), allows, f"a whole number from {least} to {most}")


def one_of(default: str, *others: str) -> Option:
    """An option that is one of a few words."""
    words = (default, *others)
    return Option(default, words.__contains__, " or ".join(words))


# Who we are at a provider whose interface does not tell: people say it, and two of them confirm it.
CUSTOMER = Option(
    "",
    lambda text: re.fullmatch(r"[A-Za-z0-9._-]{0,64}", text) is not None,
    "at most 64 letters, digits, dots, - or _",
)

# Seconds for one whole call. Generous, because giving up early turns a payment into an unknown.
TIMEOUT = whole(20, least=1, most=30)


class Provider(Protocol):
    """One account at one provider. `submit` is called by one thread at a time."""

    name: ClassVar[str]  # also the scheme of its account URLs
    title: ClassVar[str]  # as people write it
    kinds: ClassVar[frozenset[Kind]]
    assets: ClassVar[tuple[AssetSpec, ...]]
    # Networks on which a coin beside those of `assets` may be added by hand, and the most decimals that it may have.
    decimals_of_others: ClassVar[Mapping[str, int]]
    takes_remark: ClassVar[bool]
    resend_allowed: ClassVar[bool]  # only where the provider promises that one reference pays once
    can_look_up: ClassVar[bool]  # whether it is a LookUp too
    stop_codes: ClassVar[frozenset[str]]  # of Refused and Unavailable: nothing more may be sent for the account
    hosts: ClassVar[frozenset[str]]  # the only hosts, beside loopback, that an account may name
    key: ClassVar[Term]
    secret: ClassVar[Term]
    options: ClassVar[Mapping[str, Option]]

    def __init__(self, credentials: Credentials) -> None: ...

    @staticmethod
    def customer(key: str, options: Mapping[str, str]) -> str:
        """Who we are at the provider, by what an account's URL says; empty where nobody said."""

    @staticmethod
    def fields(order: Order) -> dict[str, str | int]:
        """The documented fields, in the provider's own names, that say who is paid what.

        Asked when they are shown to people and when the order is claimed, which stores them; clock, key and signature
        are not among them. Raises InvalidValue where the order cannot be said in this provider's words.
        """

    def submit(self, instruction: Instruction, *, began: float | None = None) -> Answer:
        """Send the fields of the instruction as they are, once. Whatever is not a documented yes or no is Unknown.

        Clock, key and signature are added to them. Nothing is derived from anything else: there is no order here.

        `began` is a reading of `time.monotonic()` from which the call's deadline counts; now, where it is not given. A
        process that was suspended in between lets no byte out once that deadline is over.

        Raises InvalidValue, before anything has left, for an instruction of another account and for fields that
        cannot be signed.
        """

    def close(self) -> None:
        """Let the connection go. The next `submit` opens a new one."""


@runtime_checkable
class LookUp(Protocol):
    """What a provider offers beside `submit` when it can be asked what became of withdrawals. Changes nothing.

    `isinstance(provider, LookUp)` says the same as `provider.can_look_up`, and mypy understands it.
    """

    look_ups_a_minute: ClassVar[int]  # requests that the provider allows; one `records` needs one per page

    def records(self, *, since: datetime, until: datetime) -> Records:
        """Every withdrawal of the account made from `since` to `until`, both included, by whomever.

        Unavailable when any page failed or was not understood: it proves nothing then. Rows just outside the
        range may be among them. Raises ValueError unless both are aware and in order.
        """

    def clock_skew(self) -> timedelta | None:
        """The provider's time minus ours, half the round trip taken off; None when it could not be measured.

        Negative when our clock is fast.
        """


@runtime_checkable
class Timed(Protocol):
    """What a provider offers beside `submit` when it refuses requests by their time, and tells its own."""

    tolerates_behind: timedelta  # how slow our clock may be; Zoomex's recv_window

    def clock_skew(self) -> timedelta | None:
        """See LookUp.clock_skew."""


def promises_of(provider: Provider | type[Provider]) -> Promises:
    """What the provider's class says of it, as one value."""
    return Promises(
        resend_allowed=provider.resend_allowed,
        can_look_up=provider.can_look_up,
        stop_codes=provider.stop_codes,
        decimals={(spec.network, spec.coin): spec.decimals for spec in provider.assets},
        decimals_of_others=provider.decimals_of_others,
    )
