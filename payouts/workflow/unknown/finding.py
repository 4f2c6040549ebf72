"""Findings: what a person says became of withdrawals, in which words, and what speaks against it. Writes nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Max
from django.utils import timezone

from payouts.domain.decisions.proposal import State
from payouts.domain.errors import InvalidValue, Objection
from payouts.domain.unknown import attestation, resolving
from payouts.domain.unknown.resolving import Proposed, Undecided
from payouts.domain.withdrawals.status import Status
from payouts.models import LostCall, ProviderRecord, Resolution, ResolutionLine, Submission, Withdrawal
from payouts.models.unknown.resolution import Verdict
from payouts.models.withdrawals.queries import WithdrawalQuerySet
from payouts.workflow.sending.promised import is_filed
from payouts.workflow.unknown.claimed import others_of, withdrawals_elsewhere
from payouts.workflow.unknown.contradiction import contradicted


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
    given = _given_ids({line.found_as for line in lines} - {""}, {withdrawal.account_id for withdrawal in withdrawals})
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


# -- one payment, one withdrawal --


def taken(found_as: Mapping[UUID, str], withdrawals: Sequence[Withdrawal]) -> Objection | None:
    """What was found is how another withdrawal was paid, or is to be two of these at once; None when it is not.

    Another one of the account, or of any whose customer is or may be the same.
    """
    found = set(found_as.values()) - {""}
    own = {withdrawal.account_id for withdrawal in withdrawals}
    theirs = [Withdrawal.objects.filter(account__in=own), *map(withdrawals_elsewhere, own)]
    owners = {key: pk for some in theirs for key, pk in _owners(some, found).items()}
    accounts = own.union(*map(others_of, own))
    given = _given_ids(found, accounts)
    for call in LostCall.objects.paid_as(accounts, found):
        owners[call.found_as, ""] = call.withdrawal_id or call.pk
    for withdrawal in withdrawals:
        is_given = found_as[withdrawal.pk] in given and not is_filed(withdrawal.account)  # an id, however it looks
        payment = (found_as[withdrawal.pk], "") if is_given else _payment(found_as[withdrawal.pk], withdrawal)
        if payment is not None and owners.setdefault(payment, withdrawal.pk) != withdrawal.pk:
            which = f"withdrawal {withdrawal.reference[:8]}"
            message = f"{found_as[withdrawal.pk]} is how another withdrawal was paid. Look again for {which}."
            return Objection("found_elsewhere", message)
    return None


PaymentKey = tuple[str, str]


def _payment(found_as: str, withdrawal: Withdrawal) -> PaymentKey | None:
    """What tells one payment from all others; None for a place in a statement, which may name many.

    A provider's id is of one payment. A transaction may pay several recipients, but each of them once.
    """
    if attestation.is_transaction(found_as):
        return _plain_hash(found_as), withdrawal.recipient_key
    return (found_as, "") if is_id(found_as, withdrawal) else None


def is_id(found_as: str, withdrawal: Withdrawal) -> bool:
    """Whether it is the provider's own id: only those that can be asked give any."""
    return not is_filed(withdrawal.account) and attestation.is_provider_id(found_as)


def _given_ids(found: set[str], accounts: set[int]) -> set[str]:
    """What was found that the provider has told as an id, in a record or in an answer."""
    told = ProviderRecord.objects.filter(account__in=accounts, record_id__in=found)
    answered = Withdrawal.objects.filter(account__in=accounts, provider_id__in=found)
    return {*told.values_list("record_id", flat=True), *answered.values_list("provider_id", flat=True)}


def _owners(known: WithdrawalQuerySet[Withdrawal], found: set[str]) -> dict[PaymentKey, UUID]:
    """Which of these withdrawals are known by one of these already."""
    told = ProviderRecord.objects.filter(withdrawal__in=known.values("pk"), record_id__in=found)
    rows = [
        *told.values_list("record_id", "withdrawal_id"),
        *known.filter(provider_id__in=found).values_list("provider_id", "pk"),
    ]
    owners: dict[PaymentKey, UUID] = {(record_id, ""): pk for record_id, pk in rows}
    plain = {_plain_hash(text) for text in found}
    spelt = found | plain | {f"0x{text}" for text in plain}
    for tx_id, recipient, pk in known.filter(tx_id__in=spelt).values_list("tx_id", "recipient_key", "pk"):
        owners[_plain_hash(tx_id), recipient] = pk
    return owners


def _plain_hash(tx_id: str) -> str:
    """One spelling of the two or three that a transaction has."""
    return tx_id.lower().removeprefix("0x")
