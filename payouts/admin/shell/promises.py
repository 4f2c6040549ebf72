"""What may be shown of a provider's promises: the account's row may take from what the provider's code says."""

from payouts.models import Account
from payouts.preview import promised


def can_look_up(account: Account) -> bool:
    """Whether its provider can be asked for records."""
    return promised(account.provider).can_look_up and account.can_look_up


def resend_allowed(account: Account) -> bool:
    """Whether its provider promises that one reference pays once."""
    return promised(account.provider).resend_allowed and account.resend_allowed
