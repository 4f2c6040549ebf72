"""The unknown desk: what may have been paid, since when, what looking came to, and whose turn it is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Count, Max, Sum
from django.utils import timezone

from payouts.admin.shell.promises import can_look_up, resend_allowed
from payouts.admin.unknown.equals import equals_of, not_sent_again
from payouts.domain.people.roles import Act, Person
from payouts.domain.sending.answer import Outcome
from payouts.domain.unknown import resolving
from payouts.models import Look, Resolution, ResolutionLine, Submission, Withdrawal
from payouts.models.unknown.record import LookResult
from payouts.preview import title
from payouts.workflow.unknown.finding import undecided

DESK_ROWS = 50
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class UnknownRow:
    """One withdrawal on the desk, in sentences."""

    withdrawal: Withdrawal
    age: str
    looked: str
    next: str  # what happens by itself; empty where nothing does
    resolution: Resolution | None  # what somebody says became of it
    mine: bool  # whether that waits for the person who looks
    may_propose: bool


@dataclass(frozen=True)
class Looked:
    """How many looks were taken for a withdrawal, and the last of them."""

    times: int
    last: Look


def exposure() -> list[tuple[str, Decimal]]:
    """How much may have been paid, as (coin, sum)."""
    per_coin = Withdrawal.objects.unknown().order_by("coin").values_list("coin").annotate(Sum("amount"))
    return [(coin, total) for coin, total in per_coin]


def unknown_rows(me: Person, user: User) -> list[UnknownRow]:
    """The unknown withdrawals, oldest first, DESK_ROWS + 1 at most, in a fixed number of queries."""
    waiting = Withdrawal.objects.unknown().select_related("address", "account", "requested_by")
    withdrawals = list(waiting.order_by("status_changed_at", "id")[: DESK_ROWS + 1])
    ids = [withdrawal.pk for withdrawal in withdrawals]
    looks, resolutions, resent = _looks(ids), _open_resolutions(ids), _resent(ids)
    to_confirm = set(_confirmable(me, user))
    now, equals = timezone.now(), equals_of(withdrawals)
    rows = []
    for withdrawal, facts in zip(withdrawals, undecided(withdrawals), strict=True):
        looked, resolution = looks.get(withdrawal.pk), resolutions.get(withdrawal.pk)
        promised = resend_allowed(withdrawal.account) and withdrawal.pk not in resent and resolution is None
        rows.append(
            UnknownRow(
                withdrawal,
                age=age(now - withdrawal.status_changed_at),
                looked=what_looking_came_to(withdrawal, looked),
                next=what_happens_next(withdrawal, looked, resend_left=promised, equal=equals.get(withdrawal.pk)),
                resolution=resolution,
                mine=resolution is not None and resolution.pk in to_confirm,
                may_propose=resolving.may_propose([facts], me) is None,
            )
        )
    return rows


def what_is_known(withdrawal: Withdrawal) -> str:
    """What looking for the withdrawal came to, and what happens next."""
    looked = _looks([withdrawal.pk]).get(withdrawal.pk)
    left = (
        resend_allowed(withdrawal.account) and not _resent([withdrawal.pk]) and not _open_resolutions([withdrawal.pk])
    )
    equal = equals_of([withdrawal]).get(withdrawal.pk)
    next_step = what_happens_next(withdrawal, looked, resend_left=left, equal=equal)
    return f"{what_looking_came_to(withdrawal, looked)} {next_step or 'Two people have to find out.'}"


def age(span: timedelta) -> str:
    """A span in days, hours or minutes, as `3 hours`; in days from two days on."""
    for unit, name in ((_DAY, "day"), (_HOUR, "hour"), (timedelta(minutes=1), "minute")):
        number = span // unit
        if number >= (2 if unit is _DAY else 1):
            return f"{number} {name}" if number == 1 else f"{number} {name}s"
    return "less than a minute"


def what_looking_came_to(withdrawal: Withdrawal, looked: Looked | None) -> str:
    """One sentence on the looks that were taken at the provider's records."""
    provider = title(withdrawal.account.provider)
    if not can_look_up(withdrawal.account):
        return f"{provider} cannot be asked what became of it."
    if looked is None:
        return f"Not looked for at {provider} yet."
    times = {1: "once", 2: "twice"}.get(looked.times, f"{looked.times} times")
    return f"Looked {times} at {provider}, last at {clock(looked.last.looked_at)}: {_found(looked.last)}."


def what_happens_next(
    withdrawal: Withdrawal, looked: Looked | None, *, resend_left: bool, equal: Withdrawal | None = None
) -> str:
    """What the worker does next by itself, or why it does not; empty where it has nothing left to do.

    `equal` is a payment of another account of the customer that could not be told from it.
    """
    by_itself = _by_itself(withdrawal, looked, resend_left=resend_left and equal is None)
    return " ".join(filter(None, [by_itself, not_sent_again(equal) if equal else ""]))


def _by_itself(withdrawal: Withdrawal, looked: Looked | None, *, resend_left: bool) -> str:
    if not can_look_up(withdrawal.account) or withdrawal.next_look_at is None:
        return ""
    due = withdrawal.next_look_at
    sentence = "Looks again any moment." if due <= timezone.now() else f"Looks again at {clock(due)}."
    if resend_left and looked is not None and looked.last.result == LookResult.ABSENT:
        sentence += " If there is none then, it may be sent once more under the same reference, which is paid once."
    return sentence


def clock(moment: datetime) -> str:
    """The time of day, with the day where it is not today's."""
    local = timezone.localtime(moment)
    day = "" if local.date() == timezone.localdate() else f"{local.day} {local:%b} "
    return f"{day}{local:%H:%M}"


def _found(look: Look) -> str:
    match LookResult(look.result):
        case LookResult.ABSENT:
            return "no record fits"
        case LookResult.AMBIGUOUS:
            return f"{look.fitting} records fit, and nothing tells which one is ours"
        case LookResult.UNAVAILABLE:
            return "its records could not be read"
        case LookResult.FOUND:
            return "a record was found"


def _looks(ids: list[UUID]) -> dict[UUID, Looked]:
    counted = Look.objects.filter(withdrawal__in=ids).order_by().values_list("withdrawal")
    taken = {last: times for _, times, last in counted.annotate(Count("id"), Max("id"))}
    return {look.withdrawal_id: Looked(taken[look.pk], look) for look in Look.objects.filter(pk__in=taken)}


def _open_resolutions(ids: list[UUID]) -> dict[UUID, Resolution]:
    lines = ResolutionLine.objects.filter(withdrawal__in=ids, is_open=True)
    return {line.withdrawal_id: line.resolution for line in lines.select_related("resolution__proposed_by")}


def _resent(ids: list[UUID]) -> set[UUID]:
    again = Submission.objects.filter(withdrawal__in=ids, is_resend=True).exclude(outcome=Outcome.NOT_EXECUTED)
    return set(again.values_list("withdrawal_id", flat=True))


def _confirmable(me: Person, user: User) -> list[UUID]:
    if not me.may(Act.CONFIRM_RESOLUTION):
        return []
    return list(Resolution.objects.confirmable_by(user).values_list("pk", flat=True))
