"""An account's page: why it is left alone and until when, and how far its provider's records were compared."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from payouts.models import Account
from tests.conftest import SignIn
from tests.props.cast import Cast
from tests.props.days import at, compared, days_ago
from tests.props.pages.pages import page_of, words
from tests.props.rows.guards import forge

pytestmark = pytest.mark.django_db

WHY = "403: the provider refused this address"


@pytest.fixture
def auditor(cast: Cast, sign_in: SignIn) -> Client:
    return sign_in(cast.auditor)


@pytest.mark.parametrize(("minutes", "is_left_alone"), [(9, True), (-1, False)])
def test_it_says_why_it_is_left_alone_until_that_is_over(
    minutes: int, is_left_alone: bool, auditor: Client, treasury: Account
) -> None:
    forge(treasury, quiet_until=timezone.now() + timedelta(minutes=minutes), quiet_because=WHY)
    shown = words(auditor.get(page_of(treasury)))
    assert (WHY in shown, "Left alone until" in shown) == (is_left_alone, is_left_alone)


def test_it_says_until_when_its_records_were_compared(auditor: Client, treasury: Account) -> None:
    assert "Records read and compared until not yet" in words(auditor.get(page_of(treasury)))
    compared(treasury, at(days_ago(1), "07:15"))
    assert f"{days_ago(1).day} {days_ago(1):%b %Y}, 07:15 UTC" in words(auditor.get(page_of(treasury)))


def test_where_nobody_can_be_asked_it_says_what_to_do_instead(auditor: Client, merchant: Account) -> None:
    shown = words(auditor.get(page_of(merchant)))
    assert "upload its statement" in shown
    assert "Records read and compared" not in shown


def test_a_row_that_promises_more_than_the_providers_code_is_not_believed(auditor: Client, merchant: Account) -> None:
    Account.objects.filter(pk=merchant.pk).update(resend_allowed=True, can_look_up=True)
    shown = words(auditor.get(page_of(merchant)))
    assert "Not promised: nothing is ever sent again" in shown
    assert "No: upload its statement" in shown
