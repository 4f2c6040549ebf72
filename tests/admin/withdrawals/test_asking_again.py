"""Asking again: a button where it was not paid, the form filled as before, and both pages tell of each other."""

from decimal import Decimal

import pytest
from django.test import Client

from payouts.domain.withdrawals import policy
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, Withdrawal
from tests.conftest import SignIn
from tests.props.cast import Cast, active_address, raised
from tests.props.pages.pages import act_on, hidden, objected_to, page_of, words
from tests.props.pages.raising import new
from tests.props.rows.guards import forge

pytestmark = pytest.mark.django_db


@pytest.fixture
def refused(cast: Cast, payee: Address) -> Withdrawal:
    """A withdrawal that the provider refused."""
    asked = raised(cast, payee, amount=Decimal("1250.5"), purpose="Rent", invoice_reference="INV 7", remark="Inv. 7")
    forge(asked, status="refused", error_code="131002", error_message="Insufficient balance")
    return asked


def again(withdrawal: Withdrawal) -> str:
    return f"{new(withdrawal.address)}?again={withdrawal.pk}"


def ask(requester: Client, withdrawal: Withdrawal) -> Withdrawal:
    """Fill in the form and the preview, changing nothing."""
    form = requester.get(again(withdrawal)).context["form"]
    typed = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    preview = requester.post(again(withdrawal), typed)
    assert preview.status_code == 200
    assert "Asks again for" in words(preview)
    answer = requester.post(again(withdrawal), hidden(preview) | {"raise": "1"})
    return Withdrawal.objects.get(pk=answer["Location"].strip("/").rpartition("/")[2])


@pytest.mark.parametrize("status", Status)
def test_what_was_not_paid_has_a_button_for_requesters(
    status: Status, cast: Cast, requester: Client, refused: Withdrawal, sign_in: SignIn
) -> None:
    forge(refused, status=status)
    link = f'href="{again(refused)}"'
    assert (link in requester.get(page_of(refused)).content.decode()) == (status in policy.NOT_PAID)
    assert link not in sign_in(cast.first_approver).get(page_of(refused)).content.decode()


def test_the_form_starts_as_before(requester: Client, refused: Withdrawal) -> None:
    page = requester.get(again(refused))
    form = page.context["form"]
    assert {name: form[name].value() for name in ("coin", "amount", "purpose", "invoice_reference", "remark")} == {
        "coin": "USDT", "amount": "1250.5", "purpose": "Rent", "invoice_reference": "INV 7", "remark": "Inv. 7"
    }  # fmt: skip
    assert "which was not paid" in words(page)


def test_both_pages_tell_of_each_other(requester: Client, refused: Withdrawal) -> None:
    asked = ask(requester, refused)
    assert (asked.retry_of, asked.status) == (refused, "awaiting_approval")
    assert f'href="{page_of(refused)}"' in requester.get(page_of(asked)).content.decode()
    page = requester.get(page_of(refused))
    assert f'href="{page_of(asked)}"' in page.content.decode()
    assert ">Ask again<" not in page.content.decode()


def test_approvers_are_told_what_it_repeats_and_why(
    cast: Cast, requester: Client, refused: Withdrawal, sign_in: SignIn
) -> None:
    asked = ask(requester, refused)
    shown = words(sign_in(cast.first_approver).get(act_on(asked, "approve")))
    assert f"withdrawal {refused.reference[:8]} , which was refused because: 131002 Insufficient balance" in shown
    assert "another a" not in shown


def test_approvers_are_told_what_is_not_the_same(
    cast: Cast, treasury: Account, refused: Withdrawal, sign_in: SignIn
) -> None:
    other = active_address(cast, treasury, coins=("USDC",))
    asked = raised(cast, other, retry_of=refused.pk, coin="USDC", amount=Decimal(9))
    shown = words(sign_in(cast.first_approver).get(act_on(asked, "approve")))
    assert f"It was to another address: {refused.address.label}, {refused.address.address}." in shown
    assert "It was about another amount: 1,250.50 USDT." in shown


def test_one_new_request_at_a_time_is_said_before_and_after(requester: Client, refused: Withdrawal) -> None:
    form = requester.get(again(refused)).context["form"]
    typed = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    preview = requester.post(again(refused), typed)
    ask(requester, refused)
    assert "asked for again already" in objected_to(requester.get(again(refused)))
    answer = requester.post(again(refused), hidden(preview) | {"raise": "1"})
    assert answer.status_code == 409
    assert "asked for again already" in objected_to(answer)
    assert Withdrawal.objects.count() == 2


def test_a_double_click_is_one_request(requester: Client, refused: Withdrawal) -> None:
    form = requester.get(again(refused)).context["form"]
    typed = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    sent = hidden(requester.post(again(refused), typed)) | {"raise": "1"}
    first, second = (requester.post(again(refused), sent)["Location"] for _ in range(2))
    assert first == second


def test_the_form_remembers_what_it_repeats_and_takes_no_others_word(
    cast: Cast, requester: Client, payee: Address, refused: Withdrawal
) -> None:
    """The address may be changed in the browser; the token is signed."""
    other = raised(cast, payee)
    forge(other, status="expired")
    form = requester.get(again(refused)).context["form"]
    typed = {name: form[name].value() for name in form.fields if form[name].value() is not None}
    preview = requester.post(again(other), typed | {"again": str(other.pk)})
    shown = words(requester.post(again(other), hidden(preview) | {"edit": "1"}))
    assert f"Asks again for withdrawal {refused.reference[:8]}" in shown
    requester.post(new(payee), hidden(preview) | {"raise": "1"})
    assert Withdrawal.objects.latest("requested_at").retry_of == refused


def test_what_may_have_been_paid_or_is_not_there_is_not_asked_for_again(requester: Client, refused: Withdrawal) -> None:
    forge(refused, status="unknown")
    assert "only once it is over unpaid" in objected_to(requester.get(again(refused)))
    for name in ("x", "00000000-0000-0000-0000-000000000007"):
        assert requester.get(f"{new(refused.address)}?again={name}").status_code == 404
