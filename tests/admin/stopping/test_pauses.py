"""Pauses on the screens: the button, the banner, the page that says what a release sets going, and what waits."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from payouts.audit import Event, Worker
from payouts.domain.people.roles import Role
from payouts.models import Account, Address, Pause
from payouts.workflow.stopping import pause
from tests.conftest import SignIn
from tests.props.cast import Cast, active_address, approved, code_of, person_with, raised
from tests.props.pages.pages import act_on, list_of, objected_to, page_of, untouched, words
from tests.props.rows.guards import forge
from tests.props.trail import told

pytestmark = pytest.mark.django_db

EVERYTHING = "/payouts/pause/everything/"
WHY = {"reason": "A payee looks wrong"}
WORKER = Worker("worker test:1")


@pytest.fixture
def stopped(cast: Cast, treasury: Account) -> Pause:
    """The provider has refused the key."""
    found = pause.stop_account(treasury, code="10003", message="The API key is not valid", by=WORKER)
    assert found is not None
    return found


# -- pausing everything --


def test_everybody_with_the_right_finds_the_button_on_the_desk(cast: Cast, sign_in: SignIn) -> None:
    for role in Role:
        page = sign_in(person_with(f"only-{role.name.lower()}", role)).get("/").content.decode()
        assert (f'href="{EVERYTHING}"' in page) is (role is not Role.AUDITOR), role


def test_one_page_with_a_reason_pauses_everything(cast: Cast, treasury: Account, sign_in: SignIn) -> None:
    client = sign_in(cast.requester)
    page = client.get(EVERYTHING)
    assert page.status_code == 200
    assert 'name="code"' not in page.content.decode()
    answer = client.post(EVERYTHING, WHY)
    it = Pause.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, page_of(it))
    assert (it.account, it.reason, it.begun_by) == (None, WHY["reason"], cast.requester)
    assert "Paused. Nothing more is sent through any account." in words(client.get(page_of(it)))


@pytest.mark.parametrize("reason", ["", "  ", "no", "x" * 501, "nul\x00", "bidi\u202etext"])
def test_without_a_good_reason_nothing_is_paused(cast: Cast, sign_in: SignIn, reason: str) -> None:
    answer = sign_in(cast.requester).post(EVERYTHING, {"reason": reason})
    assert answer.status_code == 422
    assert str(answer.context["form"].errors["reason"][0]) in words(answer)
    assert not Pause.objects.exists()


def test_opening_the_page_changes_nothing(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.requester)
    with untouched():
        for method in (client.get, client.head, client.options):
            method(EVERYTHING, WHY)


def test_a_double_click_pauses_once_and_reads_well(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.requester)
    assert client.post(EVERYTHING, WHY).status_code == 302
    again = client.post(EVERYTHING, WHY)
    assert again.status_code == 409
    assert "paused this already" in objected_to(again)
    assert objected_to(client.get(EVERYTHING)) == objected_to(again)
    for url in ("/", list_of("payouts_account")):
        assert EVERYTHING not in client.get(url).content.decode()
    assert Pause.objects.count() == 1


def test_who_may_not_pause_is_turned_away_and_written_down(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.auditor)
    assert client.get(EVERYTHING).status_code == 403
    with told() as events:
        assert client.post(EVERYTHING, WHY).status_code == 403
    assert [event.event for event in events] == [Event.PAUSE_OBJECTED, Event.ACCESS_DENIED]
    assert not Pause.objects.exists()


# -- the banner --


def test_every_page_says_what_is_paused_since_when_and_why(
    cast: Cast, treasury: Account, stopped: Pause, sign_in: SignIn
) -> None:
    pause.pause_everything(reason=WHY["reason"], by=cast.keeper)
    for role in Role:
        client = sign_in(person_with(f"only-{role.name.lower()}", role))
        for url in ("/", "/security/", list_of("payouts_account"), page_of(stopped)):
            text = words(client.get(url))
            assert "treasury is paused since" in text
            assert "The provider answered 10003: The API key is not valid" in text
            assert "Everything is paused since" in text
            assert text.index("Everything is paused since") < text.index("treasury is paused since")
            assert WHY["reason"] in text


def test_without_a_pause_and_before_the_door_nothing_is_said(cast: Cast, stopped: Pause, client: Client) -> None:
    assert "is paused" not in words(client.get("/login/", secure=True))
    forge(stopped, released_at=timezone.now())
    assert "is paused" not in words(client.get("/login/", secure=True))


def test_what_was_released_is_not_said_any_more(cast: Cast, stopped: Pause, sign_in: SignIn) -> None:
    forge(stopped, released_at=timezone.now())
    assert "is paused" not in words(sign_in(cast.requester).get("/"))


def test_the_banner_costs_one_query_however_much_is_paused(
    cast: Cast, treasury: Account, merchant: Account, sign_in: SignIn
) -> None:
    client = sign_in(cast.keeper)
    counted = []
    for account in (None, treasury, merchant):
        if account:
            pause.pause_account(account.pk, reason=WHY["reason"], by=cast.keeper)
        with CaptureQueriesContext(connection) as queries:
            client.get("/security/")
        counted.append((len(queries), sum("payouts_pause" in query["sql"] for query in queries)))
    assert counted == [(counted[0][0], 1)] * 3


# -- a pause's own page, and releasing --


def test_the_page_says_who_has_to_release_it(cast: Cast, pressed: Pause, stopped: Pause, sign_in: SignIn) -> None:
    client = sign_in(cast.first_approver)
    assert "Two different people" in words(client.get(page_of(pressed)))
    assert "An administrator has to set right" in words(client.get(page_of(stopped)))
    form = WHY | {"code": code_of(cast.first_approver), "digest": pressed.proposal.digest}
    assert client.post(act_on(pressed, "release"), form).status_code == 302
    text = words(client.get(page_of(pressed)))
    assert "One more person, an approver or an administrator, has to release it." in text
    assert "First Approver released it: A payee looks wrong" in text
    assert f'href="{act_on(pressed, "release")}"' not in client.get(page_of(pressed)).content.decode()


def test_an_approver_is_told_that_a_stop_code_is_an_administrators(cast: Cast, stopped: Pause, sign_in: SignIn) -> None:
    client = sign_in(cast.first_approver)
    assert f'href="{act_on(stopped, "release")}"' not in client.get(page_of(stopped)).content.decode()
    assert "administrator's" in objected_to(client.get(act_on(stopped, "release")))
    answer = client.post(act_on(stopped, "release"), WHY | {"code": code_of(cast.first_approver)})
    assert answer.status_code == 409
    assert Pause.objects.open().exists()


def test_an_administrator_reads_the_reason_and_what_will_be_sent(
    cast: Cast, payee: Address, stopped: Pause, sign_in: SignIn
) -> None:
    approved(cast, payee)
    approved(cast, payee, amount=Decimal("0.5000"))
    forge(approved(cast, payee), expires_at=timezone.now())
    forge(approved(cast, payee), stopped_because="It differs")
    raised(cast, payee)
    client = sign_in(cast.administrator)
    text = words(client.get(act_on(stopped, "release")))
    assert "The provider answered 10003: The API key is not valid" in text
    assert "2 approved withdrawals 1,250 .50 USDT" in text
    assert "Sending begins at once." in text
    assert payee.label not in text
    assert (
        client.post(
            act_on(stopped, "release"), WHY | {"code": code_of(cast.administrator), "digest": stopped.proposal.digest}
        ).status_code
        == 302
    )
    assert not Pause.objects.open().exists()


def test_what_another_pause_holds_is_not_promised(
    cast: Cast, payee: Address, chain_payee: Address, stopped: Pause, sign_in: SignIn
) -> None:
    approved(cast, payee)
    approved(cast, chain_payee, amount=Decimal(7))
    everything = pause.pause_everything(reason=WHY["reason"], by=cast.keeper)
    client = sign_in(cast.administrator)
    held_back = words(client.get(act_on(stopped, "release")))
    assert "waits for this pause alone" in held_back
    assert "This pause ends at once." in held_back
    text = words(client.get(act_on(everything, "release")))
    assert "1 approved withdrawal 7 .00 USDT" in text
    assert "another person has to release it after you" in text


def test_a_page_of_no_pause_is_not_found(cast: Cast, pressed: Pause, sign_in: SignIn) -> None:
    url = page_of(pressed).replace(str(pressed.pk), "00000000-0000-0000-0000-000000000007")
    assert sign_in(cast.keeper).get(url).status_code == 404


def test_the_list_filters_by_state(cast: Cast, pressed: Pause, stopped: Pause, sign_in: SignIn) -> None:
    forge(pressed, released_at=timezone.now())
    client = sign_in(cast.keeper)

    def listed(query: str) -> set[Any]:
        return set(client.get(f"{list_of('payouts_pause')}?{query}").context["cl"].result_list)

    assert listed("") == listed("state=nonsense") == {pressed, stopped}
    assert listed("state=open") == {stopped}
    assert listed("state=ended") == {pressed}


# -- accounts and what waits --


def test_an_accounts_page_says_how_it_stands(
    cast: Cast, payee: Address, pressed: Pause, stopped: Pause, sign_in: SignIn
) -> None:
    approved(cast, payee)
    text = words(sign_in(cast.administrator).get(page_of(payee.account)))
    for part in ("Paused", "never called", "Open pauses 2", "A payee looks wrong", "Approved and not sent yet 1"):
        assert part in text
    assert "Its withdrawals" not in text
    assert "Its withdrawals" in words(sign_in(cast.auditor).get(page_of(payee.account)))


def test_lists_show_what_is_paused(
    cast: Cast, payee: Address, chain_payee: Address, pressed: Pause, sign_in: SignIn
) -> None:
    approved(cast, payee)
    approved(cast, chain_payee)
    client = sign_in(cast.requester)
    for url in (list_of("payouts_withdrawal"), f"{list_of('payouts_withdrawal')}?q=1250", "/"):
        page = client.get(url).content.decode()
        if "?q=" not in url:
            assert page.count('pill pill-paused">Paused') == 1
            assert page.count('pill pill-approved">Approved') == 1
    accounts = client.get(list_of("payouts_account")).content.decode()
    assert accounts.count('pill pill-paused">Paused') == 1


def test_a_search_knows_what_is_paused_as_well(cast: Cast, treasury: Account, pressed: Pause, sign_in: SignIn) -> None:
    asked = approved(cast, active_address(cast, treasury))
    page = sign_in(cast.requester).get(list_of("payouts_withdrawal"), {"q": asked.reference}).content.decode()
    assert page.count('pill pill-paused">Paused') == 1


def test_a_withdrawals_page_says_that_it_waits_and_why(
    cast: Cast, payee: Address, pressed: Pause, sign_in: SignIn
) -> None:
    text = words(sign_in(cast.requester).get(page_of(approved(cast, payee))))
    assert "nothing is sent while it is paused: A payee looks wrong" in text
