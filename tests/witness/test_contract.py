"""What every witness does, tried on both: a file, and a second PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import connection

from payouts.domain.errors import InvalidValue
from payouts.domain.sending.witness import Entry, Known, Trail, WitnessAway, WitnessRefused
from payouts.witness.base import Witness
from payouts.witness.place import found_witness, open_witness, shown

ID = UUID(int=7)
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
FIRST, SECOND = Trail((1, 2), "a" * 64), Trail((2, 3), "b" * 64)


def call(serial: int, account: str = "treasury", **changes: Any) -> Entry:
    plain = Entry(account, serial, uuid4(), uuid4().hex, "d" * 64, AT)
    return replace(plain, **changes)


@pytest.fixture(scope="session")
def second_database(django_db_setup: None) -> Iterator[str]:
    """Another database of the tests' server, by its URL."""
    asked = connection.get_connection_params()
    server: dict[str, Any] = {key: str(asked[key]) for key in ("user", "password", "host", "port") if asked.get(key)}
    name = f"witness_{uuid4().hex[:12]}"
    with psycopg.connect(dbname="postgres", autocommit=True, **server) as everything:
        everything.execute(f"CREATE DATABASE {name}")
        yield f"postgres:///{name}?{urlencode(server)}"
        everything.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["file", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A place where nothing was founded."""
    if request.param == "file":
        yield f"file:{tmp_path / 'deep' / 'witness'}"
        return
    place = request.getfixturevalue("second_database")
    yield place
    with psycopg.connect(place, autocommit=True) as server:
        for table in ("countersign_witness", "countersign_witness_call", "countersign_witness_release"):
            server.execute(f"DROP TABLE IF EXISTS {table}")


@pytest.fixture
def again(url: str) -> Iterator[Callable[[], Witness]]:
    """Another process's view of the same place."""
    with ExitStack() as opened:
        yield lambda: opened.enter_context(closing(open_witness(url)))


@pytest.fixture
def witness(url: str) -> Iterator[Witness]:
    with closing(found_witness(url, Known(ID))) as made:
        yield made


def test_a_new_one_knows_its_id_and_nothing_else(witness: Witness) -> None:
    known = witness.known()
    assert (known.witness, known.last, known.trail, known.released) == (ID, {}, Trail(), ())
    assert known.serial("treasury") == 0


def test_nothing_is_founded_twice_in_one_place(witness: Witness, again: Callable[[], Witness], url: str) -> None:
    witness.append(call(1))
    with pytest.raises(WitnessAway):
        found_witness(url, Known(UUID(int=8)))
    assert again().known().witness == ID
    assert again().known().serial("treasury") == 1


def test_where_nothing_was_founded_nothing_is_known(again: Callable[[], Witness]) -> None:
    nowhere = again()
    for ask in (nowhere.known, partial(nowhere.append, call(1)), partial(nowhere.calls, "treasury", after=0)):
        with pytest.raises(WitnessAway):
            ask()


def test_calls_are_counted_without_a_gap_account_by_account(witness: Witness, again: Callable[[], Witness]) -> None:
    one, two, other = call(1), call(2), call(1, "merchant")
    for entry in (one, two, other):
        witness.append(entry)
    assert again().known().last == {"treasury": two, "merchant": other}
    assert witness.calls("treasury", after=0) == [one, two]
    assert witness.calls("treasury", after=1) == [two]
    assert witness.calls("merchant", after=1) == []


@pytest.mark.parametrize("serial", [0, 1, 2, 4, 99])
def test_only_the_next_number_is_taken(witness: Witness, serial: int) -> None:
    witness.append(call(1))
    witness.append(call(2))
    with pytest.raises(WitnessRefused):
        witness.append(call(serial))
    assert witness.known().serial("treasury") == 2
    witness.append(call(3))


def test_the_first_call_is_number_one(witness: Witness) -> None:
    with pytest.raises(WitnessRefused):
        witness.append(call(2))
    assert not witness.known().last


def test_the_same_call_told_again_after_a_lost_answer_is_fine(witness: Witness, again: Callable[[], Witness]) -> None:
    one = call(1)
    for who in (witness, witness, again()):
        who.append(one)
    assert witness.calls("treasury", after=0) == [one]
    witness.append(call(2))
    with pytest.raises(WitnessRefused):
        witness.append(one)


def test_what_was_told_as_not_left_never_leaves(witness: Witness) -> None:
    one = call(1, left=False)
    witness.append(one)
    witness.append(one)
    with pytest.raises(WitnessRefused):
        witness.append(replace(one, left=True))
    assert witness.known().last["treasury"] == one


def test_the_trail_moves_on_from_what_it_was_only(witness: Witness, again: Callable[[], Witness]) -> None:
    witness.tell(SECOND, after=FIRST)
    assert witness.known().trail == Trail()
    witness.tell(FIRST, after=Trail())
    assert again().known().trail == FIRST
    witness.tell(SECOND, after=Trail())
    assert witness.known().trail == FIRST
    witness.tell(SECOND, after=FIRST)
    assert witness.known().trail == SECOND


def test_a_call_brings_the_trail_where_it_follows(witness: Witness) -> None:
    witness.append(call(1), trail=FIRST, after=Trail())
    assert witness.known().trail == FIRST
    witness.append(call(2), trail=SECOND, after=Trail())
    assert witness.known().trail == FIRST
    assert witness.known().serial("treasury") == 2


def test_a_release_sets_the_trail_anew_and_is_remembered_once(witness: Witness, again: Callable[[], Witness]) -> None:
    witness.tell(SECOND, after=Trail())
    first, second = uuid4(), uuid4()
    for proposal in (first, first, second):
        witness.release(proposal, trail=FIRST)
    known = again().known()
    assert (known.released, known.trail) == ((first, second), FIRST)


def test_no_fault_names_a_host_or_a_password(tmp_path: Path) -> None:
    for url in ("postgres://me:hunter2@127.0.0.1:1/there", f"file:{tmp_path}/secret-place/x"):
        with pytest.raises(WitnessAway) as said:
            open_witness(url).known()
        assert not any(word in str(said.value) for word in ("hunter2", "127.0.0.1", "secret-place"))


def test_a_place_is_shown_without_its_password() -> None:
    assert shown("postgres://me:hunter2@db.other:5433/there") == "postgres://db.other:5433/there"
    assert shown("file:/var/lib/countersign/witness") == "/var/lib/countersign/witness"


@pytest.mark.parametrize("url", ["", "witness", "file:relative", "file://host/x", "http://x/y", "sqlite:///x"])
def test_a_place_is_a_whole_path_or_a_postgresql(url: str) -> None:
    with pytest.raises(InvalidValue):
        open_witness(url)
