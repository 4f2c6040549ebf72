"""`manage.py accounts`: what stands in this environment, and proposing it."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from payouts.models import Account, IdentityChange

pytestmark = pytest.mark.django_db
OTHER = "zoomex+http://canary-other-key:canary-other-secret@127.0.0.1:9"


def said(*words: str, **options: Any) -> str:
    out = StringIO()
    call_command("accounts", *words, stdout=out, **options)
    return out.getvalue()


def test_it_shows_each_account_beside_its_row() -> None:
    assert [line.rpartition(": ")[2] for line in said("show").splitlines()] == ["as accepted"] * 2


def test_it_proposes_what_stands_here(settings: Any, treasury: Account) -> None:
    settings.PROVIDER_ACCOUNT_SECRETS = settings.PROVIDER_ACCOUNT_SECRETS | {"treasury": OTHER}
    with pytest.raises(CommandError, match="Say whether it is the same customer"):
        said("propose", "treasury")
    assert "two administrators accept it" in said("propose", "treasury", "--same-customer")
    change = IdentityChange.objects.get()
    assert (change.account, change.same_customer) == (treasury, True)
    assert change.key_fingerprint != treasury.key_fingerprint


@pytest.mark.parametrize(
    ("name", "words"), [("payroll", "PROVIDER_ACCOUNT_PAYROLL is not set"), ("treasury", "accepted already")]
)
def test_it_says_why_not(name: str, words: str) -> None:
    with pytest.raises(CommandError, match=words):
        said("propose", name)
    assert not IdentityChange.objects.exists()


def test_what_has_no_row_is_not_proposed(settings: Any) -> None:
    settings.PROVIDER_ACCOUNT_SECRETS = settings.PROVIDER_ACCOUNT_SECRETS | {"payroll": OTHER}
    with pytest.raises(CommandError, match="has no row yet"):
        said("propose", "payroll", "--same-customer")
