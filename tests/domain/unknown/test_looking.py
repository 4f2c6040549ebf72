"""When an unknown outcome may be sent for once more."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from payouts.domain.unknown.looking import Looks, may_resend, needs_a_person

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
APART = timedelta(minutes=5)
TWICE = Looks(
    promised=True,
    resent=False,
    first_absent_at=NOON,
    last_absent_at=NOON + APART,
    last_was_absent=True,
    attested=False,
)


def test_two_looks_apart_that_found_nothing_permit_a_resend() -> None:
    assert may_resend(TWICE, apart=APART)


@pytest.mark.parametrize(
    "changes",
    [
        {"promised": False},
        {"resent": True},
        {"attested": True},
        {"last_was_absent": False},
        {"first_absent_at": None, "last_absent_at": None},
        {"last_absent_at": NOON + APART - timedelta(seconds=1)},
        {"last_absent_at": NOON},
    ],
    ids=str,
)
def test_anything_less_does_not(changes: dict[str, Any]) -> None:
    assert not may_resend(replace(TWICE, **changes), apart=APART)


@pytest.mark.parametrize("changes", [{"promised": False}, {"resent": True}], ids=str)
def test_when_no_resend_is_left_a_person_is_needed(changes: dict[str, Any]) -> None:
    assert needs_a_person(replace(TWICE, **changes), apart=APART)


@pytest.mark.parametrize(
    "changes",
    [{}, {"resent": True, "last_was_absent": False}, {"resent": True, "first_absent_at": None, "last_absent_at": None}],
    ids=str,
)
def test_before_that_nobody_is_called(changes: dict[str, Any]) -> None:
    assert not needs_a_person(replace(TWICE, **changes), apart=APART)
