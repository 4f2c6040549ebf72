"""The request's form: what is wrong is said at its field, and nothing that was typed is lost."""

import re

import pytest
from django.test import Client

from payouts.models import Account, Address, Asset, Withdrawal
from tests.props.cast import Cast, active_address
from tests.props.pages.pages import untouched, words
from tests.props.pages.raising import GOOD, new, previewed, raise_it, token_of

pytestmark = pytest.mark.django_db

BAD = {
    "amount": [
        "", " ", "0", "0.00", "-1", "+1", "NaN", "Infinity", "1e3", "1E3", "1,250.00", "1_000", ".5", "5.", "007",
        "1.2.3", " 1", "1 ", "0x10", "½", "١٢٣", "1.00001", "1" * 21, "1" * 61, "1\u200b", "1\x00", "ten",
    ],
    "remark": ["a&b", "a=b", "résumé", " a", "a ", "x" * 51, "a\nb", "a\x00", "<b>", "🙂"],
    "purpose": ["", "   ", "...", "x" * 201, "a\u202eb", "a\x00b", "two\nlines"],
    "invoice_reference": ["x" * 65, "...", "a\u202eb", "a\x00b"],
    "coin": ["", "DOGE", "usdt"],
}  # fmt: skip


@pytest.mark.parametrize("field", BAD)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    field: str, requester: Client, payee: Address
) -> None:
    token = token_of(requester, payee)
    with untouched():
        for text in BAD[field]:
            answer = requester.post(new(payee), GOOD | {"token": token, field: text})
            assert answer.status_code == 422, text
            form = answer.context["form"]
            assert form.errors.keys() == {field}, text
            assert str(form.errors[field][0]) in words(answer)
            for name, typed in (GOOD | {field: text}).items():
                assert form[name].value() == typed
    assert not Withdrawal.objects.exists()


def test_the_fault_is_bound_to_its_field_for_those_who_listen(requester: Client, payee: Address) -> None:
    page = previewed(requester, payee, amount="1e3").content.decode()
    tag = re.search(r'<input[^>]*name="amount"[^>]*>', page)
    assert tag is not None
    assert 'aria-invalid="true"' in tag[0]
    assert "autofocus" in tag[0]
    assert 'value="1e3"' in tag[0]


def test_what_was_typed_is_shown_as_text(requester: Client, payee: Address) -> None:
    page = previewed(requester, payee, purpose='"><script>alert(1)</script>', amount="<b>").content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_only_the_coins_that_the_address_receives_are_offered(cast: Cast, treasury: Account, requester: Client) -> None:
    address = active_address(cast, treasury, coins=("USDT", "USDC"))
    page = requester.get(new(address))
    assert [value for value, _ in page.context["form"].fields["coin"].choices] == ["USDC", "USDT"]
    assert previewed(requester, address, coin="ETH").status_code == 422


def test_a_coin_that_is_offered_no_longer_is_refused_at_its_field(requester: Client, payee: Address) -> None:
    Asset.objects.filter(coin="USDT").update(enabled=False)
    assert previewed(requester, payee).context["form"].errors.keys() == {"coin"}


def test_a_provider_without_remarks_has_no_field_for_one(requester: Client, swap_payee: Address) -> None:
    assert "remark" not in requester.get(new(swap_payee)).context["form"].fields
    preview = previewed(requester, swap_payee, remark="never mind")
    assert preview.status_code == 200
    assert raise_it(requester, swap_payee, preview, remark="never mind").status_code == 302
    assert Withdrawal.objects.get().remark == ""
