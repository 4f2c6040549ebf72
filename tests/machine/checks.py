"""What must be true after every step, whatever the step was: our rows held against the provider's book."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from urllib.parse import parse_qsl
from uuid import UUID

from django.conf import settings

from demo.simulator.book import Call
from payouts.domain.canonical import digest
from payouts.domain.decisions.proposal import proposal_text
from payouts.domain.sending.answer import Outcome
from payouts.domain.withdrawals.status import MOVES, Status
from payouts.models import Approval, Look, Submission, Withdrawal
from tests.machine import rows
from tests.machine.installation import CUSTOMER, SECRET, Installation
from tests.machine.rows import Seen
from tests.machine.steps.next_step import next_step
from tests.machine.truth import Became, became

NOT_PAID = {Status.FAILED, Status.CANCELLED, Status.REFUSED, Status.REJECTED, Status.EXPIRED}
BEFORE = {Status.AWAITING_APPROVAL, Status.APPROVED}
SIGNED_ALONG = {"api_key", "timestamp", "recv_window", "sign", "code", "order_time"}  # beside what was approved
SAYS_ACCEPTED = {Status.SUBMITTED, Status.COMPLETED}


class Broken(AssertionError):
    """A promise does not hold."""


@dataclass
class Checks:
    """What was seen so far, so that each step is compared with the one before it."""

    here: Installation
    wanted: dict[str, dict[str, str]] = field(default_factory=dict)  # by reference: what the provider is to be told
    approved_by: defaultdict[str, set[int]] = field(default_factory=lambda: defaultdict(set))
    seen: list[Seen] = field(default_factory=list)
    taken: int = 0  # steps that were checked
    _trail: dict[str, Status] = field(default_factory=dict)
    _last: int = 0
    _calls: int = 0
    _booked: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    _sent: Counter[str] = field(default_factory=Counter)
    _outside: set[tuple[str | None, ...]] = field(default_factory=set)
    _signatures: set[str] = field(default_factory=set)

    def begin(self, *, after: int | None = None) -> None:
        """The installation has just begun anew; the trail counts from now on, or from that event on."""
        self.wanted.clear()
        self.approved_by.clear()
        self._trail.clear()
        self._booked.clear()
        self._sent.clear()
        self._outside.clear()
        self._signatures.clear()
        self.here.log.clear()
        self.seen, self._calls = [], 0
        self._last = rows.latest() if after is None else after

    def after_a_step(self) -> None:
        """Raises Broken, in a sentence."""
        self.taken += 1
        self._read_trail()
        self.seen = rows.withdrawals()
        self._read_book()
        for row in self.seen:
            self._check_row(row)
        self._check_equals()

    def at_the_end(self) -> None:
        """What is too slow for every step: no secret stands in any row."""
        self._no_secret(rows.everything(), "a row")

    # -- the trail --

    def _read_trail(self) -> None:
        self._last, told = rows.told_after(self._last)
        for event in told:
            if event.event == "status_moved":
                self._moved(event.subject, Status(str(event.old)), Status(str(event.new)))
        self._no_secret(" ".join([*(event.facts for event in told), *self.here.log]), "the trail or the log")
        self.here.log.clear()

    def _moved(self, subject: str, old: Status, new: Status) -> None:
        stood = self._trail.get(subject, Status.AWAITING_APPROVAL)
        if old is not stood:
            raise Broken(f"the trail of {subject} moves it from {old}, and it stood at {stood}")
        if new not in MOVES[old]:
            raise Broken(f"{subject} was {old}, which is followed by nothing like {new}")
        self._trail[subject] = new

    # -- the book --

    def _read_book(self) -> None:
        """Every call since the last step; the account sends one after another, so their order is the book's."""
        calls = self.here.book.calls()
        for call in calls[self._calls :]:
            self._signatures |= {call.headers.get("X-BAPI-SIGN", ""), _told(call).get("sign", "")} - {""}
            reference = self.here.book.sender(call)
            if reference is None:
                self._outside.add(_identity(call))
            else:
                self._called(reference, call)
        self._calls = len(calls)

    def _called(self, reference: str, call: Call) -> None:
        self._only_a_permitted_resend(reference)
        if call.booked:
            self._booked[reference].append(call.sequence)
            self._as_approved(reference, call)
        if len(self._booked[reference]) > 1:
            raise Broken(f"{reference} was booked twice")

    def _only_a_permitted_resend(self, reference: str) -> None:
        """However the provider takes it: where it promised nothing, or was not looked for twice, luck saved us."""
        if self._sent[reference]:
            calls = Submission.objects.filter(withdrawal_id=UUID(reference)).select_related("account")
            again = calls.latest("number")
            earlier = calls.exclude(outcome=Outcome.NOT_EXECUTED).exclude(pk=again.pk)
            if earlier.exists() and not (again.is_resend and _was_looked_for(again)):
                raise Broken(f"{reference} was sent again although it may have been booked")
        self._sent[reference] += 1

    def _as_approved(self, reference: str, call: Call) -> None:
        told = _told(call)
        said = {name: value for name, value in told.items() if name not in SIGNED_ALONG}
        if said != self.wanted.get(reference):
            raise Broken(f"booked {said} for {reference}, approved was {self.wanted.get(reference)}")
        withdrawal = Withdrawal.objects.select_related("account", "address").get(pk=UUID(reference))
        if call.customer != CUSTOMER[withdrawal.account.name]:
            raise Broken(f"{reference} was paid from another account")
        shown = digest(proposal_text("withdrawal", str(withdrawal.pk), withdrawal.content()))
        approvals = Approval.objects.filter(proposal=withdrawal.proposal_id, digest=shown)
        people = set(approvals.values_list("approver_id", flat=True)) & self.approved_by[reference]
        if len(people - {withdrawal.requested_by_id}) < 2:
            raise Broken(f"{reference} was booked with {len(people)} approvals")

    # -- each withdrawal --

    def _check_row(self, row: Seen) -> None:
        told = self._trail.get(str(row.id), Status.AWAITING_APPROVAL)
        if told is not row.status:
            raise Broken(f"{row.reference} stands at {row.status}, and its trail ends at {told}")
        if next_step(row.standing) is None:
            raise Broken(f"nothing moves {row.reference} on: {row.standing}")
        calls = self._calls_of(row.reference)
        money = became(calls)
        if money in (Became.PAID, Became.ON_ITS_WAY) and row.status in NOT_PAID | BEFORE:
            raise Broken(f"{row.reference} is {money.value}, and called {row.status}")
        if row.status is Status.COMPLETED and money is Became.GIVEN_BACK and not self._has_an_equal_outside(row):
            raise Broken(f"{row.reference} was given back, and called completed")

    def _calls_of(self, reference: str) -> list[Call]:
        if not self._booked.get(reference):
            return []
        every = self.here.book.calls()
        return [every[number - 1] for number in self._booked[reference]]

    def _check_equals(self) -> None:
        """What is called accepted is booked. Beside equal payments made outside, as many are as are called so."""
        for row in self.seen:
            if row.status in SAYS_ACCEPTED and not self._booked.get(row.reference):
                alike = [each for each in self.seen if each.group == row.group]
                called = sum(each.status in SAYS_ACCEPTED for each in alike)
                if called > self._booked_like(alike):
                    raise Broken(f"{row.reference} is called {row.status}, and was not booked")

    def _booked_like(self, alike: list[Seen]) -> int:
        if not self._has_an_equal_outside(alike[0]):
            return sum(len(self._booked.get(each.reference, [])) for each in alike)
        identity = self._identity_of(alike[0])
        return sum(_identity(call) == identity for call in self.here.book.booked())

    def _has_an_equal_outside(self, row: Seen) -> bool:
        """Whether somebody paid the very same elsewhere: which record is whose, nobody can tell then."""
        return self._identity_of(row) in self._outside

    def _identity_of(self, row: Seen) -> tuple[str | None, ...]:
        wanted = self.wanted[row.reference]
        account = next(name for name, found in self.here.accounts.items() if found.pk == row.account)
        recipient = wanted.get("address") or wanted.get("to_address")
        return CUSTOMER[account], recipient, wanted.get("amount") or wanted.get("withdraw_amount")

    # -- secrets --

    def _no_secret(self, text: str, where: str) -> None:
        zoomex = [CUSTOMER[name] for name in CUSTOMER if name in SECRET and "canary" in CUSTOMER[name]]
        for secret in (*SECRET.values(), *zoomex, *self._signatures):
            if secret in text:
                raise Broken(f"a secret stands in {where}")


def _was_looked_for(again: Submission) -> bool:
    """Twice, in vain, and far enough apart, where the provider promised that one reference pays once."""
    looks = Look.objects.absent().filter(withdrawal=again.withdrawal_id, looked_at__lt=again.claimed_at)
    moments = sorted(looks.values_list("looked_at", flat=True))
    return again.account.resend_allowed and len(moments) > 1 and moments[-1] - moments[0] >= settings.LOOK_AGAIN_AFTER


def _identity(call: Call) -> tuple[str | None, ...]:
    return call.customer, call.address, call.amount


def _told(call: Call) -> dict[str, str]:
    """The fields of a call, as the digits and letters that were sent."""
    if not call.body:
        return {}
    if call.content_type.startswith("application/json"):
        return {name: str(value) for name, value in json.loads(call.body, parse_float=str, parse_int=str).items()}
    return dict(parse_qsl(call.body, keep_blank_values=True))
