"""Resolutions: one person says with evidence what became of withdrawals, another confirms with a code, or does not.

Locks are taken in the order of `answer`: the account, then its withdrawals by id; then the resolution.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from payouts import audit
from payouts.audit import Actor, Event, Worker
from payouts.domain.errors import NotPermitted, Objection
from payouts.domain.people.roles import Act
from payouts.domain.texts import check_reason
from payouts.domain.unknown import resolving
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, PresenceProof, ProviderRecord, Resolution, ResolutionLine, Withdrawal, person
from payouts.models.unknown.resolution import ResolutionState, Verdict
from payouts.workflow.decisions import presence
from payouts.workflow.unknown import evidence, records
from payouts.workflow.unknown.contradiction import contradicted
from payouts.workflow.unknown.finding import Finding, check, facts, is_id, taken, undecided
from payouts.workflow.withdrawals.transition import move


def propose(finding: Finding, *, by: User) -> Resolution:
    """Say what became of withdrawals; nothing moves until another person confirms it.

    Raises NotPermitted (audited) or InvalidValue.
    """
    with transaction.atomic(durable=True):
        withdrawals = _locked(line.withdrawal_id for line in finding.lines)
        objection = resolving.may_propose(undecided(withdrawals), person(by))
        if objection is None:
            check(finding, withdrawals)
            resolution = _propose(finding, by=by)
        else:
            _object(objection, Act.PROPOSE_RESOLUTION, about=next(iter(withdrawals), None), by=by)
    if objection is not None:
        raise NotPermitted(objection)
    return resolution


def confirm(resolution_id: UUID, *, proof: PresenceProof | None, by: User) -> Resolution:
    """End every withdrawal that the finding speaks of: paid ones are COMPLETED, the others FAILED; or none.

    `proof` is of this act on the resolution's id, and already committed. Raises NotPermitted once the objection is in
    the trail; it names the withdrawal that stands in the way.
    """
    with transaction.atomic(durable=True):
        resolution, withdrawals = _held(resolution_id)
        found_as = _found_as(resolution)
        objection = resolving.may_confirm(facts(resolution, withdrawals), person(by))
        objection = objection or contradicted(Verdict(resolution.verdict), found_as, withdrawals)
        objection = objection or taken(found_as, withdrawals)
        objection = objection or presence.use(proof, act=Act.CONFIRM_RESOLUTION, subject=str(resolution.pk), by=by)
        if proof is not None and objection is None:
            _confirm(resolution, withdrawals, proof=proof, by=by)
        elif objection is not None:
            _object(objection, Act.CONFIRM_RESOLUTION, about=resolution, by=by)
    if objection is not None:
        raise NotPermitted(objection)
    return resolution


def decline(resolution_id: UUID, *, reason: str, by: User) -> Resolution:
    """Say no to a finding; its proposer may take it back the same way. Raises NotPermitted (audited), InvalidValue."""
    check_reason(reason)
    with transaction.atomic(durable=True):
        resolution, withdrawals = _held(resolution_id)
        objection = resolving.may_decline(facts(resolution, withdrawals), person(by))
        if objection is None:
            _decline(resolution, reason, by=by)
        else:
            _object(objection, "decline_resolution", about=resolution, by=by)
    if objection is not None:
        raise NotPermitted(objection)
    return resolution


def overtaken(withdrawal: Withdrawal, *, by: Worker) -> bool:
    """Decline what people are about to say of a withdrawal that the provider has told of meanwhile.

    Part of the caller's transaction, which holds the account and the withdrawal. Whether there was a proposal.
    """
    line = ResolutionLine.objects.filter(withdrawal=withdrawal, is_open=True).first()
    if line is None:
        return False
    resolution = Resolution.objects.select_for_update(of=("self",)).get(pk=line.resolution_id)
    _decline(resolution, f"The provider has told of withdrawal {withdrawal.reference[:8]} meanwhile.", by=by)
    return True


def _held(resolution_id: UUID) -> tuple[Resolution, list[Withdrawal]]:
    """The resolution and its withdrawals, held with their account until the transaction ends."""
    named = ResolutionLine.objects.filter(resolution=resolution_id)
    withdrawals = _locked(named.values_list("withdrawal_id", flat=True))
    resolution = Resolution.objects.select_for_update(of=("self",)).select_related("proposed_by").get(pk=resolution_id)
    return resolution, withdrawals


def _locked(ids: Iterable[UUID]) -> list[Withdrawal]:
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


def _found_as(resolution: Resolution) -> dict[UUID, str]:
    return {line.withdrawal_id: line.found_as for line in resolution.lines.all()}


# -- writing --


def _propose(finding: Finding, *, by: User) -> Resolution:
    file = finding.attachment
    kept = evidence.keep(file.name, file.content, by=by) if file else None
    resolution = Resolution.objects.create(
        verdict=finding.verdict.value,
        where_looked=finding.where_looked,
        looked_at=finding.looked_at,
        note=finding.note,
        evidence=kept,
        proposed_by=by,
        proposed_at=timezone.now(),
    )
    lines = [
        ResolutionLine(resolution=resolution, withdrawal_id=line.withdrawal_id, found_as=line.found_as)
        for line in finding.lines
    ]
    ResolutionLine.objects.bulk_create(lines)
    audit.record(
        Event.RESOLUTION_PROPOSED,
        by=by,
        about=resolution,
        verdict=finding.verdict,
        withdrawals=[line.withdrawal_id.hex for line in finding.lines],
        where_looked=finding.where_looked,
        evidence=kept.sha256 if kept else "",
    )
    return resolution


def _confirm(resolution: Resolution, withdrawals: Sequence[Withdrawal], *, proof: PresenceProof, by: User) -> None:
    found = _found_as(resolution)
    _close(resolution, ResolutionState.CONFIRMED, decided_by=by, proof=proof)
    audit.record(
        Event.RESOLUTION_CONFIRMED,
        by=by,
        about=resolution,
        verdict=resolution.verdict,
        withdrawals=[withdrawal.reference for withdrawal in withdrawals],
        proof=str(proof.pk),
    )
    for withdrawal in withdrawals:
        if resolution.verdict == Verdict.PAID:
            _complete(withdrawal, found[withdrawal.pk], by=by)
        else:
            _fail(withdrawal, resolution, by=by)


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
    elif not withdrawal.tx_id and resolving.is_transaction(found_as):  # no place in a statement
        columns["tx_id"] = found_as
    move(withdrawal, Status.COMPLETED, by=by, why=f"found as {found_as}", **columns)
    row = ProviderRecord.objects.unclaimed().filter(account=withdrawal.account, record_id=found_as).first()
    if row is not None:
        records.link(row, withdrawal)


def _decline(resolution: Resolution, reason: str, *, by: Actor) -> None:
    _close(
        resolution,
        ResolutionState.DECLINED,
        decided_by=by if isinstance(by, User) else None,
        decided_because=reason,
    )
    audit.record(Event.RESOLUTION_DECLINED, by=by, about=resolution, why=reason)


def _close(resolution: Resolution, state: ResolutionState, **columns: object) -> None:
    Resolution.objects.proposed().filter(pk=resolution.pk).update(
        state=state.value, decided_at=timezone.now(), **columns
    )
    resolution.lines.update(is_open=False)
    resolution.refresh_from_db()


def _object(objection: Objection, act: str, *, about: Resolution | Withdrawal | None, by: User) -> None:
    audit.record(Event.RESOLUTION_OBJECTED, by=by, about=about, act=act, why=objection.code)
