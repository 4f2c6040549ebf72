"""Accounts: rows made true from the environment, nothing removed, no secret stored, one client per process."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from pytest_django import Settings

from payouts.audit import Event
from payouts.models import Account, Asset
from payouts.providers.base import Credentials, Provider
from payouts.providers.registry import PROVIDERS, open_provider
from payouts.providers.zoomex.provider import Zoomex
from payouts.worker import accounts
from tests.props import days
from tests.props.trail import told, unchanged

SECRETS = ("canary-api-key", "canary-api-secret", "canary-access-key")
ZOOMEX = "zoomex+http://key:secret@127.0.0.1:9"


@pytest.fixture(autouse=True)
def _no_clients_from_before() -> None:
    accounts._open.cache_clear()


def test_every_configured_account_and_every_asset_has_its_row(db: None) -> None:
    treasury = Account.objects.get(name="treasury")
    assert (treasury.provider, treasury.kinds, treasury.takes_remark) == (
        "zoomex",
        ["email", "phone", "uid"],
        True,
    )
    assert Account.objects.get(name="merchant").takes_remark is False
    assert set(Asset.objects.values_list("provider", "network", "coin", "decimals")) == {
        (provider.name, spec.network, spec.coin, spec.decimals)
        for provider in PROVIDERS.values()
        for spec in provider.assets
    }


def test_writing_the_rows_again_changes_nothing(db: None) -> None:
    with unchanged():
        accounts.write_rows()


def test_a_new_account_and_a_new_asset_are_told(db: None, settings: Settings) -> None:
    settings.PROVIDER_ACCOUNT_SECRETS = settings.PROVIDER_ACCOUNT_SECRETS | {"payroll": ZOOMEX}
    Asset.objects.filter(coin="BTC").delete()
    with told() as events:
        accounts.write_rows()
    assert [event.event for event in events] == [Event.ACCOUNT_ADDED, Event.ASSET_ADDED]
    assert Account.objects.filter(name="payroll", provider="zoomex").exists()


def test_an_account_that_is_no_longer_configured_keeps_its_row(db: None, settings: Settings) -> None:
    settings.PROVIDER_ACCOUNT_SECRETS = {}
    with unchanged():
        accounts.write_rows()


def test_what_an_administrator_changed_on_an_asset_stays(db: None) -> None:
    Asset.objects.filter(coin="BTC").update(enabled=False, decimals=5)
    with unchanged():
        accounts.write_rows()


def test_what_a_provider_can_pay_is_kept_true_and_told(db: None) -> None:
    Account.objects.filter(name="treasury").update(kinds=["uid"], takes_remark=False)
    with told() as events:
        accounts.write_rows()
    assert [event.event for event in events] == [Event.ACCOUNT_CHANGED]
    assert Account.objects.get(name="treasury").kinds == ["email", "phone", "uid"]


@pytest.mark.parametrize(("could", "is_kept"), [(False, False), (True, True)])
def test_what_was_compared_before_a_provider_could_be_asked_is_compared_anew(
    could: bool, is_kept: bool, treasury: Account
) -> None:
    days.compared(treasury)
    Account.objects.filter(pk=treasury.pk).update(can_look_up=could, kinds=["uid"])
    accounts.write_rows()
    treasury.refresh_from_db()
    assert treasury.can_look_up
    assert (treasury.reviewed_until is not None) == is_kept


def test_an_accounts_name_is_never_given_to_another_provider(db: None, settings: Settings) -> None:
    settings.PROVIDER_ACCOUNT_SECRETS = {"merchant": ZOOMEX}
    with unchanged(), pytest.raises(accounts.ProviderChanged, match="Account merchant belongs to swapspace"):
        accounts.write_rows()


def test_no_secret_reaches_the_database(db: None) -> None:
    accounts.write_rows()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name FROM information_schema.tables"
            " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
        )
        tables = [row[0] for row in cursor.fetchall()]
        assert "payouts_account" in tables
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t")  # noqa: S608  names from the catalogue
            rows = " ".join(row[0] for row in cursor.fetchall())
            assert not [secret for secret in SECRETS if secret in rows], table


def test_threads_that_ask_at_once_are_given_the_same_client(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Provider] = []

    def open_slowly(credentials: Credentials) -> Provider:
        time.sleep(0.02)
        opened.append(open_provider(credentials))
        return opened[-1]

    monkeypatch.setattr(accounts, "open_provider", open_slowly)
    with ThreadPoolExecutor(8) as threads:
        clients = list(threads.map(accounts.opened, ["treasury"] * 8))
    assert len(opened) == 1
    assert isinstance(opened[0], Zoomex)
    assert all(client is opened[0] for client in clients)
    assert accounts.opened("merchant") is not clients[0]


def test_there_is_no_client_for_an_account_that_is_not_configured() -> None:
    with pytest.raises(KeyError):
        accounts.client("payroll")
