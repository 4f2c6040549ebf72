"""A merchant's withdrawal record as a file: what one would download from Swapspace's back office.

The real file is not known: no page of the documentation shows it. Columns, words and the form of a time are made
up, after what such exports look like elsewhere. Times are UTC. Only what was booked stands in it, newest first.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from html import escape
from urllib.parse import urlencode

from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Request, Response

from demo.simulator.book import Book, Call
from demo.simulator.customers import Customers
from demo.simulator.faults.fate import DONE, REVIEW, TRANSFER
from demo.simulator.pages.browser import file
from demo.simulator.swapspace.counter import EXPENSE

EXPORT_PATH = "/swapspace/records.csv"
COLUMNS = "Order number", "Create time", "Chain", "Token", "To address", "Amount", "Fee", "Status", "Tx hash"

# A fate speaks Zoomex's language; what is not here stands as it is.
_STATUS_WORDS = {REVIEW: "Processing", TRANSFER: "Processing", DONE: "Success", "Fail": "Failed"}


def links(merchants: Iterable[str]) -> str:
    """A link to the file of each merchant, as HTML."""
    return "".join(_link(code) for code in merchants)


class Statements:
    """Serves a merchant's record as a file."""

    def __init__(self, customers: Customers, book: Book) -> None:
        self._customers, self._book = customers, book

    def download(self, request: Request, at: float) -> Response:
        """GET ?code=…: the merchant's record as of now; 404 for nobody's code."""
        merchant = self._customers.swapspace.get(request.args.get("code", ""))
        if merchant is None:
            raise NotFound
        sheet = io.StringIO()
        lines = csv.writer(sheet)
        lines.writerow(COLUMNS)
        lines.writerows(_lines(merchant.code, self._book, at))
        answer = file(sheet.getvalue(), "text/csv")
        answer.headers["Content-Disposition"] = (
            f'attachment; filename="swapspace-withdrawal-record-{merchant.code}.csv"'
        )
        return answer


def _link(code: str) -> str:
    address = escape(f"{EXPORT_PATH}?{urlencode({'code': code})}")
    return f'<a href="{address}">Withdrawal record of Swapspace merchant {escape(code)} (CSV)</a>\n'


def _lines(code: str, book: Book, at: float) -> Iterator[tuple[object, ...]]:
    for call in reversed(book.booked("swapspace")):
        if call.customer == code and call.fate.is_shown(call.received_at, at):
            status = call.fate.status(call.received_at, at)
            made = datetime.fromtimestamp(call.received_at, UTC)
            hash_ = _hash(call) if status == DONE else ""
            order = f"W{made:%Y%m%d}{call.sequence:06d}"
            what = call.block_chain, call.coin, call.address, call.amount
            yield order, f"{made:%Y-%m-%d %H:%M:%S}", *what, EXPENSE, _STATUS_WORDS.get(status, status), hash_


def _hash(call: Call) -> str:
    """Made up, in the form of the chain, and the same at every download."""
    digits = hashlib.sha256(f"{call.sequence} {call.body}".encode()).hexdigest()
    return f"0x{digits}" if call.block_chain == "ETH_CHAIN" else digits
