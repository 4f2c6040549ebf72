"""Lost calls as proposals: one person says what became of a call that no withdrawal answers for, another confirms it.

Of a withdrawal that was over when the call was found, or that is gone as well. Content: the finding
(`LostFinding.content`). One approver with a fresh code, neither the finder nor whoever asked for the withdrawal. What
is confirmed is written beside the lost call, for good; after "not paid" its withdrawal may be asked for again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.utils import timezone

from payouts import audit
from payouts.audit import Event
from payouts.domain.decisions.proposal import Content
from payouts.domain.errors import InvalidValue, Objection
from payouts.domain.people.roles import Act, Person
from payouts.domain.unknown import attestation
from payouts.domain.unknown import lost_call as rules
from payouts.domain.unknown.matching import same_payment
from payouts.domain.unknown.resolving import Undecided
from payouts.domain.withdrawals.status import Status
from payouts.models import LostCall, LostFinding, ProviderRecord, person
from payouts.models.unknown.resolution import Verdict
from payouts.workflow.attempt import attempt
from payouts.workflow.decisions import proposing
from payouts.workflow.decisions.kind import Rejectable
from payouts.workflow.sending.promised import is_filed
from payouts.workflow.unknown import claimed
from payouts.workflow.unknown.owners import taken_from
from payouts.workflow.unknown.proving import proven_records


@dataclass(frozen=True)
class Said:
    """What somebody says of a lost call, and by what."""

    verdict: Verdict
    found_as: str
    where_looked: str
    looked_at: datetime
    note: str


class LostCallKind(Rejectable[LostFinding]):
    """What became of one lost call."""

    name: ClassVar[str] = "lost_call"
    act: ClassVar[Act] = Act.CONFIRM_LOST_CALL
    approved: ClassVar[Event] = Event.LOST_CALL_CONFIRMED
    refused: ClassVar[Event] = Event.LOST_CALL_OBJECTED
    reject_act: ClassVar[str] = "decline_lost_call"
    reject_refused: ClassVar[Event] = Event.LOST_CALL_OBJECTED

    def held(self, subject: str) -> LostFinding:
        return LostFinding.objects.locked(UUID(subject))

    def subject(self, thing: LostFinding) -> str:
        return str(thing.pk)

    def content(self, thing: LostFinding) -> Content:
        """As the second person sees it."""
        return thing.content()

    def excluded(self, thing: LostFinding) -> frozenset[int]:
        """Whoever found it out, and whoever asked for the withdrawal."""
        withdrawal = thing.call.withdrawal
        return frozenset({thing.proposed_by_id, *([withdrawal.requested_by_id] if withdrawal else [])})

    def objection(self, thing: LostFinding, person: Person, *, shown_digest: str) -> Objection | None:
        """As the rules say; and nothing that the provider tells, or that is known of others, says otherwise."""
        objection = rules.may_confirm(thing.facts(), person, shown_digest=shown_digest)
        claimed.hold([thing.call.account_id], [thing.found_as])  # before it is asked whose that is
        return objection or speaks_against(thing.call, Verdict(thing.verdict), thing.found_as)

    def about(self, thing: LostFinding) -> LostCall:
        """The lost call."""
        return thing.call

    def told(self, thing: LostFinding, note: str) -> Mapping[str, Any]:  # noqa: ARG002
        """The verdict, and of which reference."""
        return {"verdict": thing.verdict, "reference": thing.call.reference, "found_as": thing.found_as}

    def carry(self, thing: LostFinding, *, by: User) -> None:  # noqa: ARG002
        """Written down beside the lost call."""
        LostFinding.objects.filter(pk=thing.pk).update(is_open=False)
        LostCall.objects.filter(pk=thing.call_id).update(
            verdict=thing.verdict, found_as=thing.found_as, decided=thing.proposal, next_look_at=None
        )
        thing.refresh_from_db(fields=["is_open"])

    def may_reject(self, thing: LostFinding, person: Person) -> Objection | None:
        """By approvers and its finder, while it is open."""
        return rules.may_decline(thing.facts(), person)

    def turn_down(self, thing: LostFinding, *, reason: str, by: User) -> None:
        """Nothing is decided; what is found anew is a new finding."""
        LostFinding.objects.filter(pk=thing.pk).update(is_open=False)
        audit.record(Event.LOST_CALL_DECLINED, by=by, about=thing.call, why=reason)


LOST_CALL = LostCallKind()


def propose(call_id: UUID, said: Said, *, by: User) -> LostFinding:
    """Say what became of a lost call; nothing is decided until another person confirms it.

    Raises NotPermitted (audited) or InvalidValue.
    """
    with attempt(Event.LOST_CALL_OBJECTED, by=by, act=Act.PROPOSE_LOST_CALL) as trying:
        call = LostCall.objects.locked(call_id)
        trying.on(call)
        trying.unless(rules.may_propose(call.facts(), person(by)))
        check(said, call)
        trying.unless(speaks_against(call, said.verdict, said.found_as))
        return _write(call, said, by=by)


def check(said: Said, call: LostCall) -> None:
    """Raise InvalidValue, naming the field, when something about it is not in order."""
    attestation.check_where(said.where_looked)
    sent = [_as_undecided(call)]
    attestation.check_looked_at(said.looked_at, sent, now=timezone.now())
    attestation.check_note(said.note)
    attestation.check_evidence_given(said.note, attached=False)
    attestation.check_found_as(said.found_as)
    if said.verdict is Verdict.NOT_PAID:
        attestation.check_not_too_soon(said.looked_at, sent, long_enough=settings.NOT_PAID_AFTER)
        if said.found_as:
            raise InvalidValue(
                "found_as", "found_and_not_paid", "What was found as something was paid: leave it empty."
            )
    elif is_filed(call.account):
        attestation.check_names_place(said.found_as)
    elif not _records(call, said.found_as).exists():
        attestation.check_names_payment(said.found_as)


def speaks_against(call: LostCall, verdict: Verdict, found_as: str) -> Objection | None:
    """What the provider's records, and what is known of other payments, have against a verdict; None for nothing."""
    proven = [row.as_record() for row in proven_records(call)]
    named = [row.as_record() for row in _records(call, found_as)]
    is_paid = verdict is Verdict.PAID
    objection = rules.says_otherwise(proven, named, paid=is_paid, now=timezone.now())
    return objection or (taken_from(call, found_as) or _is_another(call, found_as) if is_paid else None)


def _is_another(call: LostCall, found_as: str) -> Objection | None:
    """The record of that id is not of what was sent."""
    order = call.withdrawal.order() if call.withdrawal else None
    for row in _records(call, found_as):
        if order is not None and not same_payment(order, row.as_record()):
            return Objection("another_payment", f"The provider’s record {found_as} is of another payment. Look again.")
        if order is None and call.proofs.exists() and not call.proofs.filter(record=row).exists():
            return Objection(
                "another_payment", f"The provider’s record {found_as} is not of what was sent. Look again."
            )
    return None


def _records(call: LostCall, found_as: str) -> Any:
    return ProviderRecord.objects.filter(account=call.account_id, record_id=found_as)


def _as_undecided(call: LostCall) -> Undecided:
    """In the words of the rules that hold for whatever people look for."""
    status = Status(call.withdrawal.status) if call.withdrawal else Status.UNKNOWN
    requested_by = call.withdrawal.requested_by_id if call.withdrawal else 0
    return Undecided(call.reference, call.account.name, status, requested_by, call.called_at, False, False)


def _write(call: LostCall, said: Said, *, by: User) -> LostFinding:
    finding = LostFinding(
        call=call,
        verdict=said.verdict,
        found_as=said.found_as,
        where_looked=said.where_looked,
        looked_at=said.looked_at,
        note=said.note,
        proposed_by=by,
        proposed_at=timezone.now(),
    )
    finding.proposal = proposing.propose(LOST_CALL, finding, by=by)
    finding.save(force_insert=True)
    facts = {"verdict": said.verdict, "found_as": said.found_as, "where_looked": said.where_looked}
    audit.record(Event.LOST_CALL_SAID, by=by, about=call, reference=call.reference, **facts)
    return finding
