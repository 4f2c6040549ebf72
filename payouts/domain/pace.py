"""How fast an account may be called, and how long it is left alone after nothing happened."""

from datetime import timedelta

# Zoomex documents one create per second; counted from the previous answer, since counting from the
# start of a call lets two calls arrive closer together than they left.
SECONDS_BETWEEN_CALLS = timedelta(seconds=1)
LONGEST_QUIET = timedelta(minutes=10)
LONGEST_CALL = timedelta(seconds=90)  # a provider's total deadline is at most 60 s
BEGIN_WITHIN = timedelta(seconds=15)  # a claim older than this sends nothing: with a whole call it stays below 90 s


def quiet_for(retry_after: float, in_a_row: int) -> timedelta:
    """How long to leave an account alone after the nth answer in a row that executed nothing."""
    doubled = retry_after * 2 ** min(in_a_row - 1, 10)
    return max(timedelta(seconds=retry_after), min(timedelta(seconds=doubled), LONGEST_QUIET))
