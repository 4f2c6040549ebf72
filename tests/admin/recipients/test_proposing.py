"""Proposing an address on the page: what is wrong is said at its field, and nothing that was typed is lost."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from payouts.audit import Event
from payouts.models import Account, Address
from payouts.workflow.recipients import address_book
from tests.conftest import SignIn
from tests.props.cast import ETH_ADDRESS, TRON_ADDRESS, Cast
from tests.props.pages.pages import page_of, strict, untouched, words
from tests.props.trail import told

pytestmark = pytest.mark.django_db

URL = "/payouts/address/propose/"
UID = {"kind": "uid", "area_code": "", "address": "10000001", "coins": ["USDT"], "label": "Acme", "owner": "Acme Ltd"}
TRON = {"kind": "TRX_CHAIN", "address": TRON_ADDRESS, "coins": ["USDT"], "label": "Acme", "owner": "Acme Ltd"}
ETHEREUM = TRON | {"kind": "ETH_CHAIN", "address": ETH_ADDRESS}


@pytest.fixture
def keeper(cast: Cast, sign_in: SignIn) -> Client:
    return sign_in(cast.keeper)


def propose(client: Client, account: str, form: dict[str, Any]) -> Any:
    """Send the form of an account."""
    return client.post(f"{URL}?account={account}", form)


@pytest.mark.parametrize(("account", "form"), [("treasury", UID), ("merchant", TRON), ("merchant", ETHEREUM)])
def test_an_address_is_proposed(account: str, form: dict[str, Any], cast: Cast, keeper: Client) -> None:
    with told() as events:
        answer = propose(keeper, account, form)
    entry = Address.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, page_of(entry))
    assert (entry.address, entry.status, entry.proposed_by) == (form["address"], "proposed", cast.keeper)
    assert [event.event for event in events] == [Event.ADDRESS_PROPOSED]
    assert "Another person has to activate it" in words(keeper.get(page_of(entry)))


def test_the_account_is_chosen_first(keeper: Client) -> None:
    for query in ("", "?account=", "?account=nonsense"):
        page = keeper.get(URL + query)
        assert page.status_code == 200
        assert 'href="?account=treasury"' in page.content.decode()
        assert 'href="?account=merchant"' in page.content.decode()
        assert keeper.post(URL + query, UID).status_code == 200
    assert not Address.objects.exists()


def test_each_account_offers_what_its_provider_takes(keeper: Client) -> None:
    form = keeper.get(f"{URL}?account=treasury").context["form"]
    assert [value for value, _ in form.fields["kind"].choices] == ["email", "phone", "uid"]
    assert "area_code" in form.fields
    form = keeper.get(f"{URL}?account=merchant").context["form"]
    assert [value for value, _ in form.fields["kind"].choices] == ["TRX_CHAIN", "ETH_CHAIN"]
    assert "area_code" not in form.fields


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("treasury", {"address": "12 34"}, "address"),
    ("treasury", {"address": ""}, "address"),
    ("treasury", {"address": " 10000001"}, "address"),
    ("treasury", {"kind": "email", "address": "nobody"}, "address"),
    ("treasury", {"kind": "phone", "address": "2025550123"}, "area_code"),
    ("treasury", {"area_code": "44"}, "area_code"),
    ("treasury", {"kind": "TRX_CHAIN"}, "kind"),
    ("treasury", {"kind": ""}, "kind"),
    ("treasury", {"coins": []}, "coins"),
    ("treasury", {"coins": ["DOGE"]}, "coins"),
    ("treasury", {"label": ""}, "label"),
    ("treasury", {"label": "x" * 81}, "label"),
    ("treasury", {"label": "a\u202eb"}, "label"),
    ("treasury", {"owner": "..."}, "owner"),
    ("merchant", {"address": TRON_ADDRESS[:-1] + "5"}, "address"),
    ("merchant", {"address": TRON_ADDRESS + "\n"}, "address"),
    ("merchant", {"address": ETH_ADDRESS}, "address"),
    ("merchant", {"kind": "ETH_CHAIN", "address": ETH_ADDRESS.replace("5aA", "5aa")}, "address"),
]


@pytest.mark.parametrize(("account", "wrong", "field"), BAD)
def test_what_is_wrong_is_said_at_its_field(account: str, wrong: dict[str, Any], field: str, keeper: Client) -> None:
    form = (UID if account == "treasury" else TRON) | wrong
    with untouched():
        answer = propose(keeper, account, form)
    assert answer.status_code == 422
    shown = answer.context["form"]
    assert shown.errors.keys() == {field}
    assert str(shown.errors[field][0]) in words(answer)
    assert {name: shown[name].value() for name in form} == form


def test_an_address_without_a_checksum_wants_a_tick(keeper: Client) -> None:
    form = ETHEREUM | {"address": ETH_ADDRESS.lower()}
    answer = propose(keeper, "merchant", form)
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"cautions_ticked"}
    assert "no checksum" in words(answer)
    assert propose(keeper, "merchant", form | {"cautions_ticked": "on"}).status_code == 302
    assert Address.objects.get().address == ETH_ADDRESS.lower()


def test_the_tick_is_not_offered_before_it_is_needed(keeper: Client) -> None:
    assert 'name="cautions_ticked"' not in keeper.get(f"{URL}?account=treasury").content.decode()


def test_what_is_active_already_is_said(cast: Cast, keeper: Client, payee: Address) -> None:
    answer = propose(keeper, "treasury", UID | {"address": payee.address})
    assert answer.status_code == 422
    assert "is active already" in str(answer.context["form"].errors["address"])


@pytest.mark.parametrize("name", ["first_approver", "auditor", "administrator", "outsider", "superuser"])
def test_nobody_but_requesters_and_keepers_proposes(name: str, cast: Cast, sign_in: SignIn, treasury: Account) -> None:
    client = sign_in(getattr(cast, name))
    for answer in (client.get(URL), propose(client, treasury.name, UID)):
        assert answer.status_code == 403
    assert not Address.objects.exists()


def test_proposing_needs_the_pages_own_token(keeper: Client) -> None:
    assert propose(strict(keeper), "treasury", UID).status_code == 403
    assert not Address.objects.exists()


def test_a_role_lost_meanwhile_is_told(keeper: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the view's look and the workflow's."""
    look = address_book.check

    def lost(proposal: address_book.Draft) -> Any:
        monkeypatch.undo()
        User.objects.get(username="keeper").groups.clear()
        return look(proposal)

    monkeypatch.setattr(address_book, "check", lost)
    assert propose(keeper, "treasury", UID).status_code == 403
    assert not Address.objects.exists()
