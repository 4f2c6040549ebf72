"""The codes that the demo gives its people, who have no phone: one that is good for long enough to be used."""

from typing import Any

import pytest
from django_otp.oath import hotp

from demo import codes
from payouts.models import Authenticator
from tests.props.cast import Cast

pytestmark = pytest.mark.django_db

STEP_BEGAN = 1_800_000_000  # a multiple of thirty seconds


@pytest.fixture(autouse=True)
def _demo(settings: Any) -> None:
    settings.DEMO = True


def code_at(seconds: float, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> str | None:
    """The code that is given so long after a step began."""
    monkeypatch.setattr("demo.codes.time.time", lambda: STEP_BEGAN + seconds)
    return codes.next_code(cast.requester.username, patience=-1)


def code_of_step(step: int, cast: Cast) -> str:
    """The code of so many steps after that one, by RFC 6238: HOTP of the count of steps."""
    device = Authenticator.objects.get(user=cast.requester)
    return f"{hotp(device.bin_key, STEP_BEGAN // device.step + step):06d}"


def used_up_to(step: int, cast: Cast) -> None:
    device = Authenticator.objects.get(user=cast.requester)
    Authenticator.objects.filter(pk=device.pk).update(last_t=STEP_BEGAN // device.step + step)


@pytest.mark.parametrize(("seconds", "step"), [(0, -1), (20, -1), (22.1, 0), (29.9, 0)])
def test_the_code_before_is_not_given_when_it_is_about_to_end(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, seconds: float, step: int
) -> None:
    used_up_to(-9, cast)
    assert code_at(seconds, cast, monkeypatch) == code_of_step(step, cast)


def test_each_code_is_given_until_it_was_used_and_then_there_is_none_for_a_while(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    for used, given in ((-2, -1), (-1, 0), (0, 1)):
        used_up_to(used, cast)
        assert code_at(5, cast, monkeypatch) == code_of_step(given, cast)
    used_up_to(1, cast)
    assert code_at(5, cast, monkeypatch) is None


def test_outside_the_demo_nobody_gets_one(cast: Cast, settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(codes.NotTheDemo):
        codes.next_code(cast.requester.username)
