"""The book numbers what it remembers, and many callers at once lose nothing."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from demo.simulator.book import Book, Call

CALL = Call(provider="swapspace", received_at=1.0, content_type="", body="", headers={})
BOOKED = Call(
    provider="zoomex",
    received_at=2.0,
    content_type="",
    body="",
    headers={},
    customer="key",
    reference="r",
    coin="USDT",
    amount="1.5",
    booked=True,
)


def test_calls_are_numbered_in_order() -> None:
    book = Book()
    assert [book.remember(CALL).sequence, book.remember(CALL).sequence] == [1, 2]
    assert [call.sequence for call in book.calls()] == [1, 2]


def test_only_booked_calls_are_spent_and_found() -> None:
    book = Book()
    book.remember(CALL)
    kept = book.remember(BOOKED)
    assert book.spent("zoomex", "key", "USDT", at=3.0) == Decimal("1.5")
    assert book.find("zoomex", "r") == kept
    assert book.find("swapspace", "r") is None
    assert book.booked() == book.booked("zoomex") == [kept]
    assert book.booked("swapspace") == []


def test_many_callers_at_once_lose_nothing() -> None:
    book = Book()
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda _: (book.remember(BOOKED), book.new_withdrawal_id())[1], range(400)))
    assert [call.sequence for call in book.calls()] == list(range(1, 401))
    assert sorted(ids) == [str(number) for number in range(10195, 10595)]
    assert book.spent("zoomex", "key", "USDT", at=3.0) == Decimal("600")


def test_a_book_in_a_file_outlasts_a_restart(tmp_path: Path) -> None:
    file = tmp_path / "orders.jsonl"
    first = Book(kept_in=file)
    given = first.new_withdrawal_id()
    first.remember(replace(BOOKED, withdrawal_id=given))

    again = Book(kept_in=file)
    assert again.calls() == first.calls()
    assert again.find("zoomex", "r") == first.find("zoomex", "r")
    assert again.spent("zoomex", "key", "USDT", at=3.0) == Decimal("1.5")
    assert (given, again.new_withdrawal_id()) == ("10195", "10196")
