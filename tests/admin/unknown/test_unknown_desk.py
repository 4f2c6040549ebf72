"""The unknown desk: the oldest first, what is at risk, what looking came to, and whose turn it is."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from payouts.admin.unknown import resolutions, unknown
from payouts.admin.unknown.unknown import Looked, what_happens_next, what_looking_came_to
from payouts.domain.people.roles import Role
from payouts.models import Account, Address, Look, Withdrawal
from payouts.models.unknown.record import LookResult
from payouts.models.unknown.resolution import Verdict
from payouts.workflow.decisions import deciding
from tests.conftest import SignIn
from tests.props.cast import Cast, active_address, person_with
from tests.props.findings import confirm, lost, proposed
from tests.props.pages.pages import untouched, words
from tests.props.rows.guards import forge

pytestmark = pytest.mark.django_db

DESK, ACCEPTED = "/payouts/resolution/", "/payouts/resolution/accepted/"
MORNING = datetime(2020, 3, 7, 10, 31, tzinfo=UTC)


def rows_of(page: Any) -> list[Any]:
    assert page.status_code == 200
    return list(page.context["rows"])


def look(it: Withdrawal, result: LookResult, **columns: Any) -> None:
    now = timezone.now()
    Look.objects.create(withdrawal=it, since=now, until=now, result=result.value, **columns)


# -- rows and sums --


def test_the_oldest_come_first_with_everything_about_them(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    new, old = lost(cast, payee), lost(cast, payee)
    forge(old, status_changed_at=timezone.now() - timedelta(days=3))
    lost(cast, payee, status="completed")
    page = sign_in(cast.first_approver).get(DESK)
    assert [row.withdrawal for row in rows_of(page)] == [old, new]
    shown = words(page)
    for part in ("3 days", "less than a minute", payee.label, "from treasury", "Not looked for at Zoomex yet."):
        assert part in shown
    assert payee.address in shown.replace(" ", "")


def test_what_may_have_been_paid_is_summed_per_coin(
    cast: Cast, treasury: Account, payee: Address, sign_in: SignIn
) -> None:
    other = active_address(cast, treasury, coins=("USDC",))
    for amount in ("1250", "0.0001"):
        lost(cast, payee, amount=Decimal(amount))
    lost(cast, other, coin="USDC", amount=Decimal(3))
    lost(cast, payee, status="submitted", amount=Decimal(99))
    client = sign_in(cast.first_approver)
    assert client.get(DESK).context["exposure"] == [("USDC", Decimal(3)), ("USDT", Decimal("1250.0001"))]
    tray = next(tray for tray in client.get("/").context["attention"] if tray.name == "unknown")
    assert (tray.count, list(tray.sums)) == ("3", client.get(DESK).context["exposure"])
    assert "1,250.0001USDT" in words(client.get("/")).replace(" ", "")


def test_an_empty_desk_says_so(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(cast.first_approver).get(DESK)
    assert "Nothing is unknown" in words(page)
    assert "May have been paid" not in words(page)


def test_a_full_desk_shows_a_page_and_sums_all(
    cast: Cast, payee: Address, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (unknown, resolutions):
        monkeypatch.setattr(module, "DESK_ROWS", 2)
    for amount in (10, 11, 12):
        lost(cast, payee, amount=Decimal(amount))
    page = sign_in(cast.first_approver).get(DESK)
    assert len(rows_of(page)) == 2
    assert "These are the 2 oldest." in words(page)
    assert page.context["exposure"] == [("USDT", Decimal(33))]


def test_many_rows_take_no_more_queries_than_few(
    cast: Cast, payee: Address, chain_payee: Address, sign_in: SignIn
) -> None:
    client = sign_in(cast.first_approver)
    counts = []
    for rows in (2, 10):
        for _ in range(rows):
            it, taken = lost(cast, payee), lost(cast, payee)
            look(it, LookResult.ABSENT)
            look(it, LookResult.ABSENT)
            proposed(cast, taken, verdict=Verdict.NOT_PAID, found_as="")
            lost(cast, chain_payee, status="submitted")
        counts.append([asked(client, DESK), asked(client, ACCEPTED)])
    assert counts[0] == counts[1]
    assert max(counts[0]) < 30


def asked(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert client.get(url).status_code == 200
    return len(queries)


# -- what is known --


@pytest.mark.parametrize(
    ("result", "columns", "said"),
    [
        (LookResult.ABSENT, {}, "no record fits."),
        (LookResult.AMBIGUOUS, {"fitting": 3}, "3 records fit, and nothing tells which one is ours."),
        (LookResult.UNAVAILABLE, {"code": "10006"}, "its records could not be read."),
        (LookResult.FOUND, {}, "a record was found."),
    ],
)
def test_what_looking_came_to_is_said(
    cast: Cast, payee: Address, result: LookResult, columns: dict[str, Any], said: str
) -> None:
    it = Withdrawal(account=payee.account)
    last = Look(result=result.value, looked_at=MORNING, **columns)
    assert what_looking_came_to(it, Looked(3, last)) == f"Looked 3 times at Zoomex, last at 7 Mar 10:31: {said}"
    last.looked_at = timezone.now()
    today = f"Looked once at Zoomex, last at {timezone.localtime(last.looked_at):%H:%M}: {said}"
    assert what_looking_came_to(it, Looked(1, last)) == today


def test_every_look_is_counted_and_the_last_one_speaks(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    it = lost(cast, payee)
    for result in (LookResult.UNAVAILABLE, LookResult.AMBIGUOUS, LookResult.ABSENT):
        look(it, result)
    [row] = rows_of(sign_in(cast.first_approver).get(DESK))
    assert row.looked.startswith("Looked 3 times at Zoomex")
    assert row.looked.endswith("no record fits.")


def test_what_happens_by_itself_is_said(payee: Address, chain_payee: Address) -> None:
    later = timezone.now() + timedelta(minutes=5)
    absent, unread = (Looked(1, Look(result=result, looked_at=MORNING)) for result in ("absent", "unavailable"))
    it = Withdrawal(account=payee.account, next_look_at=later)
    assert what_happens_next(it, unread, resend_left=True) == f"Looks again at {unknown.clock(later)}."
    assert what_happens_next(it, absent, resend_left=False) == f"Looks again at {unknown.clock(later)}."
    assert "may be sent once more under the same reference" in what_happens_next(it, absent, resend_left=True)
    it.next_look_at = MORNING
    assert what_happens_next(it, None, resend_left=True) == "Looks again any moment."
    it.next_look_at = None
    assert what_happens_next(it, absent, resend_left=True) == ""
    assert what_happens_next(Withdrawal(account=chain_payee.account, next_look_at=later), None, resend_left=True) == ""


def test_what_nobody_can_be_asked_about_says_so(cast: Cast, chain_payee: Address, sign_in: SignIn) -> None:
    lost(cast, chain_payee)
    shown = words(sign_in(cast.first_approver).get(DESK))
    assert "Swapspace cannot be asked what became of it. Nothing more happens by itself." in shown


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0.5, "less than a minute"), (1, "1 minute"), (59, "59 minutes"), (60, "1 hour"), (47 * 60, "47 hours"),
     (48 * 60, "2 days"), (90 * 24 * 60, "90 days")],
)  # fmt: skip
def test_an_age_is_said_in_its_largest_unit(minutes: float, said: str) -> None:
    assert unknown.age(timedelta(minutes=minutes)) == said


# -- whose turn it is --


def test_whose_turn_it_is(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    nobody_looked, found = lost(cast, payee), lost(cast, payee)
    proposed(cast, found, by=cast.first_approver)
    turns = {
        cast.second_requester: ("Say what became of it", "Waits for an approver"),
        cast.first_approver: ("Say what became of it", "Waits for another approver"),
        cast.second_approver: ("Say what became of it", "Look and confirm"),
        cast.requester: ("two other people do", "Waits for an approver"),
        cast.auditor: ("Waits for somebody to find out", "Waits for an approver"),
    }
    for user, parts in turns.items():
        page = sign_in(user).get(DESK)
        shown = words(page)
        assert [part for part in parts if part not in shown] == [], user
        assert ("Say what became of it" in shown) == (parts[0] == "Say what became of it")
        assert ("Look and confirm" in shown) == (parts[1] == "Look and confirm")
    assert nobody_looked.status == "unknown"


def test_what_waits_for_me_is_on_my_desk(cast: Cast, payee: Address, chain_payee: Address, sign_in: SignIn) -> None:
    both = person_with("chief", Role.REQUESTER, Role.APPROVER)
    found = proposed(cast, lost(cast, chain_payee, status="submitted"), by=cast.first_approver)
    about_mine = proposed(cast, lost(cast, payee, by=both))

    def waiting(user: Any) -> list[Any]:
        return [row for tray in sign_in(user).get("/").context["own"] if tray.name == "confirm" for row in tray.rows]

    assert waiting(cast.second_approver) == [found, about_mine]
    assert waiting(cast.first_approver) == [about_mine]
    assert waiting(both) == [found]
    assert waiting(cast.requester) == waiting(cast.auditor) == []


def test_what_was_decided_lately_is_told(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    confirm(proposed(cast, lost(cast, payee)), cast.first_approver)
    declined = proposed(cast, lost(cast, payee), found_as="10195")
    deciding.reject(declined.proposal_id, reason="Another payment", by=cast.first_approver)
    page = sign_in(cast.auditor).get(DESK)
    assert [found.proposal.state for found in page.context["lately"]] == ["rejected", "carried"]


def test_who_can_act_is_shown_the_way(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    lost(cast, payee)
    for user, badge in {
        cast.requester: "1",
        cast.first_approver: "1",
        cast.keeper: None,
        cast.administrator: None,
    }.items():
        places = {place.title: place.badge for place in sign_in(user).get("/").context["places"]}
        assert places.get("Unknown") == badge


# -- accepted, not confirmed --


def test_what_was_accepted_blindly_stands_by_account(
    cast: Cast, payee: Address, chain_payee: Address, sign_in: SignIn
) -> None:
    new, old = (lost(cast, chain_payee, status="submitted") for _ in range(2))
    forge(old, status_changed_at=MORNING)
    proposed(cast, lost(cast, chain_payee, status="submitted"))
    lost(cast, payee, status="submitted")  # its provider can be asked
    lost(cast, chain_payee, status="completed")
    page = sign_in(cast.second_requester).get(ACCEPTED)
    [sheaf] = page.context["sheaves"]
    assert (sheaf.account.name, sheaf.provider, sheaf.withdrawals) == ("merchant", "Swapspace", [old, new])
    assert page.content.decode().count('type="checkbox"') == 2


def test_nobody_ticks_their_own_and_readers_tick_nothing(cast: Cast, chain_payee: Address, sign_in: SignIn) -> None:
    lost(cast, chain_payee, status="submitted")
    for user in (cast.requester, cast.auditor):
        page = sign_in(user).get(ACCEPTED)
        assert chain_payee.label in words(page)
        assert 'type="checkbox"' not in page.content.decode()


def test_an_empty_list_of_accepted_ones_says_so(cast: Cast, sign_in: SignIn) -> None:
    assert "Nothing waits here" in words(sign_in(cast.auditor).get(ACCEPTED))


def test_looking_writes_nothing(cast: Cast, payee: Address, chain_payee: Address, sign_in: SignIn) -> None:
    found = proposed(cast, lost(cast, payee))
    another = lost(cast, chain_payee, status="submitted")
    client = sign_in(cast.first_approver)
    with untouched():
        for url in (DESK, ACCEPTED, f"{DESK}{found.pk}/", f"{DESK}propose/?withdrawal={another.pk}"):
            client.get(url)
