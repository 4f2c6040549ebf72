"""Accepting and declining another host, customer or key on its page; where the desk and the account's page show it."""

import pytest
from django.test import Client

from payouts import audit
from payouts.audit import Event, Worker
from payouts.models import Account, Address, IdentityChange
from payouts.workflow.sending import identity
from tests.conftest import SignIn
from tests.props.accounts.identities import another, another_key
from tests.props.cast import Cast, approved, code_of, raised
from tests.props.pages.pages import list_of, page_of

HOST = "https://openapi.zoomex.com"


@pytest.fixture
def change(cast: Cast, treasury: Account) -> IdentityChange:
    return another_key(treasury)


def seen(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    return answer.content.decode()


def test_two_administrators_accept_it_with_a_code_each(cast: Cast, change: IdentityChange, sign_in: SignIn) -> None:
    url = f"{page_of(change)}accept/"
    for by, words in (
        (cast.administrator, "another administrator has to accept it after you"),
        (cast.second_administrator, "Yours is the last yes"),
    ):
        client = sign_in(by)
        assert words in seen(client, url)
        answer = client.post(url, {"digest": change.proposal.digest, "code": code_of(by)})
        assert answer.status_code == 302
    account = Account.objects.get(pk=change.account_id)
    assert account.identity() == change.after()
    assert "Accepted" in seen(client, page_of(change))


def test_its_page_shows_old_beside_new(cast: Cast, change: IdentityChange, sign_in: SignIn) -> None:
    page = seen(sign_in(cast.administrator), f"{page_of(change)}accept/")
    assert "cccc cccc cccc cccc" in page
    assert "c" * 17 not in page
    assert " ".join(change.key_before[start : start + 4] for start in range(0, 16, 4)) in page
    assert "The same as before" in page
    assert "what was approved is still true" in page
    assert change.seen_by in page


def test_its_page_says_what_ends(cast: Cast, treasury: Account, sign_in: SignIn) -> None:
    page = seen(sign_in(cast.administrator), page_of(another(treasury, said=False, host=HOST)))
    for words in (HOST, treasury.host, "Another one", "Ends: it names the old host", "Stays with people"):
        assert words in page


def test_a_page_that_showed_something_else_accepts_nothing(cast: Cast, change: IdentityChange, sign_in: SignIn) -> None:
    by = cast.administrator
    answer = sign_in(by).post(f"{page_of(change)}accept/", {"digest": "e" * 64, "code": code_of(by)})
    assert answer.status_code == 409
    assert not change.proposal.approvals.exists()


def test_it_is_declined_with_a_reason(cast: Cast, change: IdentityChange, sign_in: SignIn) -> None:
    client = sign_in(cast.administrator)
    answer = client.post(f"{page_of(change)}decline/", {"reason": "Nobody changed the key"})
    assert answer.status_code == 302
    assert "Declined" in seen(client, page_of(change))
    assert f"{page_of(change)}accept/" not in seen(client, page_of(change))


def test_the_desk_of_administrators_shows_what_waits(cast: Cast, change: IdentityChange, sign_in: SignIn) -> None:
    assert page_of(change) in seen(sign_in(cast.administrator), "/")
    assert page_of(change) not in seen(sign_in(cast.first_approver), "/")


def test_the_desk_of_administrators_shows_who_differs_although_nobody_proposed_it(
    cast: Cast, treasury: Account, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = {"differ": ["host", "key"], "host": HOST}
    for name in ("worker b:2", "worker b:2", "worker gone:3"):
        audit.record(Event.IDENTITY_DIFFERS, by=Worker(name), about=treasury, **facts)
    monkeypatch.setattr(identity, "is_gone", lambda worker: "gone" in worker)
    client = sign_in(cast.administrator)
    page = seen(client, "/")
    assert "another host, another key" in page
    assert page.count("worker b:2") == 1
    assert "gone:3" not in page
    assert "manage.py accounts propose" in page
    assert "manage.py accounts propose treasury" in seen(client, page_of(treasury))
    for other in (cast.first_approver, cast.requester, cast.auditor):
        assert "manage.py accounts propose" not in seen(sign_in(other), "/")
    another_key(treasury)
    assert "manage.py accounts propose" not in seen(sign_in(cast.administrator), "/")


def test_the_accounts_page_shows_who_it_is_what_waits_and_who_differs(
    cast: Cast, change: IdentityChange, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = change.account
    facts = {"differ": ["host", "key"], "host": HOST}
    audit.record(Event.IDENTITY_DIFFERS, by=Worker("worker b:2"), about=account, **facts)
    monkeypatch.setattr(identity, "is_gone", lambda worker: False)
    page = seen(sign_in(cast.auditor), page_of(account))
    assert account.host in page
    assert "Another key was proposed" in page
    assert "Worker b:2 has another host, another key for this account" in page
    assert account.key_fingerprint not in page


def test_the_list_shows_every_change(cast: Cast, change: IdentityChange, sign_in: SignIn) -> None:
    page = seen(sign_in(cast.keeper), list_of("payouts_identitychange"))
    assert "Waits for two" in page
    assert "treasury" in page


def test_what_would_be_sent_names_host_and_customer(cast: Cast, chain_payee: Address, sign_in: SignIn) -> None:
    client = sign_in(cast.first_approver)
    waiting = raised(cast, chain_payee)
    for url in (page_of(waiting), f"{page_of(waiting)}approve/", page_of(approved(cast, chain_payee))):
        page = seen(client, url)
        assert "http://127.0.0.1:9" in page
        assert "100105" in page
