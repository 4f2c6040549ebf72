"""Findings: what a person says became of withdrawals, in which words, and what speaks against it. Writes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from payouts.domain.decisions.proposal import State
from payouts.domain.errors import InvalidValue
from payouts.domain.unknown import attestation, resolving
from payouts.domain.unknown.resolving import Proposed, Undecided
from payouts.domain.withdrawals.status import Status
from payouts.models import Resolution, ResolutionLine, Submission, Withdrawal
from payouts.models.unknown.resolution import Verdict
from payouts.workflow.sending.promised import is_filed
from payouts.workflow.unknown.contradiction import contradicted
from payouts.workflow.unknown.owners import given_ids, taken


@dataclass(frozen=True)
class FindingLine:
    """One withdrawal, and as what the provider or the chain knows it."""

    withdrawal_id: UUID
    found_as: str = ""


@dataclass(frozen=True)
class Attachment:
    """A file as it was uploaded."""

    name: str
    content: bytes


@dataclass(frozen=True)
class Finding:
    """What a person found out about one or more withdrawals of an account, and by what."""

    verdict: Verdict
    lines: tuple[FindingLine, ...]
    where_looked: str
    looked_at: datetime
    note: str = ""
    attachment: Attachment | None = None


def check(finding: Finding, withdrawals: Sequence[Withdrawal]) -> None:
    """Raise InvalidValue, naming the field, when something about it is not in order.

    A form's `clean` calls this as well, so that page and workflow cannot differ.
    """
    attestation.check_where(finding.where_looked)
    lines = undecided(withdrawals)
    attestation.check_looked_at(finding.looked_at, lines, now=timezone.now())
    if finding.verdict is Verdict.NOT_PAID:
        attestation.check_not_too_soon(finding.looked_at, lines, long_enough=settings.NOT_PAID_AFTER)
    attestation.check_note(finding.note)
    attestation.check_evidence_given(finding.note, attached=finding.attachment is not None)
    for line in finding.lines:
        attestation.check_found_as(line.found_as)
    found_as = {line.withdrawal_id: line.found_as for line in finding.lines}
    if finding.verdict is Verdict.PAID:
        _check_named(finding.lines, withdrawals)
    if len(found_as) < len(finding.lines):
        raise InvalidValue("found_as", "named_twice", "A withdrawal stands in the list twice.")
    objection = contradicted(finding.verdict, found_as, withdrawals)
    if objection is not None:
        raise InvalidValue("verdict", objection.code, objection.message)
    objection = taken(found_as, withdrawals)
    if objection is not None:
        raise InvalidValue("found_as", objection.code, objection.message)


def _check_named(lines: Sequence[FindingLine], withdrawals: Sequence[Withdrawal]) -> None:
    """Raise InvalidValue("found_as", ...) where paid names no payment, as strictly as the provider allows.

    What the provider has given as an id is one, whatever it looks like.
    """
    accounts = {withdrawal.pk: withdrawal.account for withdrawal in withdrawals}
    given = given_ids({line.found_as for line in lines} - {""}, {withdrawal.account_id for withdrawal in withdrawals})
    for line in lines:
        if is_filed(accounts[line.withdrawal_id]):
            attestation.check_names_place(line.found_as)
        elif line.found_as not in given:
            attestation.check_names_payment(line.found_as)


def undecided(withdrawals: Sequence[Withdrawal], resolution: Resolution | None = None) -> tuple[Undecided, ...]:
    """What the rules need to know of each, in four queries however many there are.

    `resolution` is the one that speaks of them already, if any: it does not stand in its own way.
    """
    ids = [withdrawal.pk for withdrawal in withdrawals]
    calls = Submission.objects.filter(withdrawal__in=ids)
    sent = dict(calls.order_by().values_list("withdrawal").annotate(Max("claimed_at")))
    open_calls = set(calls.open().values_list("withdrawal_id", flat=True))
    others = ResolutionLine.objects.filter(withdrawal__in=ids, is_open=True)
    if resolution is not None:
        others = others.exclude(resolution=resolution)
    elsewhere = set(others.values_list("withdrawal_id", flat=True))
    return tuple(
        Undecided(
            reference=withdrawal.reference,
            account=withdrawal.account.name,
            status=Status(withdrawal.status),
            requested_by=withdrawal.requested_by_id,
            sent_at=sent.get(withdrawal.pk),
            call_open=withdrawal.pk in open_calls,
            proposed_elsewhere=withdrawal.pk in elsewhere,
            moved_since=resolution is not None and withdrawal.status_changed_at > resolution.proposed_at,
        )
        for withdrawal in withdrawals
    )


def facts(resolution: Resolution, withdrawals: Sequence[Withdrawal]) -> Proposed:
    """What the rules need to know of a finding and its withdrawals."""
    return Proposed(
        decided=resolving.outcome(State(resolution.proposal.state)),
        proposed_by=resolution.proposed_by_id,
        lines=undecided(withdrawals, resolution),
        proposal=resolution.proposal.facts(resolution.content()),
    )
