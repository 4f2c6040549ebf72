"""Zoomex's withdrawal records: GET /private/v1/asset/withdraw/query-record, read to the end or not at all.

Absence is concluded from what stands here, so an answer in which anything is not understood is Unavailable.
Sources: docs/v3/account/withdraw-record and docs/v3/enum of Zoomex's public documentation.
"""

import json
import math
import re
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from payouts.domain.sending.answer import Exchange, Outcome
from payouts.domain.unknown.record import Listed, Record, Records, Unavailable
from payouts.providers.base import Credentials
from payouts.providers.http import Lost, NotOpened, Reply
from payouts.providers.json_over_http import Calls, Json, read_object
from payouts.providers.redaction import message_text, raw_text
from payouts.providers.zoomex import v1
from payouts.providers.zoomex.row import NotUnderstood, read_row

RECORDS_PATH = "/private/v1/asset/withdraw/query-record"
ALL_TYPES = 2  # the default, 0, hides internal transfers
PAGE_SIZE = 50
MOST_PAGES = 200
REQUESTS_A_MINUTE = 300
# Zoomex gives no cap. Its ancestor's is 30 days, and a range that is cut silently would look like absence.
LONGEST_SPAN = int(timedelta(days=30).total_seconds())

_CURSOR = re.compile(r"[!-%'-~]{0,1024}")  # base64 as a rule, with = at its end; & would forge a parameter


@dataclass(frozen=True)
class RecordsPage:
    """One page of records that was understood as a whole."""

    records: tuple[Record, ...]
    cursor: str  # of the next page; empty after the last
    exchange: Exchange


class RecordsReader:
    """Reads an account's records over a line of its own; nothing here can pay."""

    def __init__(
        self,
        credentials: Credentials,
        line: Calls,
        *,
        window: int,
        clock: Callable[[], float],
        ticks: Callable[[], float] = time.monotonic,
    ) -> None:
        self.credentials = credentials
        self.line = line
        self.window = window
        self.clock = clock
        self.ticks = ticks
        self._starts: deque[float] = deque(maxlen=REQUESTS_A_MINUTE)

    def records(self, since: datetime, until: datetime) -> Records:
        """See LookUp.records."""
        if since.tzinfo is None or until.tzinfo is None or since > until:
            raise ValueError("a time range needs two aware moments, the earlier one first")
        found: dict[str, Record] = {}
        pages = self._pages(math.floor(since.timestamp()), math.ceil(until.timestamp()))
        for number, page in enumerate(pages, 1):
            if isinstance(page, Unavailable):
                return page
            if number > MOST_PAGES:
                return Unavailable("too_many_pages", f"There are more than {MOST_PAGES} pages.", page.exchange)
            for record in page.records:
                if _payment(found.get(record.provider_id, record)) != _payment(record):
                    return Unavailable("contradictory", "Two rows with one id differ.", page.exchange)
                found[record.provider_id] = record
        return Listed(tuple(found.values()))

    def _pages(self, start: int, end: int) -> Iterator[RecordsPage | Unavailable]:
        """Every page of every span; ends after the first that is Unavailable."""
        for first, last in _spans(start, end):
            cursor, read = "", set[str]()
            while cursor not in read:
                page = self._page(first, last, cursor)
                yield page
                if isinstance(page, Unavailable):
                    return
                read.add(cursor)
                cursor = page.cursor
                if not cursor:
                    break
            else:
                yield Unavailable("cursor_loop", "The pages lead back to one already read.", page.exchange)
                return

    def _page(self, start: int, end: int, cursor: str) -> RecordsPage | Unavailable:
        params: dict[str, str | int] = {
            "withdrawType": ALL_TYPES,
            "startTime": start,
            "endTime": end,
            "pageSize": PAGE_SIZE,
        }
        if cursor:
            params["cursor"] = cursor
        page = self._ask(params)
        if isinstance(page, Unavailable) and page.code == "connection_lost":
            return self._ask(params)  # a GET changes nothing, and an idle connection may just have been closed
        return page

    def _ask(self, params: dict[str, str | int]) -> RecordsPage | Unavailable:
        """One signed GET, without a body: even an empty JSON object is answered with HTTP 403."""
        if wait := self._wait():
            message = f"{REQUESTS_A_MINUTE} requests were sent within a minute."
            return Unavailable("too_many_requests", message, Exchange(None, 0, ""), wait)
        signed = v1.signed(params, self.credentials, at=self.clock(), window=self.window)
        path = f"{RECORDS_PATH}?{urlencode(signed.params, quote_via=quote, safe='')}"
        try:
            reply = self.line.call("GET", path, body=b"", headers=signed.headers)
        except NotOpened as failure:
            return Unavailable(failure.code, failure.message, Exchange(None, failure.duration_ms, ""))
        except Lost as failure:
            partial = raw_text(failure.partial, self.credentials, signed.sign)
            evidence = Exchange(failure.http_status, failure.duration_ms, partial)
            return Unavailable(failure.code, failure.message, evidence)
        return self._read(reply, signed.sign)

    def _wait(self) -> float:
        """Seconds until another request may go; 0 when it may go now, and is counted."""
        now = self.ticks()
        if len(self._starts) == REQUESTS_A_MINUTE and now - self._starts[0] < 60:
            return 60 - (now - self._starts[0])
        self._starts.append(now)
        return 0

    def _read(self, reply: Reply, sign: str) -> RecordsPage | Unavailable:
        answer = read_object(reply.body)
        exchange = Exchange(reply.http_status, reply.duration_ms, raw_text(reply.body, self.credentials, sign))
        verdict = v1.verdict(reply.http_status, answer)
        if verdict.outcome is not Outcome.ACCEPTED or answer is None:
            self.line.hang_up()
            message = message_text(verdict.message, self.credentials, sign) or verdict.words
            return Unavailable(verdict.code, message, exchange, verdict.retry_after)
        try:
            rows, cursor = _result(answer)
            return RecordsPage(tuple(self._record(row, sign) for row in rows), cursor, exchange)
        except NotUnderstood as error:
            self.line.hang_up()
            return Unavailable("not_understood", str(error), exchange)

    def _record(self, row: object, sign: str) -> Record:
        try:
            raw = json.dumps(row).encode()
        except RecursionError:
            raise NotUnderstood("a row") from None
        return read_row(row, raw=raw_text(raw, self.credentials, sign))


def _result(answer: Json) -> tuple[list[object], str]:
    """The rows and the next cursor. Raises NotUnderstood."""
    result = answer.get("result")
    rows, cursor = (result.get("rows"), result.get("cursor")) if isinstance(result, dict) else (None, None)
    if not isinstance(rows, list):
        raise NotUnderstood("rows")
    if not (isinstance(cursor, str) and _CURSOR.fullmatch(cursor)):
        raise NotUnderstood("cursor")
    return rows, cursor


def _payment(record: Record) -> tuple[object, ...]:
    """The fields of a record that never change, unlike status, fee and transaction id."""
    return record.coin, record.amount, record.address, record.created_at


def _spans(start: int, end: int) -> Iterator[tuple[int, int]]:
    """The range in parts of at most LONGEST_SPAN seconds. Neighbours share a second: an id is listed once anyway."""
    while end - start > LONGEST_SPAN:
        yield start, start + LONGEST_SPAN
        start += LONGEST_SPAN
    yield start, end
