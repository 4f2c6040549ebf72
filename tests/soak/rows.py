"""What the soak reads out of the database afterwards: papers, times to recover, and every row as text."""

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from payouts.audit import Event
from payouts.domain.canonical import digest
from payouts.domain.decisions.proposal import proposal_text
from payouts.domain.withdrawals.status import Status
from payouts.models import AuditEvent, Submission, Withdrawal
from payouts.preview import fields_to_send
from tests.soak.scene import CANARY, Cast
from tests.soak.truth import Paper


def papers(cast: Cast) -> list[Paper]:
    """One for every withdrawal that was raised."""
    trail: dict[str, list[tuple[Status, Status]]] = {}
    for event in AuditEvent.objects.filter(event=Event.STATUS_MOVED).order_by("id"):
        trail.setdefault(event.subject_id, []).append((Status(event.facts["old"]), Status(event.facts["new"])))
    rows = Withdrawal.objects.select_related("account", "address", "proposal").prefetch_related(
        "proposal__approvals", "submissions"
    )
    return [_paper(row, cast, trail.get(str(row.pk), [])) for row in rows]


def _paper(row: Withdrawal, cast: Cast, moves: Sequence[tuple[Status, Status]]) -> Paper:
    order = row.order()
    shown = digest(proposal_text("withdrawal", str(row.pk), row.content()))
    agreed = {each.approver_id for each in row.proposal.approvals.all() if each.digest == shown}
    return Paper(
        reference=row.reference,
        provider=order.provider,
        customer=cast.customer(order.account),
        status=Status(row.status),
        fields={name: str(value) for name, value in fields_to_send(order).items()},
        is_approved=len(agreed - {row.requested_by_id}) >= row.proposal.needed,
        moves=moves,
        was_resent=any(each.is_resend for each in row.submissions.all()),
    )


@dataclass(frozen=True)
class Recovery:
    """How long it took until something moved again, in seconds."""

    what: str
    longest_allowed: float
    took: Sequence[float]
    never: int = 0

    @property
    def is_kept(self) -> bool:
        """Whether each was in time."""
        return not self.never and max(self.took, default=0.0) < self.longest_allowed

    def line(self) -> str:
        """A row of the table."""
        median = f"{statistics.median(self.took):.1f}" if self.took else "-"
        longest = f"{max(self.took):.1f}" if self.took else "-"
        return f"| {self.what} | {len(self.took)} | {median} | {longest} | < {self.longest_allowed:g} |"


def recoveries(deeds: Sequence[Mapping[str, Any]], *, within: float) -> list[Recovery]:
    """From each kill to the next move of the row in hand, and of its account; from the database's return to theirs."""
    kills = [deed for deed in deeds if deed["deed"] == "kill"]
    back = [deed["at"] for deed in deeds if deed["deed"] == "back"]
    moved, accounts = _moves(), _accounts()
    in_hand = list(_rows_in_hand(kills))
    took = [_next(moved.get(row, []), at) for at, row in in_hand]
    went_on = [
        _next(accounts.moved[each], at) for at, row in in_hand if accounts.has_more(each := accounts.of[row], at)
    ]
    returned = [_next(times, at) for at in back for times in accounts.waiting_at(at)]
    return [
        _recovery("from a kill to the next move of the row in hand", within, took),
        _recovery("from a kill to the next call of the account, where more waited", within, went_on),
        _recovery("from the database's return to the next move in an account that had something to send", 10, returned),
    ]


def _recovery(what: str, allowed: float, took: Sequence[float | None]) -> Recovery:
    return Recovery(what, allowed, [each for each in took if each is not None], never=took.count(None))


def _next(times: Sequence[float], at: float) -> float | None:
    return next((time - at for time in times if time > at), None)


def _moves() -> dict[str, list[float]]:
    """When each withdrawal moved (Unix seconds, by the database's clock, which is this machine's)."""
    found: dict[str, list[float]] = {}
    for event in AuditEvent.objects.filter(event=Event.STATUS_MOVED).order_by("id"):
        found.setdefault(event.subject_id, []).append(event.at.timestamp())
    return found


def _rows_in_hand(kills: Iterable[Mapping[str, Any]]) -> Iterator[tuple[float, str]]:
    """Without what was being sent once more: its row is unknown before and after, until a look or people say more."""
    firsts = Submission.objects.filter(is_resend=False)
    calls = [(row.worker, *_open_during(row), str(row.withdrawal_id)) for row in firsts]
    for kill in kills:
        for worker, claimed, answered, row in calls:
            if f":{kill['pid']}:" in worker and claimed <= kill["at"] < answered:
                yield kill["at"], row


def _open_during(row: Submission) -> tuple[float, float]:
    return row.claimed_at.timestamp(), row.answered_at.timestamp() if row.answered_at else float("inf")


@dataclass
class _Accounts:
    """Whose each withdrawal is; when each account had something approved, a call that it waited for, and a claim."""

    of: Mapping[str, int]
    approved: dict[int, list[tuple[float, float]]]
    calling: dict[int, list[tuple[float, float]]]
    moved: dict[int, list[float]]

    def has_more(self, account: int, at: float) -> bool:
        """Whether something waited to be sent."""
        return _within(at, self.approved.get(account, []))

    def waiting_at(self, at: float) -> Iterator[Sequence[float]]:
        """The moves of each account that had something to send then and was free to send it."""
        for account in self.approved:
            if self.has_more(account, at) and not _within(at, self.calling.get(account, [])):
                yield self.moved[account]


def _within(at: float, spans: Iterable[tuple[float, float]]) -> bool:
    return any(begin <= at < end for begin, end in spans)


def _accounts() -> _Accounts:
    of = {str(pk): account for pk, account in Withdrawal.objects.values_list("pk", "account_id")}
    found = _Accounts(of, {}, {}, {})
    since: dict[str, float] = {}
    for event in AuditEvent.objects.filter(event=Event.STATUS_MOVED).order_by("id"):
        row, at = event.subject_id, event.at.timestamp()
        if event.facts["old"] == Status.APPROVED:
            found.approved.setdefault(of[row], []).append((since.pop(row), at))
        if event.facts["new"] == Status.APPROVED:
            since[row] = at
        if event.facts["new"] == Status.SUBMITTING:
            found.moved.setdefault(of[row], []).append(at)
    for call in Submission.objects.all():
        begun, ended = _open_during(call)
        waited_until = call.worker_gone_at.timestamp() if call.worker_gone_at else ended
        found.calling.setdefault(call.account_id, []).append((begun, waited_until))
    return found


def leaks(texts: Iterable[str]) -> list[str]:
    """The beginnings of those that hold a key or a secret."""
    return [f"a secret stands in: {text[:80]}…" for text in texts if CANARY in text]


def every_row() -> Iterator[str]:
    """Each row of each table, as text."""
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT row::text FROM "{table}" AS row')  # noqa: S608  a table's own name
            yield from (f"{table}: {text}" for (text,) in cursor.fetchall())
