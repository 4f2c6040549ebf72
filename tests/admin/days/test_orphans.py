"""Orphans' pages: what is said, who may explain, and the tray on the desk."""

import pytest
from django.test import Client

from payouts.audit import Event
from payouts.models import Account, Address, Orphan
from payouts.workflow.days import review
from tests.conftest import SignIn
from tests.props.cast import Cast
from tests.props.days import at, days_ago, orphan_of, sent
from tests.props.pages.pages import act_on, list_of, objected_to, page_of, words
from tests.props.trail import told

pytestmark = pytest.mark.django_db

REASON = {"reason": "Made by hand by the treasurer"}


@pytest.fixture
def orphan(cast: Cast, treasury: Account) -> Orphan:
    """A payment of nobody's."""
    return orphan_of(treasury)


@pytest.fixture
def missing(cast: Cast, payee: Address, treasury: Account) -> Orphan:
    """A withdrawal that the provider does not list."""
    sent(cast, payee, at(days_ago(1)), provider_id="10195")
    return review.review(treasury, days_ago(1), by=cast.auditor)[0]


@pytest.fixture
def approver(cast: Cast, sign_in: SignIn) -> Client:
    return sign_in(cast.third_approver)


def test_its_page_says_what_to_do_and_shows_both_sides(
    cast: Cast, orphan: Orphan, missing: Orphan, payee: Address, approver: Client
) -> None:
    text = words(approver.get(page_of(orphan)))
    for told_ in ("nobody asked for here", "9,000 .00 USDT", "666", "Nobody asked for this here."):
        assert told_ in text, told_
    text = words(approver.get(page_of(missing)))
    for told_ in ("the provider does not list it", "1,250 .00 USDT", payee.label, "lists nothing that fits"):
        assert told_ in text, told_


def test_an_approver_explains_it(cast: Cast, orphan: Orphan, approver: Client) -> None:
    with told() as events:
        answer = approver.post(act_on(orphan, "close"), REASON)
    assert (answer.status_code, answer["Location"]) == (302, page_of(orphan))
    orphan.refresh_from_db()
    assert (orphan.closed_by, orphan.closed_because) == (cast.third_approver, REASON["reason"])
    assert [event.event for event in events] == [Event.ORPHAN_CLOSED]
    assert REASON["reason"] in words(approver.get(page_of(orphan)))
    again = approver.post(act_on(orphan, "close"), REASON)
    assert (again.status_code, objected_to(again)) == (409, "It is closed already.")


def test_without_words_it_stays_open(orphan: Orphan, approver: Client) -> None:
    assert approver.post(act_on(orphan, "close"), {"reason": ""}).status_code == 422
    assert Orphan.objects.open().exists()


def test_whoever_may_not_is_offered_no_button(cast: Cast, orphan: Orphan, sign_in: SignIn) -> None:
    for user in (cast.requester, cast.keeper, cast.auditor):
        client = sign_in(user)
        assert act_on(orphan, "close") not in client.get(page_of(orphan)).content.decode()
        assert client.post(act_on(orphan, "close"), REASON).status_code == 403
    assert Orphan.objects.open().exists()


def test_the_list_is_filtered_by_state(cast: Cast, orphan: Orphan, missing: Orphan, approver: Client) -> None:
    review.close_orphan(orphan.pk, reason="Made by hand", by=cast.third_approver)

    def listed(query: str) -> list[Orphan]:
        return list(approver.get(f"{list_of('payouts_orphan')}?{query}").context["cl"].result_list)

    assert listed("state=open") == [missing]
    assert listed("state=closed") == [orphan]
    assert listed("state=nonsense") == [missing, orphan]


def test_the_desk_of_those_who_can_act_shows_what_is_open(
    cast: Cast, orphan: Orphan, missing: Orphan, approver: Client, sign_in: SignIn
) -> None:
    def tray(client: Client) -> list[Orphan]:
        return next((tray.rows for tray in client.get("/").context["attention"] if tray.name == "orphans"), [])

    assert tray(approver) == [orphan, missing]
    for user in (cast.requester, cast.keeper, cast.auditor, cast.administrator):
        assert tray(sign_in(user)) == []
    review.close_orphan(orphan.pk, reason="Made by hand", by=cast.third_approver)
    assert tray(approver) == [missing]


def test_no_such_orphan(approver: Client) -> None:
    assert approver.get("/payouts/orphan/7/").status_code == 404
    assert approver.get("/payouts/orphan/7/close/").status_code == 404
