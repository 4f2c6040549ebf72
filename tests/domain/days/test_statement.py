"""An uploaded statement: records that stay the same at every upload, and each bad line with number and reason."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from payouts.domain.days.statement import LONGEST_LINE, read_statement
from payouts.domain.days.statement_columns import ColumnMapping, guess_mapping
from payouts.domain.errors import InvalidValue
from payouts.domain.unknown.record import Record, RecordStatus
from tests.props.facts.csv_files import ADA, HEADER, LINE, WORDS, bad, file, line, read

COLUMNS = guess_mapping(HEADER.split(","))
WITHOUT_IDS = replace(COLUMNS, record_id="")
NEITHER = replace(COLUMNS, record_id="", tx_id="")
RECORD = Record(
    provider_id="77",
    tx_id="0xabc",
    coin="USDT",
    amount=Decimal("1250.50"),
    fee=Decimal("1"),
    address=ADA,
    status=RecordStatus.COMPLETED,
    status_text="Success",
    known=True,
    created_at=datetime(2026, 3, 1, 12, 30, 5, tzinfo=UTC),
    raw=LINE,
)


def ids(*lines: str, mapping: ColumnMapping = NEITHER) -> list[str]:
    return [record.provider_id for record in read(*lines, mapping=mapping).records]


def test_a_line_is_a_record() -> None:
    assert read(LINE).records == (RECORD,)
    assert read(LINE).bad_lines == ()


def test_only_the_required_columns_are_needed() -> None:
    [found] = read(LINE, mapping=ColumnMapping("Time", "Coin", "Address", "Amount")).lines
    bare = replace(RECORD, provider_id=found.made_id, tx_id="", fee=None)
    assert found.record == replace(bare, status=RecordStatus.PENDING, status_text="", known=False)


def test_the_chain_is_told_in_the_files_word() -> None:
    content = file(LINE, header=HEADER.replace("Note", "Network"))
    mapping = replace(COLUMNS, chain="Network")
    assert [each.chain for each in read_statement(content, mapping, words=WORDS).lines] == ["for March"]


def test_a_coin_in_small_letters_is_the_same_coin() -> None:
    assert read(line(coin="usdt")).records[0].coin == "USDT"


def test_the_zone_is_the_files() -> None:
    zone = timezone(timedelta(hours=8))
    [record] = read_statement(file(LINE), COLUMNS, words=WORDS, zone=zone).records
    assert record.created_at == datetime(2026, 3, 1, 4, 30, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("word", "status", "known"),
    [
        ("SUCCESS", RecordStatus.COMPLETED, True),
        ("failed", RecordStatus.FAILED, True),
        ("In Review", RecordStatus.PENDING, True),
        ("Successful", RecordStatus.PENDING, False),
        ("", RecordStatus.PENDING, False),
    ],
)
def test_a_word_is_known_or_pending(word: str, status: RecordStatus, known: bool) -> None:
    [record] = read(line(status=word)).records
    assert (record.status, record.known, record.status_text) == (status, known, word)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        (line(time="yesterday"), "Time: Not a time to the second"),
        (line(amount='"1,250.50"'), "Amount: Write 1250.50: no thousands separators"),
        (line(amount="1.2505E3"), "Amount: Write all the digits"),
        (line(amount="NaN"), "Amount: Write a number"),
        (line(amount="-1250.50"), "Amount: An amount is greater than zero"),
        (line(fee="free"), 'Fee: Character 1 is "f"'),
        (line(address="TL9q...ax44"), "Address: The address is shortened"),
        (line(address=""), "Address: The cell is empty."),
        (line(address="a" * 255), "Address: The cell has more than 254 characters."),
        (line(coin="US\u202eDT"), "Coin: The cell holds line breaks or characters that cannot be seen."),
        (line(address=f'"{ADA}\n{ADA}"'), "Address: The cell holds line breaks"),
        (line(orderid="7" * 81), "Order ID: The cell has more than 80 characters."),
        (line(status="s" * 65), "Status: The cell has more than 64 characters."),
        (line(txhash="0" * 201), "TxHash: The cell has more than 200 characters."),
        (line(note="\0"), "The row holds a NUL character."),
        (line(note="n" * LONGEST_LINE), "The row has more than 10,000 characters."),
        (LINE + ",more", "The row has 10 cells, the header 9."),
        ("Total,1250.50", "The row has 2 cells, the header 9."),
    ],
)
def test_a_bad_line_is_named_with_its_number_and_reason_and_the_others_are_read(changed: str, reason: str) -> None:
    found = read(LINE, "", changed, line(orderid="78"))
    assert [record.provider_id for record in found.records] == ["77", "78"]
    [bad_line] = found.bad_lines
    assert bad_line.number == 4
    assert bad_line.reason.startswith(reason)


def test_bad_lines_stand_in_the_files_order() -> None:
    contradictory = [line(orderid="5"), line(orderid="5", amount="2")]
    assert [number for number, _ in bad(contradictory[0], line(amount="x"), contradictory[1])] == [2, 3, 4]


def test_a_formula_stays_text() -> None:
    [record] = read(line(orderid="=1+1", txhash="@SUM(A1)")).records
    assert (record.provider_id, record.tx_id) == ("=1+1", "@SUM(A1)")


def test_an_id_is_the_records_or_one_made_of_the_line() -> None:
    assert ids(LINE, mapping=COLUMNS) == ["77"]
    [made] = ids(LINE)
    assert made.startswith("line-")
    assert len(made) <= 80


def test_without_ids_a_transaction_is_no_id_and_stays_with_its_record() -> None:
    [record] = read(LINE, mapping=WITHOUT_IDS).records
    assert record.tx_id == "0xabc"
    assert [record.provider_id] == ids(LINE)


def test_one_transaction_that_pays_two_people_is_two_records() -> None:
    lines = [LINE, line(address="0x" + "1" * 40), line(amount="7")]
    found = read(*lines, mapping=WITHOUT_IDS)
    assert found.bad_lines == ()
    assert [record.tx_id for record in found.records] == ["0xabc"] * 3
    assert len({record.provider_id for record in found.records}) == 3


def test_one_transaction_that_pays_somebody_the_same_twice_is_two_records() -> None:
    found = read(LINE, LINE, mapping=WITHOUT_IDS)
    assert found.bad_lines == ()
    assert len({record.provider_id for record in found.records}) == 2


def test_a_cell_that_says_nothing_is_no_id() -> None:
    assert ids(line(orderid="-", txhash="N/A"), mapping=COLUMNS) == ids(LINE)


def test_the_same_file_gives_the_same_ids() -> None:
    assert ids(LINE, LINE, line(amount="1")) == ids(LINE, LINE, line(amount="1"))


def test_two_equal_payments_stay_two() -> None:
    assert len(set(ids(LINE, LINE, LINE))) == 3
    assert ids(LINE, LINE)[0] == ids(LINE)[0]


@pytest.mark.parametrize("changes", [{"time": "2026-03-01 12:30:06"}, {"coin": "USDC"}, {"amount": "1250.51"}])
def test_another_payment_has_another_id(changes: dict[str, str]) -> None:
    assert ids(line(**changes)) != ids(LINE)


@pytest.mark.parametrize(
    "changes", [{"status": "In review"}, {"fee": ""}, {"txhash": ""}, {"note": "x"}, {"amount": "1250.5"}]
)
def test_a_made_id_stays_while_the_payment_goes_its_way(changes: dict[str, str]) -> None:
    assert ids(line(**changes)) == ids(LINE)


def test_a_file_with_and_without_its_transactions_has_the_same_ids() -> None:
    lines = [LINE, LINE, line(amount="1")]
    assert ids(*lines, mapping=WITHOUT_IDS) == ids(*lines, mapping=NEITHER)


def test_a_record_that_gets_its_own_id_later_can_be_found_by_its_made_id() -> None:
    [before] = ids(line(orderid=""), mapping=COLUMNS)
    [after] = read(LINE).lines
    assert (after.record.provider_id, after.made_id) == ("77", before)


def test_a_line_that_stands_twice_with_one_id_is_one() -> None:
    assert ids(LINE, LINE, mapping=COLUMNS) == ["77"]
    assert bad(LINE, line(note="another note")) == []


@pytest.mark.parametrize(
    "changes", [{"amount": "1"}, {"address": "x"}, {"status": "Failed"}, {"txhash": "0xb"}, {"time": "1772368206"}]
)
def test_lines_with_one_id_that_differ_are_bad_all_of_them(changes: dict[str, str]) -> None:
    reason = "Rows 2, 3 have the same id and differ: none of them is used."
    assert bad(LINE, line(**changes)) == [(2, reason), (3, reason)]
    assert ids(LINE, line(**changes), line(orderid="78"), mapping=COLUMNS) == ["78"]


def test_a_mapping_that_is_not_the_files_is_refused() -> None:
    with pytest.raises(InvalidValue) as refusal:
        read_statement(file(LINE), replace(COLUMNS, amount="Sum"), words=WORDS)
    assert (refusal.value.field, refusal.value.code) == ("amount", "no_such_column")


def test_a_header_alone_is_an_empty_statement() -> None:
    found = read()
    assert (found.lines, found.bad_lines) == ((), ())
