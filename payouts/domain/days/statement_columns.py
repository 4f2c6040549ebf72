"""Which column of an uploaded statement holds what: proposed by usual names, chosen by a person."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from payouts.domain.errors import InvalidValue

REQUIRED = ("time", "coin", "address", "amount")


@dataclass(frozen=True)
class ColumnMapping:
    """For each of our columns the file's name for it; empty where the file has none, or none is chosen yet."""

    time: str = ""
    coin: str = ""
    address: str = ""
    amount: str = ""
    chain: str = ""
    record_id: str = ""
    fee: str = ""
    status: str = ""
    tx_id: str = ""


# Letters and digits of the usual names, the likeliest first.
_USUAL = {
    "time": "time createtime createdtime createdat created ordertime datetime date timestamp timeutc dateutc",
    "coin": "coin currency token asset tokenname symbol currencytype coinname",
    "address": "address toaddress withdrawaddress withdrawaladdress recipient recipientaddress to destination",
    "amount": "amount withdrawamount withdrawalamount quantity qty value",
    "chain": "chain network blockchain chainname protocol",
    "record_id": "recordid withdrawid withdrawalid orderid orderno billno id",
    "fee": "fee withdrawfee withdrawalfee networkfee transactionfee commission",
    "status": "status state withdrawstatus withdrawalstatus orderstatus",
    "tx_id": "txid txhash hash transactionhash transactionid tx",
}


def guess_mapping(headers: Sequence[str]) -> ColumnMapping:
    """The columns by their usual names; one that is not recognised stays empty for a person to choose."""
    bare = {_bare(header): header for header in reversed(headers)}
    return ColumnMapping(
        **{ours: next((bare[name] for name in names.split() if name in bare), "") for ours, names in _USUAL.items()}
    )


def check_mapping(mapping: ColumnMapping, headers: Sequence[str]) -> None:
    """Raise InvalidValue for our column that is required and missing, not in the file, or chosen twice."""
    chosen: dict[str, str] = {}
    for ours, theirs in asdict(mapping).items():
        words = ours.replace("_", " ")
        if not theirs:
            if ours in REQUIRED:
                raise InvalidValue(ours, "required", f"Choose the column that holds the {words}.")
        elif theirs not in headers:
            raise InvalidValue(ours, "no_such_column", "The file has no such column.")
        elif theirs in chosen:
            raise InvalidValue(ours, "chosen_twice", f"This column is already chosen as the {chosen[theirs]}.")
        else:
            chosen[theirs] = words


def _bare(header: str) -> str:
    return re.sub(r"[\W_]", "", header).casefold()
