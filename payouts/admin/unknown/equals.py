"""Equal payments that are not known in two accounts whose customer is or may be the same, in a sentence for people."""

from collections.abc import Sequence
from uuid import UUID

from payouts.domain.sending.customers import may_be_one
from payouts.models import Account, Withdrawal


def equals_of(withdrawals: Sequence[Withdrawal]) -> dict[UUID, Withdrawal]:
    """For each that has one, an equal payment of another account that is under way or unknown; in one query."""
    recipients = {withdrawal.recipient_key for withdrawal in withdrawals}
    amounts = {withdrawal.amount for withdrawal in withdrawals}
    under_way = Withdrawal.objects.in_flight().filter(recipient_key__in=recipients, amount__in=amounts)
    others = list(under_way.select_related("account").order_by("pk")) if withdrawals else []
    return {ours.pk: theirs for ours in withdrawals for theirs in others if _are_equal(ours, theirs)}


def not_sent_again(equal: Withdrawal) -> str:
    """Why it is not sent once more, and what people do about it."""
    return (
        f"It equals withdrawal {equal.reference[:8]} of account {equal.account.name}, which is not known either, and "
        "the customer is or may be the same. Neither is sent again: two people say what became of each."
    )


def _are_equal(ours: Withdrawal, theirs: Withdrawal) -> bool:
    is_same = (ours.recipient_key, ours.coin, ours.amount) == (theirs.recipient_key, theirs.coin, theirs.amount)
    return is_same and ours.account_id != theirs.account_id and _may_be_one(ours.account, theirs.account)


def _may_be_one(one: Account, other: Account) -> bool:
    """What was called before an account became another customer's may be anybody's of the provider."""
    has_changed = one.customer_since is not None or other.customer_since is not None
    return may_be_one(one.at_provider(), other.at_provider()) or (has_changed and one.provider == other.provider)
