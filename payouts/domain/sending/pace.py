"""How fast an account may be called, and how long it is left alone after nothing happened."""

from dataclasses import dataclass
from datetime import timedelta

# Zoomex documents one create per second; counted from the previous answer, since counting from the
# start of a call lets two calls arrive closer together than they left.
SECONDS_BETWEEN_CALLS = timedelta(seconds=1)
# So that the claim's own time is not lost; the call still waits its second. No more than that: a worker that is killed
# between its claim and its call leaves an unknown.
CLAIM_AHEAD = timedelta(milliseconds=100)
ASKED_AHEAD = timedelta(milliseconds=10)  # the last question, so that it does not make its call late
LONGEST_QUIET = timedelta(minutes=10)
# With the sweep's five seconds a row whose worker was killed moves again within a minute, also when a sweep is lost.
LONGEST_CALL = timedelta(seconds=40)  # a provider's total deadline is at most 30 s
BEGIN_WITHIN = timedelta(seconds=5)  # a claim older than this sends nothing: with a whole call it stays below 40 s


@dataclass(frozen=True)
class Turn:
    """When an account may go on: in so many seconds, 0 for now."""

    claim_in: float
    call_in: float  # never before the claim


def turn(since_answer: timedelta | None, quiet: timedelta | None) -> Turn:
    """After an answer so long ago, while its provider wants to be left alone for so long; None where there is none.

    A claim may come a little ahead of the account's second, and not of the end of a quiet.
    """
    second = SECONDS_BETWEEN_CALLS - since_answer if since_answer is not None else timedelta()
    left_alone = quiet or timedelta()
    return Turn(_seconds(max(second - CLAIM_AHEAD, left_alone)), _seconds(max(second, left_alone)))


def _seconds(wait: timedelta) -> float:
    return max(0.0, wait.total_seconds())


def quiet_for(retry_after: float, in_a_row: int) -> timedelta:
    """How long to leave an account alone after the nth answer in a row that executed nothing."""
    doubled = retry_after * 2 ** min(in_a_row - 1, 10)
    return max(timedelta(seconds=retry_after), min(timedelta(seconds=doubled), LONGEST_QUIET))
