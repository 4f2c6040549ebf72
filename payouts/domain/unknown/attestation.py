"""What somebody has to say who attests what became of money: where they looked, when, what they found, and by what."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from payouts.domain.characters import refuse_unseen
from payouts.domain.errors import InvalidValue
from payouts.domain.unknown.resolving import Undecided

LONGEST_NOTE = 2000
_LONGEST_WHERE = _LONGEST_FOUND_AS = 200
_SHORTEST_WHERE = 3
_SHORTEST_SENTENCE, _FEWEST_WORDS = 20, 3
_PROVIDER_ID = re.compile(r"[0-9]{1,20}")
_TRANSACTION = re.compile(r"(0x)?[0-9A-Fa-f]{64}")


def check_found_as(text: str) -> str:
    """The provider's id, a transaction hash or a place in a statement, unchanged. Raises InvalidValue("found_as")."""
    _refuse_longer("found_as", text, _LONGEST_FOUND_AS)
    refuse_unseen("found_as", text)
    if text != text.strip():
        raise InvalidValue("found_as", "outer_space", "Remove the space at the beginning or at the end.")
    return text


def check_names_payment(found_as: str) -> None:
    """Raise InvalidValue("found_as", ...) for what names no payment, as the provider's id and a transaction do."""
    message = "Paid needs the provider’s own id of the payment, or its transaction: words name no payment."
    if not found_as:
        raise InvalidValue("found_as", "nothing_found", message)
    if not is_provider_id(found_as) and not is_transaction(found_as):
        raise InvalidValue("found_as", "names_no_payment", message)


def check_names_place(found_as: str) -> None:
    """Raise InvalidValue("found_as", ...) for nothing: where no provider can be asked, words may name the place."""
    if not found_as:
        message = "Paid needs the provider's id, the transaction, or the place in a statement."
        raise InvalidValue("found_as", "nothing_found", message)


def check_where(text: str) -> str:
    """Where somebody looked, unchanged. Raises InvalidValue("where_looked", ...)."""
    _refuse_longer("where_looked", text, _LONGEST_WHERE)
    refuse_unseen("where_looked", text)
    if len(text.strip()) < _SHORTEST_WHERE:
        raise InvalidValue("where_looked", "too_short", "Say where you looked, so that somebody else can look there.")
    return text


def check_note(text: str) -> str:
    """Evidence in words, several lines of it if need be; it may be empty. Raises InvalidValue("note", ...)."""
    _refuse_longer("note", text, LONGEST_NOTE)
    for line in text.splitlines():
        refuse_unseen("note", line)
    return text


def check_evidence_given(note: str, *, attached: bool) -> None:
    """Raise InvalidValue("note", ...) where there is neither a file nor a sentence."""
    if not attached and (len(note.strip()) < _SHORTEST_SENTENCE or len(note.split()) < _FEWEST_WORDS):
        message = "Attach a file, or write in a sentence what you saw: others decide by it."
        raise InvalidValue("note", "no_evidence", message)


def check_not_too_soon(moment: datetime, lines: Sequence[Undecided], *, long_enough: timedelta) -> None:
    """Raise InvalidValue("looked_at", ...) where finding nothing does not mean yet that nothing was paid.

    The provider may still be about to book what it was sent.
    """
    for line in lines:
        if line.sent_at is not None and moment < line.sent_at + long_enough:
            at = f"{line.sent_at + long_enough:%H:%M} UTC"
            message = (
                f"Withdrawal {line.short} may still be booked. Look again after {at}, then say that it was not paid."
            )
            raise InvalidValue("looked_at", "too_soon", message)


def check_looked_at(moment: datetime, lines: Sequence[Undecided], *, now: datetime) -> None:
    """Raise InvalidValue("looked_at", ...) for a look that nobody can have taken, or that proves nothing."""
    if moment > now:
        raise InvalidValue("looked_at", "in_the_future", "This time has not come yet.")
    for line in lines:
        if line.sent_at is not None and moment < line.sent_at.replace(second=0, microsecond=0):
            message = f"Withdrawal {line.short} was sent later than that: a look before proves nothing."
            raise InvalidValue("looked_at", "before_it_was_sent", message)


def is_provider_id(found_as: str) -> bool:
    """Whether it looks like a provider's own id of a withdrawal, which names one payment."""
    return _PROVIDER_ID.fullmatch(found_as) is not None


def is_transaction(found_as: str) -> bool:
    """Whether it looks like a transaction on a chain, which may pay several people, but nobody twice."""
    return _TRANSACTION.fullmatch(found_as) is not None


def transaction(text: str) -> str:
    """One spelling of the two or three that a transaction has, to compare by; empty for what is none."""
    return text.lower().removeprefix("0x") if is_transaction(text) else ""


def spellings(texts: Iterable[str]) -> frozenset[str]:
    """How the transactions among these may be spelled; nothing of what is none."""
    plain = {transaction(text) for text in texts} - {""}
    return frozenset(plain | {f"0x{text}" for text in plain})


def _refuse_longer(field: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise InvalidValue(field, "too_long", f"Write at most {longest} characters; there are {len(text)}.")
