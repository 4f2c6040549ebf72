"""Rows and witness: what is missing on which side, what follows what, and what a release is good for."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from payouts.domain.sending.witness import (
    Entry,
    Known,
    Row,
    Rows,
    Server,
    Trail,
    another,
    differences,
    may_follow,
    still_untold,
    token,
    trail_of,
)

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def call(serial: int, account: str = "treasury", **changes: Any) -> Entry:
    return replace(Entry(account, serial, uuid4(), "0" * 32, "d" * 64, AT), **changes)


FIRST, SECOND = call(1), call(2)
KNOWN = Known(UUID(int=7), {"treasury": FIRST}, Trail((1, 2), "a" * 64), (UUID(int=9),))
HERE, THERE = Server(7714071863281627214, 1), Server(7714071863281627215, 1)
ALIKE = Rows(lacking=frozenset(), untold=[], has_trail=True, has_releases=True)


def test_what_both_know_does_not_differ() -> None:
    found = differences(ALIKE, KNOWN)
    assert not found
    assert found.sentence() == ""
    assert token(KNOWN, found) == ""


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (replace(ALIKE, lacking=frozenset({"treasury"})), "The database lacks calls of treasury."),
        (replace(ALIKE, has_trail=False), "The database lacks events of its trail."),
        (replace(ALIKE, has_releases=False), "The database lacks a release by two people."),
        (replace(ALIKE, untold=[Row(SECOND, answered=True)]), "The witness lacks 1 calls that were answered."),
        (
            replace(ALIKE, remembered=HERE, server=replace(HERE, timeline=2)),
            "The database is on another server (7714071863281627214, timeline 2) than before, or was put back.",
        ),
    ],
)
def test_whatever_one_side_lacks_is_a_difference_in_words(rows: Rows, said: str) -> None:
    found = differences(rows, KNOWN)
    assert found
    assert found.sentence() == said
    assert len(token(KNOWN, found)) == 32


def test_a_call_that_nobody_answered_may_still_be_told() -> None:
    rows = replace(ALIKE, untold=[Row(SECOND, answered=False)])
    assert not differences(rows, KNOWN)
    assert [row.entry for row in still_untold(rows, KNOWN)] == [SECOND]


def test_what_was_told_in_between_is_not_missing() -> None:
    rows = replace(ALIKE, untold=[Row(SECOND, answered=True)])
    later = replace(KNOWN, last={"treasury": SECOND})
    assert not differences(rows, later)
    assert still_untold(rows, later) == []


@pytest.mark.parametrize(
    ("remembered", "now", "found"),
    [
        (HERE, HERE, None),
        (HERE, THERE, THERE),
        (HERE, replace(HERE, timeline=2), replace(HERE, timeline=2)),
        (replace(HERE, timeline=2), HERE, HERE),
        (None, HERE, None),
        (HERE, None, None),
        (None, None, None),
    ],
)
def test_another_server_is_one_of_other_names_where_both_are_known(
    remembered: Server | None, now: Server | None, found: Server | None
) -> None:
    assert another(remembered, now) == found


def test_a_token_stands_for_just_what_differs() -> None:
    lacks = differences(replace(ALIKE, has_trail=False), KNOWN)
    both = differences(replace(ALIKE, has_trail=False, has_releases=False), KNOWN)
    untold = differences(replace(ALIKE, untold=[Row(SECOND, answered=True)]), KNOWN)
    servers = [
        token(KNOWN, differences(replace(ALIKE, remembered=HERE, server=server), KNOWN))
        for server in (THERE, replace(THERE, timeline=2))
    ]
    moved = replace(KNOWN, trail=Trail((2, 3), "b" * 64))
    other = replace(KNOWN, witness=UUID(int=8))
    tokens = [token(KNOWN, lacks), token(KNOWN, both), token(KNOWN, untold), token(moved, lacks), token(other, lacks)]
    tokens += servers
    assert len(set(tokens)) == len(tokens)
    assert token(KNOWN, lacks) == token(KNOWN, lacks)


@pytest.mark.parametrize(
    ("last", "entry", "follows"),
    [
        (None, FIRST, True),
        (None, SECOND, False),
        (FIRST, SECOND, True),
        (FIRST, FIRST, None),
        (FIRST, replace(FIRST, left=False), None),
        (replace(FIRST, left=False), FIRST, False),
        (FIRST, call(1), False),
        (FIRST, call(3), False),
        (SECOND, FIRST, False),
        (FIRST, call(0), False),
    ],
)
def test_only_the_next_number_follows_or_the_same_call_again(
    last: Entry | None, entry: Entry, follows: bool | None
) -> None:
    assert may_follow(last, entry) is follows


def test_a_trail_is_of_its_events_word_for_word_in_their_order() -> None:
    rows: list[tuple[int, dict[str, object]]] = [(4, {"event": "signed_in"}), (3, {"event": "signed_out"})]
    trail = trail_of(rows)
    assert trail.ids == (3, 4)
    assert trail_of(rows[::-1]) == trail
    assert trail_of([(4, {"event": "signed_in"}), (3, {"event": "signed_ouT"})]).hash != trail.hash
    assert trail_of([(4, {"event": "signed_in"})]).hash != trail.hash
    assert trail_of([]) == Trail()
