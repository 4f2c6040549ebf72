"""Lists: what searching finds, what each filter leaves, and what a query may not ask."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from payouts.audit import Event
from payouts.domain.recipients.kind import Kind
from payouts.models import Account, Address
from tests.conftest import SignIn
from tests.props.cast import ETH_ADDRESS, Cast, active_address, approve, raised
from tests.props.pages.pages import list_of
from tests.props.rows.guards import forge

pytestmark = pytest.mark.django_db

LISTS = [
    "payouts_withdrawal", "payouts_address", "payouts_account", "payouts_pause", "payouts_asset", "payouts_auditevent",
    "auth_user", "payouts_orphan", "payouts_statement",
]  # fmt: skip


def found(page: Any) -> list[Any]:
    assert page.status_code == 200
    return list(page.context["cl"].result_list)


def look(client: Client, name: str, **query: str) -> list[Any]:
    """The rows that a list shows for a query."""
    return found(client.get(list_of(name), query))


# -- search --


def test_a_withdrawal_is_found_by_whatever_somebody_has_of_it(
    cast: Cast, payee: Address, merchant: Account, everybody: Client
) -> None:
    other = raised(cast, payee, invoice_reference="2024-18")
    ethereum = active_address(cast, merchant, kind=Kind.ETH_CHAIN, address=ETH_ADDRESS)
    it = raised(cast, ethereum, invoice_reference="INV 2024-17")
    forge(it, status="submitted", provider_id="10195")
    grouped = " ".join(ethereum.groups())
    for text in (
        it.reference,
        str(it.pk),
        it.reference.upper(),
        f"  {it.reference} ",
        "10195",
        "INV 2024-17",
        ETH_ADDRESS,
        ETH_ADDRESS.lower(),
        grouped,
        grouped.upper().replace("0X", "0x"),
    ):
        assert look(everybody, "payouts_withdrawal", q=text) == [it], text
    for text in (it.reference[:8], "1019", "nothing", "%", "_", "''", "\\", ETH_ADDRESS[:10]):
        assert look(everybody, "payouts_withdrawal", q=text) == [], text
    assert look(everybody, "payouts_withdrawal", q="  ") == [it, other]


def test_an_entry_is_found_by_its_whole_address(
    cast: Cast, payee: Address, merchant: Account, everybody: Client
) -> None:
    tron = active_address(cast, merchant)
    ethereum = active_address(cast, merchant, kind=Kind.ETH_CHAIN, address=ETH_ADDRESS)
    for text in (tron.address, " ".join(tron.groups()), f" {tron.address} "):
        assert look(everybody, "payouts_address", q=text) == [tron]
    for text in (ETH_ADDRESS.lower(), " ".join(ethereum.groups())):
        assert look(everybody, "payouts_address", q=text) == [ethereum]
    assert look(everybody, "payouts_address", q=payee.address) == [payee]
    assert look(everybody, "payouts_address", q=tron.address.swapcase()) == []  # another address, in TRON


def test_an_event_is_found_by_its_object_or_its_person(cast: Cast, payee: Address, everybody: Client) -> None:
    it = raised(cast, payee)
    for text in (it.reference, str(it.pk)):
        assert {event.subject_id for event in look(everybody, "payouts_auditevent", q=text)} == {str(it.pk)}
    by_name = look(everybody, "payouts_auditevent", q="keeper")
    assert {event.actor for event in by_name} == {cast.keeper}
    assert look(everybody, "payouts_auditevent", q="keep") == []


def test_search_and_filters_narrow_together(cast: Cast, payee: Address, everybody: Client) -> None:
    first, second = raised(cast, payee), raised(cast, payee)
    forge(second, status="rejected")
    query = {"q": payee.address, "status__exact": "rejected", "mine": "raised"}
    assert look(everybody, "payouts_withdrawal", **(query | {"mine": ""})) == [second]
    assert look(everybody, "payouts_withdrawal", **query) == []
    assert look(everybody, "payouts_withdrawal", q=first.reference, status__exact="rejected") == []


# -- filters --


def test_withdrawals_are_filtered_by_my_part_in_them(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    waiting, half, mine, done = (
        raised(cast, payee, by=by) for by in (cast.requester,) * 2 + (cast.second_requester,) * 2
    )
    me = cast.first_approver
    me.groups.add(*cast.requester.groups.all())
    own = raised(cast, payee, by=me)
    approve(half, me)
    forge(done, status="rejected")
    client = sign_in(me)
    assert look(client, "payouts_withdrawal", mine="waiting") == [mine, waiting]
    assert look(client, "payouts_withdrawal", mine="raised") == [own]
    assert look(client, "payouts_withdrawal", mine="approved") == [half]
    assert len(look(client, "payouts_withdrawal", mine="nonsense")) == 5
    assert look(client, "payouts_withdrawal", mine="waiting", q=waiting.reference) == [waiting]
    assert look(client, "payouts_withdrawal", mine="waiting", status__exact="rejected") == []
    assert look(client, "payouts_withdrawal", mine="waiting", coin="ETH") == []
    assert look(client, "payouts_withdrawal", mine="approved", q=half.reference) == [half]


def test_withdrawals_are_filtered_by_status_account_and_coin(
    cast: Cast, treasury: Account, payee: Address, chain_payee: Address, everybody: Client
) -> None:
    one, two = raised(cast, payee), raised(cast, chain_payee)
    usdc = raised(cast, active_address(cast, treasury, coins=("USDC",)), coin="USDC")
    forge(two, status="unknown")
    assert look(everybody, "payouts_withdrawal", status__exact="unknown") == [two]
    assert look(everybody, "payouts_withdrawal", account__id__exact=str(treasury.pk)) == [usdc, one]
    assert look(everybody, "payouts_withdrawal", coin="USDC") == [usdc]
    assert look(everybody, "payouts_withdrawal", coin="USDC", account__id__exact="0") == []


def test_withdrawals_are_filtered_by_when_they_were_asked_for(cast: Cast, payee: Address, everybody: Client) -> None:
    now = timezone.now()
    first_of_month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    asked = {
        "today": now,
        "six days": now - timedelta(days=6),
        "last month": first_of_month - timedelta(seconds=1),
        "long ago": now - timedelta(days=100),
    }
    rows = {name: raised(cast, payee) for name in asked}
    for name, moment in asked.items():
        forge(rows[name], requested_at=moment)
    assert rows["today"] in look(everybody, "payouts_withdrawal", period="today")
    assert rows["six days"] not in look(everybody, "payouts_withdrawal", period="today")
    assert rows["six days"] in look(everybody, "payouts_withdrawal", period="week")
    assert rows["last month"] in look(everybody, "payouts_withdrawal", period="last")
    assert rows["last month"] not in look(everybody, "payouts_withdrawal", period="month")
    assert rows["today"] in look(everybody, "payouts_withdrawal", period="month")
    assert rows["long ago"] not in look(everybody, "payouts_withdrawal", period="last")
    assert len(look(everybody, "payouts_withdrawal", period="nonsense")) == 4


def test_the_trail_is_filtered_by_event_time_and_kind_of_actor(cast: Cast, payee: Address, everybody: Client) -> None:
    events = look(everybody, "payouts_auditevent", event=Event.ADDRESS_ACTIVATED)
    assert {event.event for event in events} == {Event.ADDRESS_ACTIVATED}
    assert {event.actor for event in look(everybody, "payouts_auditevent", by="machines")} == {None}
    assert None not in {event.actor for event in look(everybody, "payouts_auditevent", by="people")}
    assert look(everybody, "payouts_auditevent", period="last") == []


def test_people_are_filtered_by_role_and_state(cast: Cast, everybody: Client) -> None:
    User.objects.filter(pk=cast.keeper.pk).update(is_active=False)
    keepers = cast.keeper.groups.get().pk
    assert look(everybody, "auth_user", is_active__exact="0") == [cast.keeper]
    by_role = look(everybody, "auth_user", groups__id__exact=str(keepers))
    assert {user.username for user in by_role} == {"ada", "keeper", "second_keeper"}


@pytest.mark.parametrize("name", LISTS)
def test_every_choice_of_every_filter_opens(name: str, cast: Cast, payee: Address, everybody: Client) -> None:
    raised(cast, payee)
    page = everybody.get(list_of(name))
    choices = [choice for spec in page.context["cl"].filter_specs for choice in spec.choices(page.context["cl"])]
    for choice in choices:
        answer = everybody.get(list_of(name) + choice["query_string"])
        assert answer.status_code == 200
        assert "e=1" not in choice["query_string"]


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("column", ["1", "-1", "2", "-2.1"])
def test_no_query_sorts_a_list_by_another_column(
    cast: Cast, payee: Address, everybody: Client, name: str, column: str
) -> None:
    raised(cast, payee, amount=Decimal(2))
    raised(cast, payee, amount=Decimal(1))
    own = [row.pk for row in look(everybody, name)]
    new_events = 1 if name == "payouts_auditevent" else 0  # looking at the trail adds to it
    assert [row.pk for row in look(everybody, name, o=column)][new_events:] == own


@pytest.mark.parametrize("text", ["acme", "Acme sett", "ACME LTD", "acme l"])
def test_an_entry_is_found_by_the_beginning_of_a_name(
    cast: Cast, payee: Address, treasury: Account, everybody: Client, text: str
) -> None:
    active_address(cast, treasury, label="Northwind", owner="Northwind Markets")
    assert look(everybody, "payouts_address", q=text) == [payee]
