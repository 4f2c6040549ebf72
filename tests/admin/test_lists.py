"""Lists: what searching finds, what each filter leaves, and what a query may not ask."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from payouts.admin import listing
from payouts.audit import Event
from payouts.domain.kind import Kind
from payouts.domain.roles import Role
from payouts.models import Account, Address, AuditEvent, Withdrawal
from tests.admin.pages import business, list_of, words
from tests.cast import ETH_ADDRESS, Cast, active_address, approve, person_with, raised
from tests.conftest import SignIn
from tests.guards import forge

pytestmark = pytest.mark.django_db

LISTS = ["payouts_withdrawal", "payouts_address", "payouts_account", "payouts_asset", "payouts_auditevent", "auth_user"]


@pytest.fixture
def everybody(db: None, sign_in: SignIn) -> Client:
    """A browser of somebody who may look at every list."""
    return sign_in(person_with("ada", *Role))


def found(page: Any) -> list[Any]:
    """The rows of a list."""
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
    forge(it, status="submitted", withdrawal_id="10195")
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
    assert cast


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


# -- what a query may not do --


ODD_QUERIES = [
    "nonsense=1", "e=1", "p=0", "p=-1", "p=x", "p=999999", "o=1", "o=-3.2", "o=x", "all=", "_popup=1", "_facets=True",
    "_to_field=id", "q=" + "x" * 5000, "account__id__exact=x", "account__id__exact=99999999999999999999999",
    "is_active__exact=x", "id=x", "=", "&&", "%", "status__exact=nonsense", "e=1&account__id__exact=x",
    "status__exact=unknown&status__exact=refused", "groups__id__exact=1&groups__id__exact=2",
]  # fmt: skip
REFUSED_QUERIES = [
    "_to_field=password", "q=%00", "status__exact=%00", "coin=%00", "period=%00", "mine=%00", "event=%00", "by=%00",
    "groups__id__exact=%00", "kind__exact=%00", "provider=%00", "network=%00",
]  # fmt: skip


@pytest.mark.parametrize("name", LISTS)
def test_no_query_breaks_a_list(name: str, everybody: Client) -> None:
    for query in ODD_QUERIES:
        answer = everybody.get(f"{list_of(name)}?{query}", follow=True)
        assert answer.status_code == 200, query
        assert "<h1>" in answer.content.decode()
    for query in REFUSED_QUERIES:
        assert everybody.get(f"{list_of(name)}?{query}").status_code == 400, query


@pytest.mark.parametrize(
    "query",
    [
        "password__startswith=md5", "password__startswith=x", "totpdevice__key__startswith=a", "email__contains=nobody",
        "is_superuser__exact=1", "last_login__isnull=0", "id__gt=0", "username=keeper",
    ],
)  # fmt: skip
def test_a_query_filters_by_nothing_but_the_lists_own_filters(query: str, cast: Cast, everybody: Client) -> None:
    answer = everybody.get(f"{list_of('auth_user')}?{query}")
    if answer.status_code != 400:
        assert len(found(answer)) == User.objects.count()
    assert cast


def test_a_query_reaches_into_no_other_table(cast: Cast, payee: Address, everybody: Client) -> None:
    raised(cast, payee)
    for query in ("requested_by__password__startswith=x", "address__label__startswith=x", "approvals__isnull=0"):
        answer = everybody.get(f"{list_of('payouts_withdrawal')}?{query}")
        assert answer.status_code == 400 or len(found(answer)) == 1


@pytest.mark.parametrize("name", LISTS)
def test_posting_to_a_list_changes_nothing(name: str, cast: Cast, payee: Address, everybody: Client) -> None:
    it = raised(cast, payee)
    before = business()
    for form in (
        {"action": "delete_selected", "_selected_action": str(it.pk), "post": "yes"},
        {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "1", "form-0-id": str(it.pk), "form-0-status": "completed"},
        {"_save": "1", "status": "completed", "coin": "BTC"},
        {"_popup": "1"},
    ):
        assert everybody.post(list_of(name), form).status_code in (200, 302)
        assert everybody.post(list_of(name) + "?_popup=1", form).status_code in (200, 302)
    assert business() == before


# -- long lists --


def test_a_list_pages_through_its_first_rows_and_says_that_there_are_more(
    cast: Cast, payee: Address, everybody: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_ROWS", 6)
    monkeypatch.setattr(listing.ReadOnlyAdmin, "list_per_page", 4)
    rows = [raised(cast, payee) for _ in range(8)][::-1]
    page = everybody.get(list_of("payouts_withdrawal"))
    assert found(page) == rows[:4]
    assert "1–4 of more than 6" in words(page)
    last = everybody.get(list_of("payouts_withdrawal"), {"p": "2"})
    assert found(last) == rows[4:6]
    assert "Next" not in words(last)
    beyond = everybody.get(list_of("payouts_withdrawal"), {"p": "3"}, follow=True)
    assert found(beyond) == rows[:4]
    assert Withdrawal.objects.count() == 8


def test_a_short_list_says_how_long_it_is(cast: Cast, payee: Address, everybody: Client) -> None:
    raised(cast, payee)
    assert "1–1 of 1" in words(everybody.get(list_of("payouts_withdrawal")))


def test_an_empty_list_says_what_to_do(everybody: Client) -> None:
    assert "No withdrawal matches." in words(everybody.get(list_of("payouts_withdrawal")))
    assert "No entry matches." in words(everybody.get(list_of("payouts_address")))
    assert AuditEvent.objects.exists()
