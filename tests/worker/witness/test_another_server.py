"""The inner line: rows that find themselves on another server, or on another timeline, send nothing."""

import logging
from collections.abc import Callable
from dataclasses import replace
from weakref import WeakKeyDictionary

import pytest
from django.db import connection

from payouts.audit import Event
from payouts.domain.sending.witness import Server, WitnessAway
from payouts.domain.stopping.pausing import Cause
from payouts.models import Address, AuditEvent, Pause, WitnessLink
from payouts.witness.file import FileWitness
from payouts.worker import witnessing
from payouts.workflow.decisions import deciding
from payouts.workflow.sending import server, witnessed
from tests.props.cast import Cast, approved
from tests.props.providers.doubles import ACCEPTED, ScriptedProvider
from tests.props.rows.guards import forge
from tests.props.witness import back_in_time
from tests.props.worker import WORKER, Plug, drain

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("witness")]


def pauses() -> list[Pause]:
    return list(Pause.objects.open().filter(cause=Cause.OUT_OF_STEP))


def move_to(other: Server | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the rows are there; None: on one that does not tell its names."""
    monkeypatch.setattr(witnessed, "server_now", lambda: other)


def here() -> Server:
    found = server.server_now()
    assert found is not None
    return found


def elsewhere() -> Server:
    return replace(here(), system_identifier=here().system_identifier + 1)


def a_timeline_later() -> Server:
    return replace(here(), timeline=here().timeline + 1)


def test_the_server_is_remembered_when_the_witness_is_founded() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT system_identifier FROM pg_control_system()")
        (identifier,) = cursor.fetchone()
    link = WitnessLink.objects.get()
    assert (link.server(), link.server_release) == (Server(identifier, 1), None)
    event = AuditEvent.objects.get(event=Event.SERVER_REMEMBERED)
    assert (event.facts["system_identifier"], event.facts["timeline"]) == (identifier, 1)


@pytest.mark.parametrize("other", [elsewhere, a_timeline_later])
def test_on_another_server_nothing_is_sent_and_everything_is_paused(
    other: Callable[[], Server], cast: Cast, payee: Address, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))
    there = other()
    move_to(there, monkeypatch)
    assert drain() == 0
    assert provider.orders == []
    (it,) = pauses()
    assert (it.account, it.begun_by) == (None, None)
    assert f"another server ({there.system_identifier}, timeline {there.timeline})" in it.reason
    assert WitnessLink.objects.get().server() == here()


@pytest.mark.parametrize("other", [elsewhere, a_timeline_later])
def test_two_people_let_it_go_on_there_and_the_server_is_remembered(
    other: Callable[[], Server],
    cast: Cast,
    payee: Address,
    plug: Plug,
    monkeypatch: pytest.MonkeyPatch,
    witness: FileWitness,
) -> None:
    approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))
    there = other()
    move_to(there, monkeypatch)
    drain()
    (it,) = pauses()
    back_in_time.released(cast, it)
    assert drain() == 1
    link = WitnessLink.objects.get()
    assert (link.server(), link.server_release_id) == (there, it.proposal_id)
    assert (witness.known().released, pauses(), len(provider.orders)) == ((it.proposal_id,), [], 1)


def test_a_release_is_for_the_server_that_people_saw(
    cast: Cast, payee: Address, plug: Plug, monkeypatch: pytest.MonkeyPatch
) -> None:
    approved(cast, payee)
    provider = plug(ScriptedProvider(ACCEPTED))
    move_to(elsewhere(), monkeypatch)
    drain()
    (it,) = pauses()
    back_in_time.released(cast, it)
    move_to(replace(elsewhere(), timeline=7), monkeypatch)
    assert drain() == 0
    assert (provider.orders, len(pauses())) == ([], 1)
    assert WitnessLink.objects.get().server() == here()


def test_what_was_released_with_the_server_stays_released_if_the_worker_dies_before_it_tells(
    cast: Cast, payee: Address, plug: Plug, monkeypatch: pytest.MonkeyPatch, witness: FileWitness
) -> None:
    asked = approved(cast, payee)
    plug(ScriptedProvider(ACCEPTED))
    with back_in_time.lost():
        deciding.reject(asked.proposal_id, reason="A payee looks wrong", by=cast.first_approver)
        witnessing.tell_trail(by=WORKER)
    move_to(elsewhere(), monkeypatch)
    drain()
    (it,) = pauses()
    assert it.reason.startswith("The database lacks events of its trail. The database is on another server")
    back_in_time.released(cast, it)

    def dies(*_: object, **__: object) -> None:
        raise WitnessAway("It died.")

    with monkeypatch.context() as patches:
        patches.setattr(FileWitness, "release", dies)
        assert not witnessing.compare(by=WORKER)
    assert WitnessLink.objects.get().server() == elsewhere()
    assert witnessing.compare(by=WORKER)
    assert (witness.known().released, pauses(), drain()) == ((it.proposal_id,), [], 1)


def test_one_that_does_not_tell_its_names_is_no_reason_to_stop_and_the_log_says_so(
    cast: Cast, payee: Address, plug: Plug, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    witnessing._say_that_it_does_not_tell.cache_clear()
    approved(cast, payee)
    plug(ScriptedProvider(ACCEPTED))
    move_to(None, monkeypatch)
    with caplog.at_level(logging.WARNING):
        assert witnessing.compare(by=WORKER)
        assert witnessing.compare(by=WORKER)
    assert [record.message for record in caplog.records] == ["server does not tell its names"]
    assert (drain(), pauses(), WitnessLink.objects.get().server()) == (1, [], here())


def test_it_is_remembered_once_it_tells_its_names(monkeypatch: pytest.MonkeyPatch) -> None:
    forge(WitnessLink.objects.get(), system_identifier=None, timeline=None)
    assert witnessing.compare(by=WORKER)
    assert WitnessLink.objects.get().server() == here()


def test_our_role_asks_whether_it_may_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    assert here().timeline == 1
    monkeypatch.setattr(server, "_asked", WeakKeyDictionary())
    monkeypatch.setattr(server, "_TELLS", "SELECT false")
    monkeypatch.setattr(server, "_SERVER", "SELECT refused")
    assert server.server_now() is None


def test_a_session_is_asked_once_and_one_that_may_take_over_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    follows = True
    asked: list[bool] = []

    def ask() -> tuple[bool, Server | None]:
        asked.append(follows)
        return follows, Server(1, len(asked))

    monkeypatch.setattr(server, "_asked", WeakKeyDictionary())
    monkeypatch.setattr(server, "_ask", ask)
    assert [server.server_now(), server.server_now()] == [Server(1, 1), Server(1, 2)]
    follows = False  # it took over, in the middle of the session
    assert [server.server_now(), server.server_now()] == [Server(1, 3), Server(1, 3)]
    monkeypatch.setattr(server, "connection", Another())
    assert server.server_now() == Server(1, 4)


class Another:
    """A new session."""

    def __init__(self) -> None:
        self.connection = type("Session", (), {})()

    def ensure_connection(self) -> None:
        """Nothing to do."""
