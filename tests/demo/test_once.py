"""The judgement of `script/demo --once` on its second road: it fails where the loss is not found."""

import pytest

from demo.once import back_in_time
from demo.once.report import check_orders
from demo.once.road import ARRIVED, REJECTED, RoadWithdrawal
from payouts.domain.sending.witness import Differences, Known
from payouts.domain.stopping.pausing import Cause
from payouts.models import Account
from payouts.preview import fields_to_send
from payouts.workflow.sending import went_back
from payouts.workflow.stopping import pause
from tests.props.cast import Cast
from tests.props.witness.believing import in_step
from tests.props.worker import WORKER

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(back_in_time, "FOUND_WITHIN", 0.05)


class Road:
    """People who find every page as it should be."""

    def __getattr__(self, step: str) -> object:
        return lambda *_args, **_options: ""


def test_a_loss_that_nobody_notices_is_a_complaint(cast: Cast, treasury: Account) -> None:
    found = back_in_time._bring_to_its_end(Road())  # type: ignore[arg-type]
    assert list(found.values()) == ["the database went back, and nothing is paused"]


@pytest.mark.parametrize("cause", [Cause.STOP_CODE, Cause.ORPHAN])
def test_another_pause_is_not_the_witnesss(cast: Cast, treasury: Account, cause: Cause) -> None:
    pause.begin(treasury, cause, reason="Something else", by=WORKER)
    pause.pause_everything(reason="Something else", by=cast.keeper)
    assert back_in_time.not_found()


def test_the_witnesss_pause_is_what_was_looked_for(cast: Cast, treasury: Account) -> None:
    assert went_back.stop(Known(in_step().witness), Differences(lost_events=True), [], fields=fields_to_send, by=WORKER)
    assert back_in_time.not_found() == ""
    assert back_in_time.pause_page() != "/payouts/pause/"


def _booked(line: RoadWithdrawal, times: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """What is said of a line that the provider booked so many times."""
    order = {"coin": line.coin, "amount": line.amount, "address": "", "booked": True, "received_at": 2.0}

    class Book:
        def get(self, *_args: object, **_options: object) -> "Book":
            return self

        def json(self) -> object:
            return {"orders": [order] * times}

    monkeypatch.setattr("demo.once.report.requests.Session", Book)
    check_orders([line], "http://nowhere", since=1.0)
    return line.complaint


@pytest.mark.parametrize(("expected", "times"), [(ARRIVED, 1), (REJECTED, 0)])
def test_a_payment_is_booked_once_and_a_rejected_one_never(
    expected: str, times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for booked in range(3):
        line = RoadWithdrawal("Somebody", "USDT", "777", expected)
        assert bool(_booked(line, booked, monkeypatch)) == (booked != times)
