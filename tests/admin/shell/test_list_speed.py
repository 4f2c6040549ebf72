"""Lists and the desk stay fast: as many queries for thirty rows as for three, nothing counted, an index for each."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from payouts.domain.people.roles import Role
from payouts.models import Account, Address
from payouts.workflow.recipients import address_book
from tests.admin.shell.test_lists import LISTS
from tests.props.cast import Cast, approve, person_with, proposal, raised
from tests.props.pages.pages import list_of, page_of

pytestmark = pytest.mark.django_db

TABLES = ("payouts_withdrawal", "payouts_address", "payouts_auditevent")  # those that grow


def grow(cast: Cast, payee: Address, rows: int) -> None:
    """So many more withdrawals with an approval, proposals, events and people."""
    for number in range(rows):
        approve(raised(cast, payee, by=(cast.requester, cast.second_requester)[number % 2]), cast.first_approver)
        address_book.propose(proposal(payee.account), by=cast.keeper)
        person_with(f"person-{rows}-{number}", Role.AUDITOR, enrolled=False)


def asked(client: Client, url: str) -> list[str]:
    """The queries that a page makes."""
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(url).status_code == 200
    return [str(query["sql"]) for query in queries]


def test_thirty_rows_take_no_more_queries_than_three(cast: Cast, payee: Address, everybody: Client) -> None:
    urls = ["/", *(list_of(name) for name in LISTS)]
    grow(cast, payee, 3)
    few = {url: len(asked(everybody, url)) for url in urls}
    grow(cast, payee, 27)
    many = {url: len(asked(everybody, url)) for url in urls}
    assert many == few
    assert max(many.values()) < 38  # the desk of somebody with every role: two for each tray


def test_a_pages_queries_do_not_grow_with_its_story(cast: Cast, payee: Address, everybody: Client) -> None:
    it = raised(cast, payee)
    before = len(asked(everybody, page_of(it)))
    for approver in (cast.first_approver, cast.second_approver):
        approve(it, approver)
    assert len(asked(everybody, page_of(it))) <= before + 1
    before = len(asked(everybody, page_of(payee)))
    grow(cast, payee, 10)
    assert len(asked(everybody, page_of(payee))) == before


def test_nothing_is_counted(cast: Cast, payee: Address, everybody: Client) -> None:
    grow(cast, payee, 3)
    for url in ["/", *(list_of(name) for name in LISTS), list_of("payouts_withdrawal") + "?q=x&status__exact=unknown"]:
        assert [sql for sql in asked(everybody, url) if "COUNT(" in sql] == []


QUERIES = [
    "", "status__exact=unknown", "mine=waiting", "mine=raised", "mine=approved", "period=month", "coin=USDT",
    "account__id__exact={account}", "q={reference}", "q=10195", "q={address}", "q=INV-1",
]  # fmt: skip
CASES = [
    *(("payouts_withdrawal", query) for query in QUERIES),
    *(("payouts_address", query) for query in ("", "status__exact=active", "q={address}")),
    *(
        ("payouts_auditevent", query)
        for query in ("", "event=signed_in", "period=today", "by=people", "q={reference}", "q=keeper")
    ),
]


@pytest.mark.parametrize(("name", "query"), CASES)
def test_an_index_serves_every_list_search_and_filter(
    name: str, query: str, cast: Cast, payee: Address, treasury: Account, everybody: Client
) -> None:
    """Without sequential scans PostgreSQL finds a way through indexes; where there is none, it scans regardless."""
    it = raised(cast, payee)
    filled = query.format(account=treasury.pk, reference=it.reference, address=payee.address)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        for sql in asked(everybody, f"{list_of(name)}?{filled}"):
            if re.match(rf'SELECT .*FROM "({"|".join(TABLES)})"', sql):
                assert scanned(cursor, sql) == [], sql


def scanned(cursor: Any, sql: str) -> list[str]:
    """The growing tables that the plan reads from end to end."""
    cursor.execute("EXPLAIN " + sql.replace("%", "%%"))
    plan = "\n".join(line for (line,) in cursor.fetchall())
    return [table for table in TABLES if f"Seq Scan on {table}" in plan]
