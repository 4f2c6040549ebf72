"""Raw SQL against second factors: whose one is, its seed and its terms stay as they were set up."""

import pytest
from django.db import connection

from payouts.models import Authenticator, RecoveryDevice
from payouts.workflow.people import second_factor
from tests.props.cast import Cast, code_of
from tests.props.rows.sql import execute, refused_by

pytestmark = pytest.mark.django_db

TERMS = {"digits": 1, "step": 3600, "t0": 1000, "tolerance": 10000, "drift": -20}


@pytest.mark.parametrize("column", [*TERMS, "user_id", "key"])
def test_a_second_factor_stays_as_it_was_set_up(cast: Cast, column: str) -> None:
    value = {**TERMS, "user_id": cast.auditor.pk, "key": "ab" * 20}[column]
    device = Authenticator.objects.get(user=cast.first_approver)
    with refused_by("a_second_factor_stays_as_it_was_set_up"):
        execute(f"UPDATE otp_totp_totpdevice SET {column} = %s WHERE id = %s", value, device.pk)  # noqa: S608


@pytest.fixture
def unguarded(cast: Cast) -> None:
    """As only the tables' owner can."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; ALTER TABLE otp_totp_totpdevice DISABLE TRIGGER USER")


@pytest.mark.usefixtures("unguarded")
@pytest.mark.parametrize(("column", "value"), TERMS.items())
def test_a_row_with_other_terms_accepts_no_code(cast: Cast, column: str, value: int) -> None:
    device = Authenticator.objects.get(user=cast.first_approver)
    assert device.verify_token(code_of(cast.first_approver))
    setattr(device, column, value)
    device.last_t = -1
    device.throttling_failure_count = 0
    totp = code_of(cast.first_approver)
    assert not any(device.verify_token(code) for code in (totp, totp[-1]))


@pytest.mark.usefixtures("unguarded")
def test_a_seed_that_was_copied_to_another_person_makes_none_of_the_first_ones_codes(cast: Cast) -> None:
    mine = Authenticator.objects.get(user=cast.first_approver)
    Authenticator.objects.filter(user=cast.second_approver).update(key=mine.key)
    theirs = Authenticator.objects.get(user=cast.second_approver)
    assert theirs.key == mine.key
    assert theirs.bin_key != mine.bin_key
    assert not theirs.verify_token(code_of(cast.first_approver))


def test_a_recovery_code_that_was_copied_to_another_person_is_not_theirs(cast: Cast) -> None:
    (code, *_) = second_factor._issue(cast.first_approver)
    mine = RecoveryDevice.objects.get(user=cast.first_approver)
    theirs = RecoveryDevice.objects.create(user=cast.second_approver, name="Recovery codes")
    mine.token_set.update(device=theirs)
    assert not theirs.verify_token(code)
    mine.issue()
    (code, *_) = second_factor._issue(cast.first_approver)
    assert RecoveryDevice.objects.get(user=cast.first_approver).verify_token(code)
