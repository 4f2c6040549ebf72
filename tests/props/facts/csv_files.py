"""CSV statements to read, in few words."""

from payouts.domain.days.statement import ParsedStatement, read_statement
from payouts.domain.days.statement_columns import ColumnMapping, guess_mapping
from payouts.domain.days.statement_table import read_table
from payouts.domain.unknown.record import RecordStatus

HEADER = "Time,Coin,Address,Amount,Fee,Status,TxHash,Order ID,Note"
ADA = "TL9qtZWi2PX2uZFRZ8RsrYxULVv9Zbax44"
LINE = f"2026-03-01 12:30:05,USDT,{ADA},1250.50,1,Success,0xabc,77,for March"
WORDS = {"success": RecordStatus.COMPLETED, "Failed": RecordStatus.FAILED, "in review": RecordStatus.PENDING}


def line(**changes: str) -> str:
    """LINE with other cells, by the header's names in small letters and without spaces."""
    names = HEADER.lower().replace(" ", "").split(",")
    cells = dict(zip(names, LINE.split(","), strict=True))
    assert set(changes) <= set(names)
    return ",".join((cells | changes).values())


def file(*lines: str, header: str = HEADER) -> bytes:
    return "".join(f"{each}\r\n" for each in (header, *lines)).encode()


def read(*lines: str, mapping: ColumnMapping | None = None) -> ParsedStatement:
    content = file(*lines)
    return read_statement(content, mapping or guess_mapping(read_table(content).headers), words=WORDS)


def bad(*lines: str) -> list[tuple[int, str]]:
    """Number and reason of each bad line."""
    return [(each.number, each.reason) for each in read(*lines).bad_lines]
