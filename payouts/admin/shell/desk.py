"""The desk: what waits for me, what needs attention, what I raised; each with a count and a way there."""

from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from payouts.admin.shell.listing import person_of, user_of
from payouts.admin.stopping.pauses import objection_to_everything
from payouts.admin.unknown.unknown import exposure
from payouts.domain.people.roles import Act, Person
from payouts.models import Address, IdentityChange, LostCall, Orphan, Pause, Resolution, Withdrawal
from payouts.models.withdrawals.queries import WithdrawalQuerySet
from payouts.workflow.sending.identity import unproposed_strangers

MOST_COUNTED = 99
ROWS_IN_TRAY = 5
STUCK_AFTER = timedelta(minutes=10)
REFUSED_FOR = timedelta(days=7)


@dataclass(frozen=True)
class Tray:
    """A pile on the desk: its first rows, how many there are, and where the rest is."""

    name: str
    title: str
    rows: list[Any]
    count: str
    url: str
    empty: str
    urgent: bool = False
    sums: tuple[tuple[str, Decimal], ...] = ()  # per coin, where the tray is about money at risk


def desk(request: HttpRequest) -> dict[str, Any]:
    """The trays of the person who asks; what they may not see is not there."""
    me, user = person_of(request), user_of(request)
    waiting = [*_changes(me), *_releases(me, user), *_found(me, user), *_to_approve(me, user), *_book(me, user)]
    own = [tray for tray in waiting if tray.rows]
    return {
        "own": own,
        "attention": [tray for tray in _attention(me) if tray.rows],
        "trays": [*(tray for tray in waiting if tray.empty and not tray.rows), *_mine(me, user)],
        "may_propose": me.may(Act.PROPOSE_ADDRESS),
        "may_raise": me.may(Act.RAISE),
        "may_pause": objection_to_everything(request) is None,
    }


def _changes(me: Person) -> list[Tray]:
    """The tray of accounts that a machine has otherwise than people accepted, for those who accept it."""
    if not me.may(Act.ACCEPT_IDENTITY):
        return []
    url = reverse("admin:payouts_identitychange_changelist")
    waiting = IdentityChange.objects.waiting()
    return [
        _tray("identities", "Another host, customer or key for an account", waiting, url, urgent=True),
        _strangers(),
    ]


def _strangers() -> Tray:
    """The tray of processes that have an account otherwise, where nobody has proposed that yet."""
    found = unproposed_strangers()
    rows = [{"account": account, "said": event} for account, event in found[:ROWS_IN_TRAY]]
    url = reverse("admin:payouts_account_changelist")
    return Tray("strangers", "A machine has an account otherwise", rows, str(len(found)), url, "", urgent=True)


def _releases(me: Person, user: User) -> list[Tray]:
    if not me.may(Act.RELEASE):
        return []
    waiting = Pause.objects.releasable_by(user, me.roles).select_related("account").widest_first()
    url = f"{reverse('admin:payouts_pause_changelist')}?state=open"
    return [_tray("release", "Paused, until people release it", waiting, url, urgent=True)]


def _attention(me: Person) -> list[Tray]:
    if not me.may(Act.VIEW_WITHDRAWALS):
        return []
    now, listing = timezone.now(), reverse("admin:payouts_withdrawal_changelist")
    unknown = Withdrawal.objects.unknown().order_by("status_changed_at")
    stuck = Withdrawal.objects.stuck(since=now - STUCK_AFTER).order_by("expires_at", "status_changed_at")
    refused = Withdrawal.objects.refused(since=now - REFUSED_FOR).order_by("-requested_at")
    return [
        *_lost_calls(me),
        *_orphans(me),
        _unknown(_with(unknown)),
        _tray("stuck", "Approved, but not sent", _with(stuck), f"{listing}?status__exact=approved", urgent=True),
        _tray("refused", "Refused in the last 7 days", _with(refused), f"{listing}?status__exact=refused"),
    ]


def _unknown(rows: QuerySet[Withdrawal]) -> Tray:
    """The tray of what may have been paid, with the sum of each coin."""
    tray = _tray("unknown", "Outcome unknown", rows, reverse("admin:payouts_resolution_changelist"), urgent=True)
    return replace(tray, sums=tuple(exposure())) if tray.rows else tray


def _lost_calls(me: Person) -> list[Tray]:
    """The tray of lost calls that no withdrawal answers for, for people who find out or confirm; else nothing."""
    if not (me.may(Act.PROPOSE_LOST_CALL) or me.may(Act.CONFIRM_LOST_CALL)):
        return []
    rows = LostCall.objects.to_find_out().with_facts().order_by("called_at", "id")
    url = f"{reverse('admin:payouts_lostcall_changelist')}?state=waits"
    return [_tray("lost", "Lost calls: was it paid?", rows, url, urgent=True)]


def _orphans(me: Person) -> list[Tray]:
    """The tray of open orphans, for people who may close one; else nothing."""
    if not me.may(Act.CLOSE_ORPHAN):
        return []
    rows = Orphan.objects.open().select_related("account", "record", "withdrawal").order_by("found_at", "id")
    url = f"{reverse('admin:payouts_orphan_changelist')}?state=open"
    return [_tray("orphans", "Without partner in the records", rows, url, urgent=True)]


def _found(me: Person, user: User) -> list[Tray]:
    if not me.may(Act.CONFIRM_RESOLUTION):
        return []
    waiting = Resolution.objects.confirmable_by(user).select_related("proposed_by").order_by("proposed_at")
    url = reverse("admin:payouts_resolution_changelist")
    return [_tray("confirm", "Findings that wait for your confirmation", waiting, url)]


def _with(rows: WithdrawalQuerySet[Withdrawal]) -> WithdrawalQuerySet[Withdrawal]:
    related = rows.select_related("address", "account", "requested_by", "proposal")
    return related.with_approvals().with_pauses()


def _to_approve(me: Person, user: User) -> list[Tray]:
    if not me.may(Act.APPROVE):
        return []
    waiting = _with(Withdrawal.objects.approvable_by(user)).order_by("expires_at", "requested_at")
    url = f"{reverse('admin:payouts_withdrawal_changelist')}?mine=waiting"
    return [_tray("approve", "Waits for your approval", waiting, url, "Nothing waits for your approval.")]


def _mine(me: Person, user: User) -> list[Tray]:
    listing = reverse("admin:payouts_withdrawal_changelist")
    trays = []
    if me.may(Act.RAISE):
        raised = _with(Withdrawal.objects.raised_by(user)).order_by("-requested_at")
        empty = "You have no request under way. Choose a payee in the address book to raise one."
        trays.append(_tray("raised", "Your requests under way", raised, f"{listing}?mine=raised", empty))
    if me.may(Act.VIEW_WITHDRAWALS) and not trays and not me.may(Act.APPROVE):
        latest = _with(Withdrawal.objects.all()).order_by("-requested_at", "-id")
        trays.append(_tray("latest", "Latest withdrawals", latest, listing, "No withdrawal has been raised yet."))
    return trays


def _book(me: Person, user: User) -> list[Tray]:
    if not me.may(Act.ACTIVATE_ADDRESS):
        return []
    proposed = Address.objects.proposed().exclude(proposed_by=user).select_related("account", "proposed_by")
    url = f"{reverse('admin:payouts_address_changelist')}?status__exact=proposed"
    empty = "No proposal waits for activation."
    return [_tray("activate", "Addresses to activate", proposed.order_by("proposed_at"), url, empty)]


def _tray(name: str, title: str, rows: QuerySet[Any], url: str, empty: str = "", *, urgent: bool = False) -> Tray:
    number = len(rows.order_by().values_list("pk")[: MOST_COUNTED + 1])
    count = f"{MOST_COUNTED}+" if number > MOST_COUNTED else str(number)
    return Tray(name, title, list(rows[:ROWS_IN_TRAY]), count, url, empty, urgent)
