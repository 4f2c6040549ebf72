"""Resolutions as proposals: another person confirms what somebody found out about withdrawals, or does not.

Content: the finding (`Resolution.content`). One approver with a fresh code, neither the finder nor anybody who asked
for one of the withdrawals. An approver may decline it, and its finder may take it back; what is found anew is a new
resolution.
Locks are taken in the order of `answer`: the account, then its withdrawals by id; then the resolution.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.models import User

from payouts import audit
from payouts.audit import Event
from payouts.domain.decisions.proposal import Content
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Act, Person
from payouts.domain.unknown import attestation, resolving
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, ProviderRecord, Resolution, ResolutionLine, Withdrawal
from payouts.models.unknown.resolution import Verdict
from payouts.workflow.decisions.kind import Rejectable
from payouts.workflow.unknown import claimed, records
from payouts.workflow.unknown.contradiction import contradicted
from payouts.workflow.unknown.finding import facts
from payouts.workflow.unknown.owners import is_id, taken
from payouts.workflow.withdrawals.transition import move


class ResolutionKind(Rejectable[Resolution]):
    """What became of withdrawals, all of its lines or none."""

    name: ClassVar[str] = "resolution"
    act: ClassVar[Act] = Act.CONFIRM_RESOLUTION
    approved: ClassVar[Event] = Event.RESOLUTION_CONFIRMED
    refused: ClassVar[Event] = Event.RESOLUTION_OBJECTED
    reject_act: ClassVar[str] = "decline_resolution"
    reject_refused: ClassVar[Event] = Event.RESOLUTION_OBJECTED

    def held(self, subject: str) -> Resolution:
        """By its id, after its account and its withdrawals."""
        named = ResolutionLine.objects.filter(resolution=UUID(subject))
        locked(named.values_list("withdrawal_id", flat=True))
        held = Resolution.objects.select_for_update(of=("self", "proposal"))
        return held.select_related("proposed_by", "proposal", "evidence").get(pk=UUID(subject))

    def subject(self, thing: Resolution) -> str:
        return str(thing.pk)

    def content(self, thing: Resolution) -> Content:
        """As the second person sees it."""
        return thing.content()

    def excluded(self, thing: Resolution) -> frozenset[int]:
        """Whoever found it out, and whoever asked for one of the withdrawals."""
        return frozenset({thing.proposed_by_id, *(each.requested_by_id for each in withdrawals_of(thing))})

    def objection(self, thing: Resolution, person: Person, *, shown_digest: str) -> Objection | None:
        """As the rules say; and nothing that the provider tells, or that is known of others, says otherwise."""
        withdrawals, found_as = withdrawals_of(thing), found_as_of(thing)
        objection = resolving.may_confirm(facts(thing, withdrawals), person, shown_digest=shown_digest)
        claimed.hold({withdrawal.account_id for withdrawal in withdrawals}, found_as.values())
        objection = objection or contradicted(Verdict(thing.verdict), found_as, withdrawals)
        return objection or taken(found_as, withdrawals)

    def told(self, thing: Resolution, note: str) -> Mapping[str, Any]:  # noqa: ARG002
        """The verdict, and about what."""
        references = [withdrawal.reference for withdrawal in withdrawals_of(thing)]
        return {"verdict": thing.verdict, "withdrawals": references}

    def carry(self, thing: Resolution, *, by: User) -> None:
        """Paid ones are COMPLETED, the others FAILED."""
        found_as = found_as_of(thing)
        thing.lines.update(is_open=False)
        for withdrawal in withdrawals_of(thing):
            if thing.verdict == Verdict.PAID:
                _complete(withdrawal, found_as[withdrawal.pk], by=by)
            else:
                _fail(withdrawal, thing, by=by)

    def may_reject(self, thing: Resolution, person: Person) -> Objection | None:
        """By approvers and its finder, while it is open."""
        return resolving.may_decline(facts(thing, withdrawals_of(thing)), person)

    def turn_down(self, thing: Resolution, *, reason: str, by: User) -> None:
        """Nothing is decided about any of its withdrawals."""
        thing.lines.update(is_open=False)
        audit.record(Event.RESOLUTION_DECLINED, by=by, about=thing, why=reason)


RESOLUTION = ResolutionKind()


def locked(ids: Iterable[UUID]) -> list[Withdrawal]:
    """The withdrawals by id, held after their account. Raises Withdrawal.DoesNotExist when one is not there."""
    wanted = set(ids)
    named = Withdrawal.objects.filter(pk__in=wanted)
    for account_id in sorted(set(named.order_by().values_list("account_id", flat=True))):
        Account.objects.locked(account_id)
    held = named.select_for_update(of=("self",)).select_related("address", "account", "requested_by")
    withdrawals = list(held.order_by("pk"))
    if len(withdrawals) < len(wanted):
        raise Withdrawal.DoesNotExist
    return withdrawals


def withdrawals_of(resolution: Resolution) -> Sequence[Withdrawal]:
    """Those that it speaks of, by id."""
    lines = resolution.lines.values_list("withdrawal_id", flat=True)
    found = Withdrawal.objects.filter(pk__in=lines).select_related("address", "account", "requested_by")
    return list(found.order_by("pk"))


def found_as_of(resolution: Resolution) -> dict[UUID, str]:
    """As what the provider or the chain knows each."""
    return {line.withdrawal_id: line.found_as for line in resolution.lines.all()}


def _fail(withdrawal: Withdrawal, resolution: Resolution, *, by: User) -> None:
    finder, confirmer = resolution.proposed_by.get_username(), by.get_username()
    why = f"Not paid, as {finder} found and {confirmer} confirmed. Looked at: {resolution.where_looked}"[:500]
    move(withdrawal, Status.FAILED, by=by, why=why, closed_because=why)


def _complete(withdrawal: Withdrawal, found_as: str, *, by: User) -> None:
    """Written down with what was found, and tied to the provider's record where that is its id."""
    columns = {}
    if is_id(found_as, withdrawal):
        if withdrawal.status == Status.UNKNOWN:
            columns["provider_id"] = found_as
    elif not withdrawal.tx_id and attestation.is_transaction(found_as):  # no place in a statement
        columns["tx_id"] = found_as
    move(withdrawal, Status.COMPLETED, by=by, why=f"found as {found_as}", **columns)
    row = ProviderRecord.objects.unclaimed().filter(account=withdrawal.account, record_id=found_as).first()
    if row is not None:
        records.link(row, withdrawal)
