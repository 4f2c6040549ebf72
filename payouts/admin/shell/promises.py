"""What may be shown of a provider's promises: the account's row may take from what the provider's code says."""

from payouts.models import Account
from payouts.preview import promised
from payouts.workflow.sending.promised import is_filed


def can_look_up(account: Account) -> bool:
    """Whether its provider can be asked for records."""
    return promised(account.provider).may_be_asked(row_allows=account.can_look_up)


def filed_accounts() -> list[Account]:
    """The accounts whose records files tell, by name: their providers' code cannot ask, whatever the rows say."""
    return [account for account in Account.objects.order_by("name") if is_filed(account)]


def resend_allowed(account: Account) -> bool:
    """Whether its provider promises that one reference pays once."""
    return promised(account.provider).resend_allowed and account.resend_allowed
