"""Lengths of time in words."""

from datetime import timedelta

import pytest

from payouts.domain.span import briefly, in_words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(hours=24), "24 hours"),
        (timedelta(hours=1), "1 hour"),
        (timedelta(minutes=90), "90 minutes"),
        (timedelta(minutes=1), "1 minute"),
        (timedelta(0), "0 minutes"),
        (timedelta(hours=2, milliseconds=7), "2 hours"),
        (timedelta(hours=2, milliseconds=-7), "2 hours"),
    ],
)
def test_a_sentence_rounds_to_the_minute(span: timedelta, words: str) -> None:
    assert in_words(span) == words


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(hours=23, minutes=59), "23 h"),
        (timedelta(hours=3), "3 h"),
        (timedelta(hours=2, minutes=59, seconds=59), "2 h 59 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=1, minutes=20), "1 h 20 min"),
        (timedelta(minutes=12, seconds=59), "12 min"),
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(0), "less than a minute"),
    ],
)
def test_what_is_left_is_never_overstated(span: timedelta, words: str) -> None:
    assert briefly(span) == words
