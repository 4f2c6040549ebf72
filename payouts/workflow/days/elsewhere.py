"""What other accounts of a customer sent, for the days of one: they list the same records. Writes nothing."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from payouts.domain.days.partners import Payment
from payouts.domain.sending.answer import Outcome
from payouts.domain.sending.customers import are_one
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Submission
from payouts.workflow.unknown.claimed import withdrawals_elsewhere


def sent_elsewhere(account: Account, since: datetime, until: datetime, ids: Collection[str]) -> list[Payment]:
    """What other accounts sent in that time, or what one of the records' ids is known to be of.

    Of accounts whose customer is or may be this account's. Where it is not said that it is, a record becomes one of
    theirs by name only: one that merely fits may as well be a payment that nobody here made.
    """
    theirs = withdrawals_elsewhere(account.pk)
    if theirs.query.is_empty():
        return []
    in_time = Q(claimed_at__gte=since, claimed_at__lt=until)
    known = Q(withdrawal__provider_id__in=set(ids) - {""}) | Q(withdrawal__record__record_id__in=set(ids))
    calls = first_calls().filter(in_time | known, withdrawal__in=theirs.values("pk"))
    calls = calls.select_related("withdrawal__address", "withdrawal__account", "withdrawal__record")
    said = withdrawals_elsewhere(account.pk, are_one).filter(pk__in=[call.withdrawal_id for call in calls])
    same = set(said.values_list("pk", flat=True))
    return [
        payment_of(call, elsewhere=call.withdrawal.account.name, is_by_name_only=call.withdrawal_id not in same)
        for call in calls
    ]


def first_calls() -> QuerySet[Submission]:
    """The one call of each withdrawal that may have paid it."""
    return Submission.objects.filter(is_resend=False).exclude(outcome=Outcome.NOT_EXECUTED)


def payment_of(call: Submission, **whose: Any) -> Payment:
    """The call's withdrawal, as pairing wants it. What is another account's is known by that one's own record, too."""
    withdrawal = call.withdrawal
    tied = withdrawal.record.record_id if whose and hasattr(withdrawal, "record") else ""
    return Payment(
        id=withdrawal.pk,
        order=withdrawal.order(),
        provider_id=withdrawal.provider_id or tied,
        status=Status(withdrawal.status),
        sent_at=call.claimed_at,
        tx_id=withdrawal.tx_id,
        **whose,
    )
