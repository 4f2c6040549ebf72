"""What a query or a POST may not make of a list, and how lists that are long, short and empty read."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from payouts.admin.shell import listing
from payouts.models import Address, AuditEvent, Withdrawal
from tests.admin.shell.test_lists import LISTS, found
from tests.props.cast import Cast, raised
from tests.props.pages.pages import business, list_of, words

pytestmark = pytest.mark.django_db


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
    monkeypatch.setattr(listing, "MOST_ROWS_COUNTED", 6)
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
