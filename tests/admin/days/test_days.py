"""Reconciliation's pages: how days stand, what a day's page says, and signing what it showed."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from payouts.audit import Event, Worker
from payouts.models import Account, Address, Orphan, SignOff
from payouts.workflow.days import review
from payouts.workflow.unknown.records import note
from tests.conftest import SignIn
from tests.props.accounts.twins import twin_of
from tests.props.cast import Cast, code_of
from tests.props.days import at, compared, covering, days_ago, orphan_of, record_of, sent, stranger
from tests.props.pages.pages import hidden, objected_to, words
from tests.props.rows.guards import forge
from tests.props.rows.lost import lost_order, order_of
from tests.props.trail import told

pytestmark = pytest.mark.django_db

BY = Worker("tests")
DAY = days_ago(2)
PAGE = f"/reconciliation/treasury/{DAY}/"
SIGN = f"{PAGE}sign-off/"


@pytest.fixture
def auditor(cast: Cast, sign_in: SignIn) -> Client:
    return sign_in(cast.auditor)


def matched(cast: Cast, payee: Address, number: int = 1) -> None:
    """So many withdrawals of the day, each with its record."""
    compared(payee.account)
    for place in range(number):
        it = sent(cast, payee, at(DAY) + timedelta(seconds=place), provider_id=str(10195 + place), fee=Decimal(1))
        note(payee.account, [record_of(it)], by=BY)


def states(client: Client, query: str = "") -> list[tuple[str, str]]:
    """Each day's account and state."""
    return [(row.account.name, row.state[1]) for row in client.get(f"/reconciliation/{query}").context["rows"]]


# -- the list --


def test_a_day_stands_as_its_rows_say(cast: Cast, payee: Address, treasury: Account, auditor: Client) -> None:
    assert states(auditor) == []
    it = sent(cast, payee, at(DAY), status="submitted", provider_id="10195")
    assert states(auditor) == [("treasury", "1 not settled")]
    forge(it, status="completed")
    assert states(auditor) == [("treasury", "1 without record yet")]
    note(treasury, [record_of(it)], by=BY)
    assert states(auditor) == [("treasury", "Not compared yet")]
    compared(treasury)
    assert states(auditor) == [("treasury", "All matched, to be signed off")]
    orphan = orphan_of(treasury, at(DAY))
    assert states(auditor) == [("treasury", "1 without partner")]
    review.close_orphan(orphan.pk, reason="Made by hand", by=cast.third_approver)
    signed_by_auditor(auditor, cast)
    assert states(auditor) == [("treasury", "Signed off")]
    orphan_of(treasury, at(DAY))
    assert states(auditor) == [("treasury", "Signed off, 1 without partner since")]


def test_today_is_not_over(cast: Cast, treasury: Account, auditor: Client) -> None:
    note(treasury, [stranger(at(days_ago(0), "00:00"))], by=BY)
    assert states(auditor) == [("treasury", "Not over yet")]


def test_quiet_days_are_listed_for_one_account_and_no_more_than_a_month(
    cast: Cast, treasury: Account, auditor: Client
) -> None:
    note(treasury, [stranger(at(days_ago(30))), stranger(at(days_ago(31)))], by=BY)
    assert len(states(auditor)) == 1
    rows = auditor.get("/reconciliation/?account=treasury").context["rows"]
    assert [row.day for row in rows] == [days_ago(number) for number in range(31)]
    assert [row.records for row in rows if not row.is_quiet] == [1]
    assert len(states(auditor, "?account=nobody")) == 1


def test_the_list_asks_a_fixed_number_of_questions(
    cast: Cast, payee: Address, treasury: Account, auditor: Client
) -> None:
    asked = []
    for number in (1, 6):
        for place in range(number):
            sent(cast, payee, at(days_ago(place + 1)), provider_id=f"{number}{place}")
            orphan_of(treasury, at(days_ago(place + 1)))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            auditor.get("/reconciliation/")
        asked.append(len(captured))
    assert asked[0] == asked[1] <= 17


def test_statements_are_added_by_those_who_may(cast: Cast, auditor: Client, sign_in: SignIn) -> None:
    assert "Add a statement" in words(sign_in(cast.requester).get("/reconciliation/"))
    assert "Add a statement" not in words(auditor.get("/reconciliation/"))


def test_a_lost_call_that_nobody_decided_is_counted(treasury: Account, auditor: Client) -> None:
    compared(treasury)
    lost_order(treasury, order_of(treasury), called_at=at(DAY))
    assert states(auditor) == [("treasury", "1 not settled")]


# -- a day's page --


def test_a_days_page_tells_of_lost_calls(treasury: Account, auditor: Client) -> None:
    order = order_of(treasury)
    lost_order(treasury, order, called_at=at(DAY), serial=7, outcome="accepted", provider_id_given="10195")
    lost_order(treasury, order_of(treasury, "cd" * 16), called_at=at(DAY), serial=8)
    note(treasury, [stranger(at(DAY), provider_id="10195", fee=Decimal(1))], by=BY)
    text = words(auditor.get(PAGE))
    for told_ in ("Lost call 7 of treasury", order.reference, "Not decided yet", "9,000 .00 USDT", "fee", "10195"):
        assert told_ in text, told_
    for told_ in ("Lost call 8 of treasury", "No record is known.", "and 1 lost call"):
        assert told_ in text, told_
    assert "Records that belong to no withdrawal" not in text


def test_a_days_page_tells_of_anothers_lost_call(treasury: Account, auditor: Client) -> None:
    twin = twin_of(treasury)
    lost_order(treasury, order_of(treasury), called_at=at(DAY), serial=7, outcome="accepted", provider_id_given="10195")
    note(Account.objects.get(pk=twin.pk), [stranger(at(DAY), provider_id="10195")], by=BY)
    assert "Lost call 7 of treasury" in words(auditor.get(f"/reconciliation/{twin.name}/{DAY}/"))


def test_a_days_page_tells_both_sides(cast: Cast, payee: Address, treasury: Account, auditor: Client) -> None:
    matched(cast, payee)
    assert "not compared" not in words(auditor.get(PAGE))
    note(treasury, [stranger(at(DAY, "13:00"))], by=BY)
    review.review(treasury, DAY, by=BY)
    text = words(auditor.get(PAGE))
    for told_ in ("1,250 .00 USDT", "10195", "Success", payee.address, "requester asked", "9,000 .00 USDT", "666"):
        assert told_ in text, told_
    assert "first_approver, second_approver approved" in text
    assert "No withdrawal of ours is this payment." in text
    assert "Explain what has no partner first" in text


def test_a_days_page_asks_a_fixed_number_of_questions(cast: Cast, payee: Address, auditor: Client) -> None:
    asked = []
    for number in (2, 9):
        for place in range(number):
            moment = at(DAY, "15:00") + timedelta(minutes=place)
            note(payee.account, [record_of(sent(cast, payee, moment, provider_id=f"{number}{place}"))], by=BY)
        with CaptureQueriesContext(connection) as captured:
            auditor.get(PAGE)
        asked.append(len(captured))
    assert asked[0] == asked[1] <= 35


@pytest.mark.parametrize("path", [
    "nobody/2026-03-01/", "treasury/2026-02-30/", "treasury/2026-3-1/", "TREASURY/2026-03-01/", "treasury/",
    "nobody/2026-03-01/sign-off/",
])  # fmt: skip
def test_what_is_no_day_is_not_found(path: str, treasury: Account, auditor: Client) -> None:
    assert auditor.get(f"/reconciliation/{path}").status_code == 404


def test_a_day_that_nobody_compared_says_so_and_offers_no_button(
    cast: Cast, merchant: Account, auditor: Client
) -> None:
    page = f"/reconciliation/merchant/{DAY}/"
    before = auditor.get(page)
    assert "not compared with the provider’s records yet" in words(before)
    assert "Add a statement that covers all of it" in words(before)
    assert f"{page}sign-off/" not in before.content.decode()
    assert "Add a statement that covers all of it" in objected_to(auditor.get(f"{page}sign-off/"))
    covering(merchant, cast.requester, DAY)
    after = auditor.get(page)
    assert "not compared" not in words(after)
    assert f"{page}sign-off/" in after.content.decode()


def test_a_quiet_day_has_a_page_and_can_be_signed(cast: Cast, treasury: Account, auditor: Client) -> None:
    compared(treasury)
    assert "Nothing was sent through this account on that day." in words(auditor.get(PAGE))
    assert signed_by_auditor(auditor, cast).status_code == 302


# -- signing --


def signed_by_auditor(auditor: Client, cast: Cast, **swapped: str) -> Any:
    """Click through the form as the page shows it."""
    form = hidden(auditor.get(SIGN)) | {"code": code_of(cast.auditor), "note": ""} | swapped
    return auditor.post(SIGN, form)


def test_a_day_is_signed_as_its_page_showed_it(cast: Cast, payee: Address, auditor: Client) -> None:
    matched(cast, payee)
    with told() as events:
        answer = signed_by_auditor(auditor, cast, note="Compared with the export")
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    signed = SignOff.objects.get()
    shown = auditor.get(PAGE).context["shown_digest"]
    assert (signed.proposal.digest, signed.proposal.decided_because) == (shown, "Compared with the export")
    assert Event.DAY_SIGNED_OFF in [event.event for event in events]
    text = words(auditor.get(PAGE))
    assert "Signed off by Auditor" in text
    assert "Compared with the export" in text
    assert objected_to(auditor.get(SIGN)) == "This day is signed off already."


def test_what_changed_meanwhile_is_shown_and_not_signed(
    cast: Cast, payee: Address, treasury: Account, auditor: Client
) -> None:
    matched(cast, payee)
    form = hidden(auditor.get(SIGN))
    orphan = orphan_of(treasury, at(DAY))
    review.close_orphan(orphan.pk, reason="Made by hand", by=cast.third_approver)
    answer = auditor.post(SIGN, form | {"code": code_of(cast.auditor), "note": ""})
    assert answer.status_code == 409
    assert "not what your page showed" in objected_to(answer)
    assert "9,000 .00" in words(answer)
    assert not SignOff.objects.exists()


def test_a_wrong_code_signs_nothing(cast: Cast, payee: Address, auditor: Client) -> None:
    matched(cast, payee)
    answer = auditor.post(SIGN, hidden(auditor.get(SIGN)) | {"code": "000000", "note": ""})
    assert answer.status_code == 422
    assert not SignOff.objects.exists()


def test_whoever_took_part_is_told_so_and_offered_no_button(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    matched(cast, payee)
    client = sign_in(cast.first_approver)
    page = client.get(PAGE)
    assert "somebody who did neither has to sign it" in words(page)
    assert SIGN not in page.content.decode()
    with told() as events:
        answer = client.post(SIGN, hidden(client.get(SIGN)) | {"code": code_of(cast.first_approver)})
    assert answer.status_code == 409
    assert [(event.event, event.facts["why"]) for event in events] == [(Event.REVIEW_OBJECTED, "took_part")]


def test_a_signed_day_says_when_it_has_changed(cast: Cast, payee: Address, treasury: Account, auditor: Client) -> None:
    matched(cast, payee)
    signed_by_auditor(auditor, cast)
    assert "Changed since it was signed" not in words(auditor.get(PAGE))
    note(treasury, [stranger(at(DAY))], by=BY)
    text = words(auditor.get(PAGE))
    assert "Changed since it was signed" in text
    assert SignOff.objects.get().proposal.digest in text
    assert not Orphan.objects.exists()  # also before a review has written anything
