"""The page that shows the orders received, and the same as JSON. Read only."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from html import escape

from werkzeug.wrappers import Response

from demo.simulator.book import Book, Call
from demo.simulator.pages.browser import file, page, template
from demo.simulator.swapspace.records import links

_BOOK_PAGE = template("page.html")
_ADDRESS_TYPE_WORDS = {"1": "e-mail", "2": "phone", "3": "UID"}


def show(book: Book, merchants: Iterable[str]) -> Response:
    """The page, newest order first, with each merchant's withdrawal record to download."""
    calls = book.calls()
    booked = sum(call.booked for call in calls)
    content = "".join(_row(call) for call in reversed(calls))
    text = _BOOK_PAGE.substitute(
        summary=f"{len(calls)} received, {booked} booked, {len(calls) - booked} not booked",
        rows=content,
        records=links(merchants),
        table_hidden="" if calls else "hidden",
        empty_hidden="hidden" if calls else "",
    )
    return page(text)


def as_json(book: Book) -> Response:
    """`{"orders": […]}`, oldest first, every field of the book."""
    text = json.dumps({"orders": [asdict(call) for call in book.calls()]})
    return file(text, "application/json")


def _row(call: Call) -> str:
    cells = [
        _time(call.received_at),
        f"{escape(call.provider.title())}<br><code>{_text(call.customer)}</code>",
        f"<code>{_text(call.reference)}</code>",
        f"<strong>{_text(call.amount)}</strong> {_text(call.coin)}",
        f"<code>{_text(call.address)}</code><br><span>{escape(_kind(call))}</span>",
        f"{_badge(call)}{escape(_answer(call))}",
        f"<code>{_text(call.withdrawal_id)}</code>",
    ]
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>\n"


def _time(seconds: float) -> str:
    at = datetime.fromtimestamp(seconds, UTC)
    clock = f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}"
    return f'<time datetime="{at.isoformat()}">{at:%Y-%m-%d}<br>{clock}</time>'


def _text(value: str | None) -> str:
    return escape(value) if value else "<span>none</span>"


def _kind(call: Call) -> str:
    if call.block_chain:
        return call.block_chain
    kind = _ADDRESS_TYPE_WORDS.get(call.address_type or "", "")
    return f"{kind} +{call.area_code}" if kind == "phone" else kind


def _badge(call: Call) -> str:
    word = "booked" if call.booked else "not booked"
    return f'<span class="badge {word.replace(" ", "-")}">{word}</span> '


def _answer(call: Call) -> str:
    answer = call.message if call.code is None else f"{call.code} {call.message}"
    return f"{answer} (fault: {call.fault})" if call.fault else answer
