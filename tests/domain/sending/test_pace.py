from datetime import timedelta

import pytest

from payouts.domain.sending.pace import turn


@pytest.mark.parametrize(
    ("since_answer", "quiet", "claim_in", "call_in"),
    [
        (None, None, 0, 0),
        (0, None, 0.9, 1),
        (0.9, None, 0, 0.1),
        (0.95, None, 0, 0.05),
        (1, None, 0, 0),
        (500, None, 0, 0),
        (None, 5, 5, 5),
        (None, -5, 0, 0),
        (0.95, 0.02, 0.02, 0.05),
        (0.95, 3, 3, 3),
        (-0.5, None, 1.4, 1.5),  # by a clock that was put back
    ],
)
def test_a_claim_comes_ahead_of_the_second_and_not_of_the_end_of_a_quiet(
    since_answer: float | None, quiet: float | None, claim_in: float, call_in: float
) -> None:
    since, left = (None if seconds is None else timedelta(seconds=seconds) for seconds in (since_answer, quiet))
    found = turn(since, left)
    assert (found.claim_in, found.call_in) == (claim_in, call_in)
