"""Resolutions: one person says with evidence what became of withdrawals; another confirms it (`confirmation`)."""

from collections.abc import Sequence

from django.contrib.auth.models import User
from django.utils import timezone

from payouts import audit
from payouts.audit import Event, Worker
from payouts.domain.decisions.proposal import State
from payouts.domain.people.roles import Act
from payouts.domain.unknown import resolving
from payouts.models import Resolution, ResolutionLine, Withdrawal, person
from payouts.workflow.attempt import attempt
from payouts.workflow.decisions import proposing as decisions
from payouts.workflow.unknown import evidence
from payouts.workflow.unknown.confirmation import RESOLUTION, locked
from payouts.workflow.unknown.finding import Finding, check, undecided


def propose(finding: Finding, *, by: User) -> Resolution:
    """Say what became of withdrawals; nothing moves until another person confirms it.

    Raises NotPermitted (audited) or InvalidValue.
    """
    with attempt(Event.RESOLUTION_OBJECTED, by=by, act=Act.PROPOSE_RESOLUTION) as trying:
        withdrawals = locked(line.withdrawal_id for line in finding.lines)
        trying.on(next(iter(withdrawals), None))
        trying.unless(resolving.may_propose(undecided(withdrawals), person(by)))
        check(finding, withdrawals)
        return _propose(finding, withdrawals, by=by)


def overtaken(withdrawal: Withdrawal, *, by: Worker) -> bool:
    """Let what people are about to say of a withdrawal lapse, where the provider has told of it meanwhile.

    Part of the caller's transaction, which holds the account and the withdrawal. Whether there was a proposal.
    """
    line = ResolutionLine.objects.filter(withdrawal=withdrawal, is_open=True).first()
    if line is None:
        return False
    held = Resolution.objects.select_for_update(of=("self", "proposal")).select_related("proposal")
    resolution = held.get(pk=line.resolution_id)
    reason = f"The provider has told of withdrawal {withdrawal.reference[:8]} meanwhile."
    decisions.close(resolution.proposal, State.LAPSED, reason=reason, by=by)
    resolution.lines.update(is_open=False)
    audit.record(Event.RESOLUTION_DECLINED, by=by, about=resolution, why=reason)
    return True


def _propose(finding: Finding, withdrawals: Sequence[Withdrawal], *, by: User) -> Resolution:
    resolution = _resolution(finding, by=by)
    lines = [
        ResolutionLine(resolution=resolution, withdrawal_id=line.withdrawal_id, found_as=line.found_as)
        for line in finding.lines
    ]
    excluded = frozenset({by.pk, *(withdrawal.requested_by_id for withdrawal in withdrawals)})
    content = resolution.content(lines)
    resolution.proposal = decisions.propose(RESOLUTION, resolution, content=content, excluded=excluded, by=by)
    resolution.save(force_insert=True)
    ResolutionLine.objects.bulk_create(lines)
    audit.record(
        Event.RESOLUTION_PROPOSED,
        by=by,
        about=resolution,
        verdict=finding.verdict,
        withdrawals=[line.withdrawal_id.hex for line in finding.lines],
        where_looked=finding.where_looked,
        evidence=resolution.evidence.sha256 if resolution.evidence else "",
    )
    return resolution


def _resolution(finding: Finding, *, by: User) -> Resolution:
    file = finding.attachment
    return Resolution(
        verdict=finding.verdict.value,
        where_looked=finding.where_looked,
        looked_at=finding.looked_at,
        note=finding.note,
        evidence=evidence.keep(file.name, file.content, by=by) if file else None,
        proposed_by=by,
        proposed_at=timezone.now(),
    )
