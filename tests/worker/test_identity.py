"""A process whose environment has another account by the same name sends nothing, asks nothing, and says so once."""

import logging
from collections.abc import Callable

import pytest
from pytest_django import Settings

from payouts.audit import Event
from payouts.domain.alert import Alert
from payouts.domain.errors import Objection
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, AuditEvent, Submission
from payouts.preview import fields_to_send
from payouts.worker import accounts, clock, dispatch, reconcile
from payouts.workflow.sending.submission import Claim
from tests.props.cast import Cast, approved
from tests.props.decisions import yes
from tests.props.identities import another
from tests.props.rows.guards import forge
from tests.props.rows.rows import looked_twice, unknown
from tests.props.trail import told, unchanged
from tests.props.worker import WORKER, claim, claim_again, claim_next, drain, here

pytestmark = pytest.mark.django_db
Change = Callable[[str], None]
OTHERS = {
    "host": "zoomex+http://canary-api-key:canary-api-secret@127.0.0.1:10",
    "customer": "zoomex+http://canary-api-key:canary-api-secret@127.0.0.1:9?customer=1000002",
    "key": "zoomex+http://canary-other-key:canary-api-secret@127.0.0.1:9",
    "secret": "zoomex+http://canary-api-key:canary-other-secret@127.0.0.1:9",
    "provider": "swapspace+http://100105:canary-access-key@127.0.0.1:11",
}
EVERY_OTHER = pytest.mark.parametrize("other", OTHERS)


@pytest.fixture(autouse=True)
def _first_of_its_process() -> None:
    accounts._told.clear()
    accounts._open.cache_clear()
    clock._measures.clear()


@pytest.fixture
def change(settings: Settings, treasury: Account) -> Change:
    """`change("key")` gives this process another one for the treasury."""

    def put(other: str) -> None:
        settings.PROVIDER_ACCOUNT_SECRETS = settings.PROVIDER_ACCOUNT_SECRETS | {"treasury": OTHERS[other]}

    return put


@EVERY_OTHER
def test_it_is_given_no_client(change: Change, other: str) -> None:
    change(other)
    with pytest.raises(accounts.NotOurs):
        accounts.client("treasury")
    accounts.client("merchant")  # another account is none of it


@EVERY_OTHER
def test_it_sends_nothing_and_stops_nobody(cast: Cast, payee: Address, change: Change, other: str) -> None:
    asked = approved(cast, payee)
    change(other)
    assert drain() == 0
    assert isinstance(claim_next(), Objection)
    asked.refresh_from_db()
    assert (asked.status, asked.stopped_because) == (Status.APPROVED, "")
    assert not Submission.objects.exists()
    assert asked.paused_because() == ""


@EVERY_OTHER
def test_it_repeats_no_call(cast: Cast, payee: Address, change: Change, other: str) -> None:
    lost = unknown(cast, payee)
    looked_twice(lost)
    change(other)
    with unchanged():
        found = claim_again("treasury", fields=fields_to_send, here=here(), by=WORKER)
    assert isinstance(found, Objection)
    assert found.code == "identity_differs"


def test_a_drain_ends_when_the_account_becomes_another_one_meanwhile(
    cast: Cast, payee: Address, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(cast, payee)
    provider = accounts.client("treasury")
    monkeypatch.setattr(accounts, "client", lambda name: provider)
    change("key")
    assert drain() == 0


@EVERY_OTHER
def test_it_asks_for_no_records_and_no_time(
    cast: Cast, payee: Address, change: Change, other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = unknown(cast, payee)
    change(other)
    asked: list[str] = []
    monkeypatch.setattr("payouts.providers.zoomex.provider.Zoomex.records", lambda *_, **__: asked.append("records"))
    monkeypatch.setattr("payouts.providers.zoomex.provider.Zoomex.clock_skew", lambda *_: asked.append("time"))
    assert reconcile.look_up("treasury") == 0
    reconcile.review_accounts(stop=lambda: False)
    clock.measure("treasury", by=WORKER)
    clock.measure_what_is_due(by=WORKER)
    lost.refresh_from_db()
    assert (asked, lost.looks.count()) == ([], 0)


def test_it_says_so_once(change: Change, treasury: Account, caplog: pytest.LogCaptureFixture) -> None:
    change("key")
    with told() as events, caplog.at_level(logging.ERROR):
        for _ in range(3):
            dispatch.drain("treasury", stop=lambda: False)
            reconcile.look_up("treasury")
    assert [event.event for event in events] == [Event.IDENTITY_DIFFERS, Event.ALERT_RAISED]
    differs, alert = events
    assert (differs.facts["differ"], differs.actor_name) == (["key"], WORKER.name)
    assert alert.facts["alert"] == Alert.IDENTITY_DIFFERS
    assert alert.facts["sentence"] == f"Account treasury, {WORKER.name}: another key."
    assert [record.message for record in caplog.records] == ["account is another one here"]
    assert "canary" not in str([event.facts for event in events])


def test_it_says_so_again_once_the_account_has_changed(cast: Cast, change: Change, treasury: Account) -> None:
    change("key")
    drain()
    accept(cast, treasury, host="http://127.0.0.1:12")
    with told() as events:
        drain()
        drain()
    assert [event.event for event in events] == [Event.IDENTITY_DIFFERS, Event.ALERT_RAISED]
    assert events[0].facts["differ"] == ["host", "key"]


def test_it_sends_once_two_people_have_accepted_what_it_has(cast: Cast, payee: Address, change: Change) -> None:
    asked = approved(cast, payee)
    change("key")
    assert drain() == 0
    accept(cast, asked.account, key_fingerprint=here().key_fingerprint)
    claimed = claim_next()
    assert isinstance(claimed, Claim)
    assert claimed.submission.key_fingerprint == here().key_fingerprint


def test_a_call_carries_the_fingerprint_of_its_key(cast: Cast, payee: Address) -> None:
    approved(cast, payee)
    claimed = claim_next()
    assert isinstance(claimed, Claim)
    assert claimed.submission.key_fingerprint == payee.account.key_fingerprint == here().key_fingerprint


def test_the_compare_is_made_under_the_accounts_lock(cast: Cast, payee: Address, treasury: Account) -> None:
    approved(cast, payee)
    before = here()
    forge(treasury, key_fingerprint="e" * 64)
    assert isinstance(claim("treasury", fields=fields_to_send, here=before, by=WORKER), Objection)


def accept(cast: Cast, account: Account, **changes: str) -> None:
    """Two administrators accept it, of the same customer."""
    it = another(account, said=True, **changes)
    for by in (cast.administrator, cast.second_administrator):
        yes(it, by)
    assert AuditEvent.objects.filter(event=Event.IDENTITY_CHANGED).exists()


# -- founding --


def test_an_account_is_founded_with_who_it_is_and_the_trail_tells_it(settings: Settings) -> None:
    url = "zoomex+http://k:s@127.0.0.1:9?customer=7"
    settings.PROVIDER_ACCOUNT_SECRETS = settings.PROVIDER_ACCOUNT_SECRETS | {"payroll": url}
    with told() as events:
        accounts.write_rows()
    row = Account.objects.get(name="payroll")
    assert row.identity() == accounts.identity("payroll")
    assert (row.host, row.customer) == ("http://127.0.0.1:9", "7")
    assert [event.event for event in events] == [Event.ACCOUNT_ADDED]
    facts = {name: events[0].facts[name] for name in ("host", "customer", "key")}
    assert facts == {"host": row.host, "customer": "7", "key": row.key_fingerprint[:16]}


@pytest.mark.parametrize("other", [name for name in OTHERS if name != "provider"])
def test_writing_the_rows_overwrites_no_identity(change: Change, other: str) -> None:
    change(other)
    with unchanged():
        accounts.write_rows()


def test_a_key_that_an_account_has_founds_no_other(settings: Settings) -> None:
    url = settings.PROVIDER_ACCOUNT_SECRETS["treasury"]
    settings.PROVIDER_ACCOUNT_SECRETS = {"renamed": url}
    with unchanged(), pytest.raises(accounts.KeyTaken, match="Account renamed has the key of account treasury"):
        accounts.write_rows()


def test_what_stands_here_is_shown_beside_the_rows(change: Change, settings: Settings) -> None:
    change("customer")
    settings.PROVIDER_ACCOUNT_SECRETS = settings.PROVIDER_ACCOUNT_SECRETS | {"payroll": "zoomex+http://k:s@127.0.0.1:9"}
    merchant, payroll, treasury = accounts.standings()
    assert merchant.endswith(": as accepted")
    assert payroll.endswith(": no row yet")
    assert treasury.endswith(": another customer than was accepted")
    assert "canary" not in treasury
