"""A row of Zoomex's records, field by field; one that is not understood makes the whole answer unavailable."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from payouts.domain.unknown.record import Listed, RecordStatus, Unavailable
from tests.props.providers.lines import ScriptedLine
from tests.props.providers.zoomex_records import RECORD, ROW, page, without


def test_a_row_is_read_field_by_field(read: Any, line: ScriptedLine) -> None:
    line.answers(page(ROW))
    assert read() == Listed((RECORD,))
    assert line.hung_up == 0


def test_the_newer_envelope_is_read_as_well(read: Any, line: ScriptedLine) -> None:
    line.answers({"retCode": 0, "retMsg": "success", "result": {"rows": [ROW], "cursor": ""}, "time": 1})
    assert read() == Listed((RECORD,))


@pytest.mark.parametrize(
    ("text", "status", "known"),
    [
        ("Pending Review", RecordStatus.PENDING, True),
        ("Pending Transfer", RecordStatus.PENDING, True),
        ("Transferred successfully", RecordStatus.COMPLETED, True),
        ("Rejected", RecordStatus.FAILED, True),
        ("Cancelled", RecordStatus.FAILED, True),
        ("Fail", RecordStatus.FAILED, True),
        ("success", RecordStatus.PENDING, False),
        ("transferred successfully", RecordStatus.PENDING, False),
        ("Fail ", RecordStatus.PENDING, False),
        ("SecurityCheck", RecordStatus.PENDING, False),
    ],
)
def test_only_documented_words_end_a_withdrawal(
    read: Any, line: ScriptedLine, text: str, status: RecordStatus, known: bool
) -> None:
    line.answers(page(ROW | {"status": text}))
    [record] = read().records
    assert (record.status, record.status_text, record.known) == (status, text, known)


@pytest.mark.parametrize(
    ("digits", "moment"),
    [
        ("1705895566", datetime(2024, 1, 22, 3, 52, 46, tzinfo=UTC)),
        ("1705895566250", datetime(2024, 1, 22, 3, 52, 46, 250_000, tzinfo=UTC)),
    ],
)
def test_thirteen_digits_are_milliseconds(read: Any, line: ScriptedLine, digits: str, moment: datetime) -> None:
    line.answers(page(ROW | {"create_time": digits}))
    [record] = read().records
    assert record.created_at == moment
    assert record.created_at.utcoffset() == timedelta(0)


@pytest.mark.parametrize(("name", "value"), [("tx_id", ""), ("withdraw_fee", None)])
@pytest.mark.parametrize("missing", ["", None, "absent"])
def test_transaction_id_and_fee_may_be_missing(
    read: Any, line: ScriptedLine, name: str, value: object, missing: str | None
) -> None:
    line.answers(page(without(name) if missing == "absent" else ROW | {name: missing}))
    [record] = read().records
    assert {"tx_id": record.tx_id, "withdraw_fee": record.fee}[name] == value


@pytest.mark.parametrize("name", ["withdraw_id", "coin", "amount", "status", "to_address", "create_time"])
@pytest.mark.parametrize("value", ["absent", None, "", 1, 12.5, True, [], {}, "\n", "a\u202eb", "\ud800", "9" * 500])
def test_a_row_that_is_not_understood_makes_the_whole_answer_unavailable(
    read: Any, line: ScriptedLine, name: str, value: object
) -> None:
    line.answers(page(ROW, without(name) if value == "absent" else ROW | {"withdraw_id": "2", name: value}))
    answer = read()
    assert isinstance(answer, Unavailable)
    assert (answer.code, name in answer.message) == ("not_understood", True)
    assert line.hung_up == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("amount", "1e3"),
        ("amount", "-1"),
        ("amount", "1,000"),
        ("amount", " 1"),
        ("amount", "NaN"),
        ("amount", "\u0661"),  # an Arabic digit
        ("amount", "1.0000000000000000001"),
        ("withdraw_fee", "free"),
        ("withdraw_fee", 0),
        ("tx_id", 7),
        ("withdraw_id", "10 195"),
        ("to_address", "201***56"),
        ("to_address", "a**@example.com"),
        ("create_time", "170589556"),
        ("create_time", "17058955662"),
        ("create_time", "1705895566250000"),
        ("create_time", "2024-01-22"),
    ],
)
def test_a_value_of_another_form_makes_the_whole_answer_unavailable(
    read: Any, line: ScriptedLine, name: str, value: object
) -> None:
    line.answers(page(ROW | {name: value}))
    assert read().code == "not_understood"


@pytest.mark.parametrize("row", [None, "row", [], 7])
def test_a_row_that_is_no_object_makes_the_whole_answer_unavailable(read: Any, line: ScriptedLine, row: object) -> None:
    line.answers(page(ROW, row))
    assert read().code == "not_understood"


@pytest.mark.parametrize(
    "result",
    [None, [], "x", {}, {"rows": None, "cursor": ""}, {"rows": {}, "cursor": ""}, {"rows": []}, {"cursor": ""},
     {"rows": [], "cursor": None}, {"rows": [], "cursor": 1}, {"rows": [], "cursor": "a b"},
     {"rows": [], "cursor": "a&withdrawType=0"}],
)  # fmt: skip
def test_without_a_list_and_a_cursor_nothing_is_concluded(read: Any, line: ScriptedLine, result: object) -> None:
    line.answers(page() | {"result": result})
    assert read().code == "not_understood"
    assert len(line.sent) == 1
