"""Lost calls on the screens: who is shown which, saying what became of one, trying what was sent, confirming."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from payouts.audit import Event
from payouts.domain.people.roles import Role
from payouts.domain.withdrawals.order import Order
from payouts.models import Account, Address, LostCall, LostFinding
from tests.conftest import SignIn
from tests.props.cast import Cast, code_of, person_with, raised
from tests.props.pages.pages import act_on, list_of, page_of, words
from tests.props.rows.guards import forge
from tests.props.rows.lost import NOTE, lost_call, lost_order, order_of, over
from tests.props.trail import told

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(cast: Cast, payee: Address) -> LostCall:
    """Of the requester's withdrawal, which was cancelled when it was found."""
    return over(cast, payee)


@pytest.fixture
def order(treasury: Account) -> Order:
    return order_of(treasury)


@pytest.fixture
def gone(treasury: Account, order: Order) -> LostCall:
    return lost_order(treasury, order)


@pytest.fixture
def finder(cast: Cast, sign_in: SignIn) -> Client:
    return sign_in(cast.second_requester)


def filled(**changes: Any) -> dict[str, Any]:
    looked_at = timezone.localtime().strftime("%Y-%m-%dT%H:%M")
    form = {"verdict": "paid", "found_as": "10195", "where_looked": "The panel", "looked_at": looked_at, "note": NOTE}
    return form | changes


def tried(order: Order, **changes: Any) -> dict[str, Any]:
    names = ("area_code", "address", "coin", "remark")
    form = {name: getattr(order, name) for name in names} | {"kind": order.kind.value, "amount": str(order.amount)}
    return form | changes


def found(call: LostCall, finder: Client, **changes: Any) -> LostFinding:
    answer = finder.post(act_on(call, "say"), filled(**changes))
    assert (answer.status_code, answer["Location"]) == (302, page_of(call))
    return LostFinding.objects.get(call=call, is_open=True)


# -- who is shown what --


def test_the_desk_of_who_finds_out_shows_what_waits(
    cast: Cast, call: LostCall, gone: LostCall, sign_in: SignIn
) -> None:
    for role in Role:
        page = sign_in(person_with(f"only-{role.name.lower()}", role)).get("/").content.decode()
        shown = role in (Role.REQUESTER, Role.APPROVER)
        assert (page_of(call) in page) is (page_of(gone) in page) is shown, role
    page = words(sign_in(cast.first_approver).get("/"))
    assert "Lost calls: was it paid? 2" in page


def test_the_list_shows_all_and_is_filtered(cast: Cast, call: LostCall, gone: LostCall, sign_in: SignIn) -> None:
    never = lost_call(gone.account, outcome="not_executed")
    client = sign_in(cast.auditor)
    everything = words(client.get(list_of("payouts_lostcall")))
    assert everything.count("Nobody knows yet") == 2
    assert "Never left" in everything
    waiting = client.get(list_of("payouts_lostcall"), {"state": "waits"}).content.decode()
    assert (page_of(call) in waiting, page_of(never) in waiting) == (True, False)
    decided = client.get(list_of("payouts_lostcall"), {"state": "decided"}).content.decode()
    assert page_of(call) not in decided


def test_the_list_asks_no_more_for_more(cast: Cast, call: LostCall, sign_in: SignIn) -> None:
    client = sign_in(cast.auditor)

    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            client.get(list_of("payouts_lostcall"))
        return len(queries)

    before = asked()
    for number in range(5):
        lost_call(call.account, reference=f"{number}" * 32)
    assert asked() == before


@pytest.mark.parametrize("role", [Role.KEEPER, Role.AUDITOR, Role.ADMINISTRATOR])
def test_who_may_not_find_out_is_shown_no_form(call: LostCall, sign_in: SignIn, role: Role) -> None:
    client = sign_in(person_with(f"only-{role.name.lower()}", role))
    for act in ("say", "try"):
        assert client.get(act_on(call, act)).status_code == 403
        assert client.post(act_on(call, act), {}).status_code == 403
    page = client.get(page_of(call))
    assert page.status_code == (403 if role is Role.ADMINISTRATOR else 200)
    assert act_on(call, "say") not in page.content.decode()


def test_its_page_says_what_is_known(cast: Cast, call: LostCall, gone: LostCall, sign_in: SignIn) -> None:
    client = sign_in(cast.first_approver)
    page = words(client.get(page_of(call)))
    for part in ("it may have been paid", "cannot be asked for again", call.reference, "Cancelled", "Nobody heard it"):
        assert part in page
    page = words(client.get(page_of(gone)))
    for part in ("Gone as well", "Only its digest is known", gone.reference):
        assert part in page


def test_a_withdrawals_page_shows_its_lost_calls(cast: Cast, call: LostCall, sign_in: SignIn) -> None:
    assert call.withdrawal is not None
    answer = sign_in(cast.auditor).get(page_of(call.withdrawal))
    assert page_of(call) in answer.content.decode()
    assert "Nothing has been sent" not in words(answer)


def test_a_call_that_its_withdrawal_decides_sends_people_there(cast: Cast, call: LostCall, finder: Client) -> None:
    assert call.withdrawal is not None
    forge(call.withdrawal, status="unknown")
    assert "found out there" in words(finder.get(page_of(call)))
    answer = finder.post(act_on(call, "say"), filled())
    assert (answer.status_code, LostFinding.objects.exists()) == (409, False)


# -- the finding --


def test_one_says_and_another_confirms_with_a_code(cast: Cast, call: LostCall, finder: Client, sign_in: SignIn) -> None:
    finding = found(call, finder, verdict="not_paid", found_as="")
    page = words(finder.get(page_of(call)))
    assert "Waits for another approver" in page
    assert act_on(finding, "confirm") not in finder.get(page_of(finding)).content.decode()
    client = sign_in(cast.first_approver)
    assert act_on(finding, "confirm") in client.get(page_of(finding)).content.decode()
    shown = words(client.get(act_on(finding, "confirm")))
    for part in ("It was not paid", "The panel", NOTE, call.reference, "may then be asked for and paid again"):
        assert part in shown
    sent = {"digest": finding.proposal.digest, "code": code_of(cast.first_approver)}
    assert client.post(act_on(finding, "confirm"), sent).status_code == 302
    call.refresh_from_db()
    assert call.verdict == "not_paid"
    assert "may be asked for again" in words(client.get(page_of(call)))
    assert call.withdrawal is not None
    again = f"?again={call.withdrawal_id}"
    assert again in sign_in(cast.requester).get(page_of(call.withdrawal)).content.decode()


def test_paid_says_that_it_is_never_asked_for_again(
    cast: Cast, payee: Address, call: LostCall, finder: Client, sign_in: SignIn
) -> None:
    finding = found(call, finder)
    client = sign_in(cast.first_approver)
    assert "never asked for again" in words(client.get(act_on(finding, "confirm")))
    sent = {"digest": finding.proposal.digest, "code": code_of(cast.first_approver)}
    client.post(act_on(finding, "confirm"), sent)
    page = sign_in(cast.requester).get(page_of(call.withdrawal))  # type: ignore[arg-type]
    assert f"?again={call.withdrawal_id}" not in page.content.decode()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"verdict": ""}, "verdict"), ({"found_as": ""}, "found_as"), ({"found_as": "yes"}, "found_as"),
        ({"where_looked": ""}, "where_looked"), ({"looked_at": ""}, "looked_at"), ({"note": "no"}, "note"),
        ({"looked_at": "2099-01-01T00:00"}, "looked_at"), ({"note": ""}, "note"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field(
    call: LostCall, finder: Client, changes: dict[str, str], field: str
) -> None:
    page = finder.post(act_on(call, "say"), filled(**changes))
    assert (page.status_code, set(page.context["form"].errors)) == (422, {field})
    assert not LostFinding.objects.exists()


def test_the_requester_hears_that_two_others_find_out(cast: Cast, call: LostCall, sign_in: SignIn) -> None:
    client = sign_in(cast.requester)
    assert "two other people have to find out" in words(client.get(act_on(call, "say")))
    with told() as events:
        assert client.post(act_on(call, "say"), filled()).status_code == 409
    assert [event.event for event in events] == [Event.LOST_CALL_OBJECTED]


# -- what was sent --


def test_what_was_sent_is_proven_and_shown(finder: Client, gone: LostCall, order: Order) -> None:
    assert "to the last character" in words(finder.get(act_on(gone, "try")))
    answer = finder.post(act_on(gone, "try"), tried(order))
    assert (answer.status_code, answer["Location"]) == (302, page_of(gone))
    page = words(finder.get(page_of(gone)))
    for part in ("Exactly this was sent under this reference", order.address, "proven by its digest"):
        assert part in page
    assert "1,250.50USDT" in page.replace(" ", "")


def test_what_was_not_sent_is_said_in_plain_words(finder: Client, gone: LostCall, order: Order) -> None:
    page = finder.post(act_on(gone, "try"), tried(order, amount="1250.51"))
    assert page.status_code == 422
    assert "This is not what was sent under this reference" in words(page)
    assert not gone.proofs.exists()
    for changes in ({"amount": "much"}, {"amount": ""}, {"address": ""}, {"remark": "=cmd|"}, {"kind": "shell"}):
        assert finder.post(act_on(gone, "try"), tried(order, **changes)).status_code == 422


def test_a_page_that_is_not_there_is_not_found(cast: Cast, sign_in: SignIn, payee: Address) -> None:
    client, nobody = sign_in(cast.first_approver), raised(cast, payee).pk
    for path in (f"lostcall/{nobody}/", f"lostcall/{nobody}/say/", f"lostfinding/{nobody}/"):
        assert client.get(f"/payouts/{path}").status_code == 404
