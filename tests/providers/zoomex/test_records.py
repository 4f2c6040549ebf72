"""Zoomex's records: the documented query field by field, page after page, and what makes them unavailable."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from payouts.domain.sending.answer import Exchange
from payouts.domain.unknown.record import Listed, RecordStatus, Unavailable
from payouts.providers.http import Lost, NotOpened
from payouts.providers.zoomex.provider import Zoomex
from payouts.providers.zoomex.records import REQUESTS_A_MINUTE, RecordsReader
from tests.props.providers.lines import NOW, MakeClient, ScriptedLine, account
from tests.props.providers.zoomex_records import DAY, KEY, RECORD, ROW, SECRET, SINCE, UNTIL, page


def queries(line: ScriptedLine) -> list[dict[str, str]]:
    return [dict(parse_qsl(urlsplit(path).query, strict_parsing=True)) for _, path, _, _ in line.sent]


# -- the question --


def test_the_documented_query_is_on_the_wire_field_by_field(read: Any, line: ScriptedLine) -> None:
    line.answers(page())
    read()
    [(method, path, body, headers)] = line.sent
    text = (
        f"api_key={KEY}&endTime=1705896001&pageSize=50&recv_window=5000&startTime=1705892400"
        "&timestamp=1705895566432&withdrawType=2"
    )
    sign = hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    assert (method, urlsplit(path).path, body) == ("GET", "/private/v1/asset/withdraw/query-record", b"")
    assert queries(line) == [dict(parse_qsl(text)) | {"sign": sign}]
    assert headers == {
        "X-BAPI-API-KEY": KEY,
        "X-BAPI-SIGN": sign,
        "X-BAPI-TIMESTAMP": "1705895566432",
        "X-BAPI-RECV-WINDOW": "5000",
    }


def test_a_cursor_is_signed_raw_and_encoded_afterwards(read: Any, line: ScriptedLine) -> None:
    line.answers(page(ROW, cursor="YWJj+/9=="))
    line.answers(page())
    read()
    second = queries(line)[1]
    sign = second.pop("sign")
    text = "&".join(f"{name}={second[name]}" for name in sorted(second))
    assert "cursor=YWJj+/9==&" in text
    assert sign == hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
    assert "cursor=YWJj%2B%2F9%3D%3D" in line.sent[1][1]


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (SINCE.replace(tzinfo=None), UNTIL.replace(tzinfo=None)),
        (SINCE, SINCE - timedelta(microseconds=1)),
    ],
)
def test_a_range_that_would_be_empty_or_unclear_is_not_asked_for(
    client: MakeClient, line: ScriptedLine, since: datetime, until: datetime
) -> None:
    with pytest.raises(ValueError, match="aware"):
        client("zoomex").records(since=since, until=until)
    assert line.sent == []


def test_the_zone_of_a_moment_does_not_matter(client: MakeClient, line: ScriptedLine) -> None:
    elsewhere = timezone(timedelta(hours=5, minutes=30))
    for zone in (UTC, elsewhere):
        line.answers(page())
        client("zoomex").records(since=SINCE.astimezone(zone), until=UNTIL.astimezone(zone))
    assert line.sent[0] == line.sent[1]


def test_a_long_range_is_asked_for_in_parts_of_thirty_days_without_a_gap(
    client: MakeClient, line: ScriptedLine
) -> None:
    for number in range(3):
        line.answers(page(ROW | {"withdraw_id": str(number)}))
    listed = client("zoomex").records(since=UNTIL - 70 * DAY, until=UNTIL)
    spans = [(int(query["startTime"]), int(query["endTime"])) for query in queries(line)]
    assert [record.provider_id for record in listed.records] == ["0", "1", "2"]
    assert spans[0][0] <= (UNTIL - 70 * DAY).timestamp()
    assert [end for _, end in spans[:-1]] == [start for start, _ in spans[1:]]
    assert spans[-1][1] >= UNTIL.timestamp()
    assert max(end - start for start, end in spans) <= 30 * 86_400


# -- pages --


def test_pages_are_read_until_the_cursor_is_empty(read: Any, line: ScriptedLine) -> None:
    line.answers(page(ROW | {"withdraw_id": "3"}, ROW | {"withdraw_id": "2"}, cursor="one"))
    line.answers(page(cursor="two"))  # an empty page is not the end
    line.answers(page(ROW | {"withdraw_id": "1"}))
    assert [record.provider_id for record in read().records] == ["3", "2", "1"]
    assert [query.get("cursor") for query in queries(line)] == [None, "one", "two"]


@pytest.mark.parametrize(
    "last",
    [page() | {"ret_code": 10016}, page() | {"ret_code": 99}, page({}), b"", b"<html>", b'{"ret_code":0'],
)
def test_a_later_page_that_fails_makes_the_whole_answer_unavailable(
    read: Any, line: ScriptedLine, last: object
) -> None:
    line.answers(page(ROW, cursor="one"))
    line.answers(last)
    assert isinstance(read(), Unavailable)


@pytest.mark.parametrize("cursors", [["a", "a"], ["a", "b", "a"], ["a", "b", "c", "b"]])
def test_a_cursor_that_comes_again_is_a_loop(read: Any, line: ScriptedLine, cursors: list[str]) -> None:
    for cursor in cursors:
        line.answers(page(cursor=cursor))
    assert read().code == "cursor_loop"
    assert len(line.sent) == len(cursors)


@pytest.mark.parametrize(("pages", "expected"), [(200, Listed), (201, Unavailable)])
def test_two_hundred_pages_are_the_most(read: Any, line: ScriptedLine, pages: int, expected: Any) -> None:
    for number in range(1, pages):
        line.answers(page(cursor=str(number)))
    line.answers(page())
    answer = read()
    assert isinstance(answer, expected)
    assert isinstance(answer, Listed) or answer.code == "too_many_pages"


def test_a_row_that_slides_to_the_next_page_stands_once_as_it_was_last(read: Any, line: ScriptedLine) -> None:
    line.answers(page(ROW, cursor="one"))
    line.answers(page(ROW | {"status": "Transferred successfully"}))
    [record] = read().records
    assert record.status is RecordStatus.COMPLETED


@pytest.mark.parametrize(
    "change",
    [{"amount": "12.51"}, {"coin": "USDC"}, {"to_address": "12345679"}, {"create_time": "1705895567"}],
)
def test_two_payments_under_one_id_contradict_each_other(read: Any, line: ScriptedLine, change: dict[str, str]) -> None:
    line.answers(page(ROW, ROW | change))
    assert read().code == "contradictory"


# -- what goes wrong --


def test_a_lost_connection_is_tried_once_more_and_signed_afresh(client: MakeClient, line: ScriptedLine) -> None:
    moments = iter([NOW, NOW + 3])
    zoomex = client("zoomex")
    zoomex.statement.clock = lambda: next(moments)
    line.script.append(Lost("connection_lost", "Gone.", 3))
    line.answers(page(ROW))
    assert zoomex.records(since=SINCE, until=UNTIL) == Listed((RECORD,))
    first, second = queries(line)
    assert int(second["timestamp"]) - int(first["timestamp"]) == 3000
    assert first["sign"] != second["sign"]


@pytest.mark.parametrize(
    ("script", "calls"),
    [
        ([Lost("connection_lost", "Gone.", 3), Lost("connection_lost", "Gone.", 300, 200, b'{"re')], 2),
        ([Lost("timeout", "Gone.", 300, 200, b'{"re')], 1),
        ([Lost("too_large", "Gone.", 300, 200, b'{"re')], 1),
    ],
)
def test_what_is_lost_in_the_end_is_unavailable_with_what_was_read(
    read: Any, line: ScriptedLine, script: list[Exception], calls: int
) -> None:
    code = script[-1].code  # type: ignore[attr-defined]
    line.script.extend(script)
    assert read() == Unavailable(code, "Gone.", Exchange(200, 300, '{"re'))
    assert len(line.sent) == calls


def test_a_connection_that_never_opened_is_unavailable(read: Any, line: ScriptedLine) -> None:
    line.script.append(NotOpened("No connection.", 7))
    assert read() == Unavailable("connection_not_opened", "No connection.", Exchange(None, 7, ""))


@pytest.mark.parametrize(("code", "retry_after"), [(10003, 0), (10006, 5), (10018, 600), (10016, 0), (131001, 0)])
def test_any_code_but_0_is_unavailable_with_its_message(
    read: Any, line: ScriptedLine, code: int, retry_after: float
) -> None:
    body = page(ROW, ret_code=code, ret_msg="its message")
    line.answers(body)
    assert read() == Unavailable(str(code), "its message", Exchange(200, 12, json.dumps(body)), retry_after)


def test_http_403_says_how_long_to_stay_away(read: Any, line: ScriptedLine) -> None:
    line.answers(b"<html>access too frequent</html>", 403)
    answer = read()
    assert (answer.code, answer.retry_after) == ("HTTP 403", 600)


@pytest.mark.parametrize("status", [201, 302, 400, 401, 403, 404, 500, 503])
def test_a_yes_under_another_status_is_unavailable(read: Any, line: ScriptedLine, status: int) -> None:
    line.answers(page(ROW), status)
    assert isinstance(read(), Unavailable)


@pytest.mark.parametrize("body", [page(retCode=10001), page(ret_code="0"), page(ret_code=False), page(ret_code=None)])
def test_a_code_that_is_not_plainly_0_is_unavailable(read: Any, line: ScriptedLine, body: object) -> None:
    line.answers(body)
    assert isinstance(read(), Unavailable)


def test_nothing_is_kept_of_what_the_provider_echoes_of_our_secrets(read: Any, line: ScriptedLine) -> None:
    line.answers(page(ROW | {"echo": f"{KEY} {SECRET}"}))
    line.answers(page(ROW, ret_code=10004, ret_msg=f"{KEY} {SECRET}"))
    line.script.append(Lost("timeout", "Gone.", 1, 200, f"{KEY} {SECRET}".encode()))
    for _ in range(3):
        answer = read()
        assert KEY not in repr(answer)
        assert SECRET not in repr(answer)
        assert "[removed]" in repr(answer)


def test_no_more_than_three_hundred_requests_leave_in_a_minute(line: ScriptedLine) -> None:
    now = 1000.0
    statement = RecordsReader(account("zoomex"), line, window=5000, clock=lambda: NOW, ticks=lambda: now)
    for _ in range(REQUESTS_A_MINUTE + 1):
        line.answers(page())
    for _ in range(REQUESTS_A_MINUTE):
        assert statement.records(SINCE, UNTIL) == Listed(())
    now += 45
    refused = statement.records(SINCE, UNTIL)
    assert isinstance(refused, Unavailable)
    assert (refused.code, refused.retry_after, len(line.sent)) == ("too_many_requests", 15, 300)
    now += 15
    assert statement.records(SINCE, UNTIL) == Listed(())


def test_a_withdrawal_never_waits_for_a_look_up() -> None:
    """Its signature would be too old by the time the line is free."""
    provider = Zoomex(account("zoomex"))
    assert provider.statement.line is not provider.line
    provider.close()


def test_closing_lets_both_lines_go(client: MakeClient, line: ScriptedLine) -> None:
    zoomex = client("zoomex")
    zoomex.statement.line = second = ScriptedLine()
    zoomex.close()
    assert (line.hung_up, second.hung_up) == (1, 1)
