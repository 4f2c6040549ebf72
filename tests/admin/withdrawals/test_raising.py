"""Raising: a preview of exactly what will be sent, and one request however often it is clicked."""

import json
import time
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core import signing
from django.test import Client
from django.urls import reverse

from payouts.audit import Event, Worker
from payouts.domain.withdrawals import policy
from payouts.models import Account, Address, Asset, Submission, Withdrawal
from payouts.preview import fields_to_send
from payouts.workflow.sending.submission import Claim
from tests.conftest import SignIn
from tests.props.cast import Cast, active_address, approve
from tests.props.pages.pages import act_on, hidden, objected_to, page_of, strict, untouched, words
from tests.props.pages.raising import GOOD, new, previewed, raise_it, token_of
from tests.props.rows.guards import forge
from tests.props.trail import told
from tests.props.worker import claim, here

pytestmark = pytest.mark.django_db


def test_the_preview_shows_everything_that_will_be_sent(requester: Client, payee: Address) -> None:
    preview = previewed(requester, payee)
    assert preview.status_code == 200
    shown = words(preview).replace(" ", "")
    drafted = preview.context["withdrawal"]
    for part in (drafted.reference, payee.address, payee.label, payee.owner, "1,250.00USDT", GOOD["invoice_reference"]):
        assert part.replace(" ", "") in shown
    for name, value in fields_to_send(drafted.order()).items():
        assert f"<code>{name}</code>" in preview.content.decode()
        assert str(value).replace(" ", "") in shown
    assert fields_to_send(drafted.order())["amount"] == "1250"
    assert not Withdrawal.objects.exists()


def test_the_preview_of_the_other_provider_has_its_own_fields(requester: Client, swap_payee: Address) -> None:
    preview = previewed(requester, swap_payee)
    assert list(preview.context["fields"]) == ["block_chain", "token_name", "to_address", "withdraw_amount"]
    assert swap_payee.address in words(preview).replace(" ", "")


@pytest.mark.parametrize("which", ["payee", "swap_payee"])
def test_what_the_preview_showed_is_what_the_worker_is_given(
    which: str, cast: Cast, requester: Client, request: pytest.FixtureRequest
) -> None:
    address = request.getfixturevalue(which)
    preview = previewed(requester, address, amount="0.1")
    answer = raise_it(requester, address, preview)
    withdrawal = Withdrawal.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, page_of(withdrawal))
    assert "Raised. It now waits for approval." in words(requester.get(page_of(withdrawal)))
    for approver in (cast.first_approver, cast.second_approver):
        approve(withdrawal, approver)
    claimed = claim(address.account.name, fields=fields_to_send, here=here(address.account.name), by=Worker("worker"))
    assert isinstance(claimed, Claim)
    assert json.loads(Submission.objects.get().body) == preview.context["fields"]
    assert claimed.submission.reference == preview.context["withdrawal"].reference


def test_the_approvers_page_shows_the_same_fields(
    cast: Cast, requester: Client, payee: Address, sign_in: SignIn
) -> None:
    preview = previewed(requester, payee)
    raise_it(requester, payee, preview)
    page = sign_in(cast.first_approver).get(act_on(Withdrawal.objects.get(), "approve"))
    assert page.context["fields"] == preview.context["fields"]


def test_a_preview_can_be_changed_without_losing_what_was_typed(requester: Client, payee: Address) -> None:
    preview = previewed(requester, payee)
    page = requester.post(new(payee), hidden(preview) | {"edit": "1"})
    assert page.status_code == 200
    assert {name: page.context["form"][name].value() for name in GOOD} == GOOD
    assert hidden(page)["token"] == hidden(preview)["token"]
    assert not Withdrawal.objects.exists()


def test_what_the_provider_cannot_carry_is_said_before_it_is_raised(requester: Client, swap_payee: Address) -> None:
    """Swapspace takes 18 characters for an amount; the coin alone would allow more."""
    answer = previewed(requester, swap_payee, amount="12345678901234.123456")
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"amount"}


# -- raising --


def test_raising_is_told_with_its_facts(cast: Cast, requester: Client, payee: Address) -> None:
    preview = previewed(requester, payee)
    with told() as events:
        raise_it(requester, payee, preview)
    assert [(event.event, event.actor) for event in events] == [(Event.WITHDRAWAL_RAISED, cast.requester)]
    withdrawal = Withdrawal.objects.get()
    for name, typed in GOOD.items():
        assert str(getattr(withdrawal, name)).startswith(typed)


def test_a_double_click_is_one_request_and_a_readable_page(requester: Client, payee: Address) -> None:
    preview = previewed(requester, payee)
    first, second = raise_it(requester, payee, preview), raise_it(requester, payee, preview)
    assert first["Location"] == second["Location"]
    assert Withdrawal.objects.count() == 1
    assert "This form was sent before." in words(requester.get(second["Location"]))


@pytest.mark.parametrize("swapped", [{"amount": "9999"}, {"coin": "USDC"}, {"remark": "other"}])
def test_what_was_swapped_behind_the_preview_is_shown_again_and_not_raised(
    swapped: dict[str, str], cast: Cast, treasury: Account, requester: Client
) -> None:
    address = active_address(cast, treasury, coins=("USDT", "USDC"))
    preview = previewed(requester, address)
    with told() as events:
        answer = raise_it(requester, address, preview, **swapped)
    assert answer.status_code == 409
    assert objected_to(answer) == "The preview showed something else. Look again."
    assert answer.context["withdrawal"].digest == hidden(answer)["digest"] != hidden(preview)["digest"]
    assert [(event.event, event.facts["why"]) for event in events] == [(Event.RAISE_OBJECTED, "stale_page")]
    assert not Withdrawal.objects.exists()


@pytest.mark.parametrize("digest", ["", "0" * 64, "x"])
def test_an_edited_digest_is_refused(digest: str, requester: Client, payee: Address) -> None:
    answer = raise_it(requester, payee, previewed(requester, payee), digest=digest)
    assert answer.status_code == 409
    assert not Withdrawal.objects.exists()


def test_raising_without_a_preview_is_refused(requester: Client, payee: Address) -> None:
    answer = requester.post(new(payee), GOOD | {"token": token_of(requester, payee), "raise": "1"})
    assert answer.status_code == 409
    assert not Withdrawal.objects.exists()


def test_somebody_elses_form_is_refused(cast: Cast, requester: Client, payee: Address, sign_in: SignIn) -> None:
    preview = previewed(requester, payee)
    thief = sign_in(cast.second_requester)
    assert refused_form(raise_it(thief, payee, preview))


def test_another_addresss_form_is_refused(cast: Cast, treasury: Account, requester: Client, payee: Address) -> None:
    other = active_address(cast, treasury)
    assert refused_form(raise_it(requester, other, previewed(requester, payee)))


def test_a_forged_or_missing_token_is_refused(cast: Cast, requester: Client, payee: Address) -> None:
    forged = signing.dumps({"id": str(uuid4()), "person": cast.requester.pk, "address": str(payee.pk)}, salt="x")
    assert refused_form(previewed(requester, payee, token=forged))
    assert refused_form(previewed(requester, payee, token="nonsense"))
    assert previewed(requester, payee, token="").status_code == 422


def test_a_form_left_open_overnight_is_refused(requester: Client, payee: Address) -> None:
    begun = time.time() - 12 * 60 * 60 - 1
    with pytest.MonkeyPatch.context() as patches:
        patches.setattr(signing.TimestampSigner, "timestamp", lambda _: signing.b62_encode(int(begun)))
        token = token_of(requester, payee)
    assert refused_form(previewed(requester, payee, token=token))


def refused_form(answer: Any) -> bool:
    """Whether the page says so, and nothing was raised."""
    return (
        answer.status_code == 422
        and "too old or was made for something else" in words(answer)
        and not Withdrawal.objects.exists()
    )


# -- who may, and to what --


@pytest.mark.parametrize("name", ["first_approver", "keeper", "auditor", "administrator", "outsider", "superuser"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_but_requesters_raises(
    name: str, method: str, cast: Cast, requester: Client, payee: Address, sign_in: SignIn
) -> None:
    form = hidden(previewed(requester, payee)) | {"raise": "1"}
    user: User = getattr(cast, name)
    with told() as events:
        answer = getattr(sign_in(user), method)(new(payee), form)
    assert answer.status_code == 403
    assert [event.event for event in events] == [Event.ACCESS_DENIED]
    assert not Withdrawal.objects.exists()


@pytest.mark.parametrize("status", ["proposed", "declined", "revoked"])
def test_nothing_is_raised_to_an_address_that_is_not_active(status: str, requester: Client, payee: Address) -> None:
    preview = previewed(requester, payee)
    forge(payee, status=status)
    for answer in (requester.get(new(payee)), raise_it(requester, payee, preview)):
        assert objected_to(answer) == f"The address is {status}: nothing is sent to it."
        assert "Show what will be sent" not in words(answer)
    assert not Withdrawal.objects.exists()


def test_an_address_revoked_behind_the_preview_is_told(requester: Client, payee: Address, monkeypatch: Any) -> None:
    """Between the view's look and the lock."""
    preview, look = previewed(requester, payee), policy.may_raise

    def revoked_after(*facts: Any) -> Any:
        seen = look(*facts)
        monkeypatch.undo()
        forge(payee, status="revoked")
        return seen

    monkeypatch.setattr(policy, "may_raise", revoked_after)
    answer = raise_it(requester, payee, preview)
    assert answer.status_code == 409
    assert "revoked" in objected_to(answer)
    assert not Withdrawal.objects.exists()


def test_an_address_that_is_not_there_is_not_found(requester: Client, payee: Address) -> None:
    url = reverse("admin:payouts_withdrawal_new", args=[uuid4()])
    assert (requester.get(url).status_code, requester.post(url, GOOD).status_code) == (404, 404)


def test_raising_needs_the_pages_own_token(requester: Client, payee: Address) -> None:
    preview = previewed(requester, payee)
    assert raise_it(strict(requester), payee, preview).status_code == 403
    assert not Withdrawal.objects.exists()


def test_reading_the_form_writes_nothing(requester: Client, payee: Address) -> None:
    with untouched():
        requester.get(new(payee), GOOD | {"raise": "1"})
        previewed(requester, payee)


def test_the_decimals_are_those_that_the_providers_code_knows_too(requester: Client, payee: Address) -> None:
    Asset.objects.update(decimals=18)
    answer = previewed(requester, payee, amount="1250.00001")
    assert answer.status_code == 422
    assert "USDT takes at most 4 decimals" in words(answer)


def test_a_coin_that_only_a_row_knows_is_not_offered(cast: Cast, requester: Client, swap_payee: Address) -> None:
    Asset.objects.create(provider="swapspace", network="TRX_CHAIN", coin="SOL", decimals=6)
    forge(swap_payee, coins=["SOL", "USDT"])
    answer = previewed(requester, swap_payee, coin="SOL")
    assert answer.status_code == 422
    assert "SOL is not offered at present." in words(answer)
