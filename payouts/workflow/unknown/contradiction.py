"""What the provider's own records say against what people say became of withdrawals. Writes nothing."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from django.db.models import Q, prefetch_related_objects
from django.utils import timezone

from payouts.domain.errors import Objection
from payouts.domain.unknown import resolving
from payouts.domain.unknown.matching import Found, find, same_payment
from payouts.domain.unknown.record import RecordStatus
from payouts.domain.withdrawals.status import Status
from payouts.models import ProviderRecord, Withdrawal
from payouts.models.unknown.resolution import Verdict
from payouts.workflow.sending.promised import is_filed
from payouts.workflow.unknown import claimed
from payouts.workflow.unknown.records import stretch_of, was_answered


def contradicted(verdict: Verdict, found_as: Mapping[UUID, str], withdrawals: Sequence[Withdrawal]) -> Objection | None:
    """Why the provider's records speak against the verdict, or may do so yet; None when they do not.

    `found_as` is the provider's id or the transaction that a person found for each withdrawal, by the withdrawal's id.
    """
    accounts = {withdrawal.account_id for withdrawal in withdrawals}
    of_theirs = Q(withdrawal__in=withdrawals) | Q(account__in=accounts, record_id__in=set(found_as.values()) - {""})
    told = list(ProviderRecord.objects.filter(of_theirs))
    ids = {record.record_id for record in told}
    prefetch_related_objects(list(withdrawals), "submissions")
    for withdrawal in withdrawals:
        for record in told:
            is_found = record.record_id == found_as[withdrawal.pk]
            if is_found and not is_filed(withdrawal.account) and not _is_payment_of(record, withdrawal):
                message = f"The provider’s record {record.record_id} is of another payment. Look again."
                return Objection("another_payment", message)
            is_its = record.withdrawal_id == withdrawal.pk or is_found
            is_guess = not is_found and found_as[withdrawal.pk] in ids and not was_answered(withdrawal)
            objection = _says_otherwise(verdict, record, withdrawal) if is_its and not is_guess else None
            if objection is not None:
                return objection
    return _fits_yet(withdrawals) if verdict is Verdict.NOT_PAID else None


def _says_otherwise(verdict: Verdict, record: ProviderRecord, withdrawal: Withdrawal) -> Objection | None:
    which = f"withdrawal {withdrawal.reference[:8]}"
    if resolving.contradicts(RecordStatus(record.status), paid=verdict is Verdict.PAID):
        message = f"The provider’s own record of {which} says: {record.get_status_display().lower()}."
        return Objection("record_says_otherwise", message)
    if verdict is Verdict.NOT_PAID and resolving.may_still_be_paid(record.as_record(), now=timezone.now()):
        day = f"{record.created_at + resolving.LEFT_PENDING:%Y-%m-%d %H:%M} UTC"
        message = (
            f"The provider’s own record of {which} says that it is under way: it may still be paid. "
            f"Wait until the record is final, or until {day}."
        )
        return Objection("still_pending", message)
    return None


def _is_payment_of(record: ProviderRecord, withdrawal: Withdrawal) -> bool:
    """Whether the record is linked to the withdrawal already, or says the same coin, amount and recipient."""
    is_tied = record.withdrawal_id == withdrawal.pk
    return is_tied or same_payment(withdrawal.order(), record.as_record())


def _fits_yet(withdrawals: Sequence[Withdrawal]) -> Objection | None:
    """An objection when exactly one unclaimed record fits an unknown withdrawal: the next look will settle it.

    None when several fit, when the one has FAILED, or when it is or may be another account's payment: no look settles
    those, and people decide. A record that the provider has not listed for a day does not count.
    """
    asked = [each for each in withdrawals if each.status == Status.UNKNOWN and not is_filed(each.account)]
    amounts, accounts = {each.amount for each in asked}, {each.account_id for each in asked}
    listed = ProviderRecord.objects.unclaimed().filter(last_seen_at__gt=timezone.now() - resolving.LEFT_PENDING)
    free = list(listed.filter(account__in=accounts, amount__in=amounts))
    for withdrawal in asked:
        stretch = stretch_of(withdrawal)
        of_account = [row.as_record() for row in free if row.account_id == withdrawal.account_id]
        if stretch is None:
            continue
        since, until = stretch
        order, ids = withdrawal.order(), [row.provider_id for row in of_account]
        others = claimed.elsewhere(withdrawal.account_id, ids, own=withdrawal.at_provider())
        others |= claimed.of_lost_calls(withdrawal, of_account)
        match find(order, of_account, claimed_ids=others, sent_after=since, sent_before=until):
            case Found(record=record) if record.status is not RecordStatus.FAILED:
                message = (
                    f"The provider’s record {record.provider_id} fits withdrawal {withdrawal.reference[:8]}. "
                    "See what became of that first."
                )
                return Objection("a_record_fits", message)
    return None
