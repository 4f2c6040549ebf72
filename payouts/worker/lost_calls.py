"""Which calls the rows have lost: those that a witness knows after an account's last call with a row."""

from payouts.domain.sending.witness import Entry
from payouts.witness.base import Witness
from payouts.workflow.sending import witnessed

READ_BEFORE = 64  # calls before the rows' last one


def lost_calls(witness: Witness, account: str) -> list[Entry]:
    """All that the witness knows of the account after the last call that has a row, in order. Raises WitnessAway.

    The rows' last number says where to read from; a little before it, where others made calls under the same numbers.
    Only where none of those has a row, all are read.
    """
    after = max(0, witnessed.last_number(account) - READ_BEFORE)
    entries = witness.calls(account, after=after)
    first = witnessed.first_without_row([entry.call for entry in entries])
    if first == 0 and after > 0:
        entries = witness.calls(account, after=0)
        first = witnessed.first_without_row([entry.call for entry in entries])
    return entries[first:]
