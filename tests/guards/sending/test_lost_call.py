"""Lost calls and the witness, by raw SQL: what the database refuses."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import timezone

from payouts.domain.stopping.pausing import Cause
from payouts.models import Account, Address, LostCall, Pause, WitnessLink
from payouts.workflow.stopping import pause
from tests.props.cast import Cast, approved, raised
from tests.props.rows.guards import forge
from tests.props.rows.lost import everything_stopped, lost_of, lost_row
from tests.props.rows.sql import delete, execute, insert, refused_by, submission_row, truncate, update
from tests.props.witness import back_in_time
from tests.props.worker import WORKER

pytestmark = pytest.mark.django_db


@pytest.fixture
def stopped(treasury: Account) -> Pause:
    """Everything is paused, because rows and witness differ."""
    return everything_stopped()


def test_a_lost_call_is_written_while_all_is_paused_for_it(cast: Cast, treasury: Account, stopped: Pause) -> None:
    insert("lostcall", **lost_row(treasury, stopped))
    back_in_time.released(cast, stopped)
    with refused_by("a_lost_call_pauses_everything"):
        insert("lostcall", **lost_row(treasury, stopped))
    pressed = pause.pause_everything(reason="A payee looks wrong", by=cast.keeper)
    with refused_by("a_lost_call_pauses_everything"):
        insert("lostcall", **lost_row(treasury, pressed))


@pytest.mark.parametrize("changes", [{"reference": "f" * 32}, {"digest": "e" * 64}])
def test_it_is_of_what_was_sent(cast: Cast, payee: Address, stopped: Pause, changes: dict[str, str]) -> None:
    row = lost_of(raised(cast, payee), stopped, **changes)
    with refused_by("a_lost_call_is_of_its_own_order"):
        insert("lostcall", **row)


def test_it_is_of_its_own_account(cast: Cast, payee: Address, merchant: Account, stopped: Pause) -> None:
    row = lost_of(raised(cast, payee), stopped, account_id=merchant.pk)
    with refused_by("a_lost_call_is_of_its_own_order"):
        insert("lostcall", **row)


def test_what_has_a_row_is_not_lost(cast: Cast, payee: Address, stopped: Pause) -> None:
    asked = approved(cast, payee)
    with refused_by("what_has_a_row_is_not_lost"):
        forged = submission_row(asked)
        forge(asked, status="submitting")
        forge(stopped, released_at=timezone.now())
        insert("submission", **forged)
        forge(stopped, released_at=None)
        insert("lostcall", **lost_of(asked, stopped, id=forged["id"]))


def test_of_each_number_there_is_one_from_one_on(treasury: Account, stopped: Pause) -> None:
    insert("lostcall", **lost_row(treasury, stopped, serial=1))
    with refused_by("one_lost_call_per_serial"):
        insert("lostcall", **lost_row(treasury, stopped, serial=1))
    with refused_by("lost_calls_count_from_one"):
        insert("lostcall", **lost_row(treasury, stopped, serial=0))


def test_it_gets_its_answer_once_and_changes_in_nothing_else(treasury: Account, stopped: Pause) -> None:
    row = lost_row(treasury, stopped)
    insert("lostcall", **row)
    lost = LostCall.objects.get(pk=row["id"])
    for changes in ({"serial": 9}, {"reference": "f" * 32}, {"digest": "e" * 64}, {"called_at": timezone.now()}):
        with refused_by("what_was_lost_never_changes"):
            update(lost, **changes)
    update(lost, outcome="accepted", provider_id_given="10195")
    with refused_by("what_was_lost_never_changes"):
        update(lost, outcome="unknown")
    with refused_by("lost_calls_are_never_deleted"):
        delete(lost)


def test_that_it_never_left_is_said_by_an_answer_before_it_is_decided(treasury: Account, stopped: Pause) -> None:
    row = lost_row(treasury, stopped)
    insert("lostcall", **row)
    lost = LostCall.objects.get(pk=row["id"])
    with refused_by("what_never_left_was_answered_so"):
        update(lost, outcome="not_executed")
    forge(lost, verdict="not_paid", decided_id=stopped.proposal_id)
    with refused_by("what_never_left_was_answered_so"):
        update(lost, outcome="not_executed", code="not_connected")
    forge(lost, verdict="", decided_id=None)
    update(lost, outcome="not_executed", code="not_connected")


def test_lost_calls_are_never_emptied() -> None:
    with refused_by("lost_calls_are_never_deleted"):
        truncate("lostcall")


def test_its_number_is_taken(cast: Cast, payee: Address, treasury: Account, stopped: Pause) -> None:
    insert("lostcall", **lost_row(treasury, stopped, serial=1))
    back_in_time.released(cast, stopped)
    asked = approved(cast, payee)
    update(asked, status="submitting")
    for serial in (1, 3):
        with refused_by("a_call_takes_the_next_number"):
            insert("submission", **submission_row(asked, serial=serial))
    insert("submission", **submission_row(asked, serial=2))


def test_of_each_number_there_is_one_call(cast: Cast, payee: Address) -> None:
    first, second = approved(cast, payee), approved(cast, payee, amount=Decimal(7))
    for asked in (first, second):
        update(asked, status="submitting")
    insert("submission", **submission_row(first))
    update(first.submissions.get(), outcome="refused", answered_at=timezone.now())
    with refused_by("a_call_takes_the_next_number"):
        insert("submission", **submission_row(second, serial=1))
    forge(first.submissions.get(), serial=2)
    with refused_by("one_submission_per_serial"):
        execute("ALTER TABLE payouts_submission DISABLE TRIGGER submission_insert")
        insert("submission", **submission_row(second, serial=2))


def test_its_row_is_unknown_and_says_what_the_lost_call_says(cast: Cast, payee: Address, stopped: Pause) -> None:
    asked = approved(cast, payee)
    row = lost_of(asked, stopped)
    insert("lostcall", **row)
    again = {"id": row["id"], "outcome": "unknown", "answered_at": timezone.now(), "serial": row["serial"]}
    for changes in ({"digest": "e" * 64}, {"serial": 5}, {"provider_id_given": "10195"}, {"reference": "f" * 32}):
        with refused_by("submission_is_of_what_was_approved"):
            insert("submission", **submission_row(asked, **again | changes))
    with refused_by("submission_is_of_what_was_approved"):
        insert("submission", **submission_row(asked, **again | {"id": uuid4()}))
    with refused_by("nothing_is_sent_while_paused"):
        insert("submission", **submission_row(asked, **again | {"outcome": "open", "serial": 2}))
    insert("submission", **submission_row(asked, **again))


@pytest.mark.parametrize("status", ["awaiting_approval", "approved"])
def test_nothing_becomes_unknown_without_such_a_row(cast: Cast, payee: Address, stopped: Pause, status: str) -> None:
    asked = raised(cast, payee) if status == "awaiting_approval" else approved(cast, payee)
    with refused_by("unknown_means_a_call"):
        update(asked, status="unknown")
    row = lost_of(asked, stopped)
    insert("lostcall", **row)
    with refused_by("unknown_means_a_call"):
        update(asked, status="unknown")
    answered = {"id": row["id"], "outcome": "unknown", "answered_at": timezone.now(), "serial": row["serial"]}
    insert("submission", **submission_row(asked, **answered))
    update(asked, status="unknown")


def test_what_has_a_lost_call_is_not_asked_for_again(cast: Cast, payee: Address, stopped: Pause) -> None:
    from tests.props.rows.rows import withdrawal_row

    asked = raised(cast, payee)
    update(asked, status="cancelled")
    insert("lostcall", **lost_of(asked, stopped))
    with refused_by("what_has_a_lost_call_is_not_retried"):
        insert("withdrawal", **withdrawal_row(payee, cast.requester, retry_of_id=asked.pk))


def test_the_witness_is_one_and_stays_the_same() -> None:
    row = {"witness": uuid4(), "place": "here", "founded_at": timezone.now(), "away_because": ""}
    insert("witnesslink", one=True, **row)
    with refused_by("there_is_one_witness"):
        insert("witnesslink", one=False, **row)
    link = WitnessLink.objects.get()
    for changes in ("witness = gen_random_uuid()", "place = 'there'", "founded_at = now()"):
        with refused_by("a_witness_is_not_exchanged"):
            execute(f"UPDATE payouts_witnesslink SET {changes}")  # noqa: S608
    execute("UPDATE payouts_witnesslink SET away_since = now(), away_because = 'gone'")
    with refused_by("the_witness_is_never_forgotten"):
        execute("DELETE FROM payouts_witnesslink")
    execute("SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks pending cannot be emptied, whoever forbids it
    with refused_by("the_witness_is_never_forgotten"):
        truncate("witnesslink")
    assert link.place == "here"


def test_another_server_is_accepted_by_two_people_once(cast: Cast, stopped: Pause) -> None:
    facts = {"witness": uuid4(), "place": "here", "founded_at": timezone.now(), "away_because": ""}
    with refused_by("the_first_server_needs_no_release"):
        insert("witnesslink", one=True, server_release_id=stopped.proposal_id, **facts)
    insert("witnesslink", one=True, **facts)
    link = WitnessLink.objects.get()
    with refused_by("a_server_has_both_its_names"):
        update(link, system_identifier=1)
    update(link, system_identifier=1, timeline=1)
    for changes in ({"system_identifier": 2}, {"timeline": 2}, {"system_identifier": None, "timeline": None}):
        with refused_by("another_server_needs_two_people"):
            update(link, **changes)
    with refused_by("another_server_needs_two_people"):
        update(link, timeline=2, server_release_id=stopped.proposal_id)
    back_in_time.released(cast, stopped)
    with refused_by("another_server_needs_two_people"):
        update(link, system_identifier=None, timeline=None, server_release_id=stopped.proposal_id)
    update(link, timeline=2, server_release_id=stopped.proposal_id)
    with refused_by("another_server_needs_two_people"):
        update(link, timeline=3)
    later = pause.begin_for_all(Cause.OUT_OF_STEP, reason="The database lacks calls", code="", by=WORKER)
    back_in_time.released(cast, later)
    update(link, timeline=3, server_release_id=later.proposal_id)
    with refused_by("another_server_needs_two_people"):
        update(link, timeline=2, server_release_id=stopped.proposal_id)


def test_a_pause_by_a_person_accepts_no_server(cast: Cast) -> None:
    facts = {"witness": uuid4(), "place": "here", "founded_at": timezone.now(), "away_because": ""}
    insert("witnesslink", one=True, system_identifier=1, timeline=1, **facts)
    pressed = back_in_time.released(cast, pause.pause_everything(reason="A payee looks wrong", by=cast.keeper))
    with refused_by("another_server_needs_two_people"):
        update(WitnessLink.objects.get(), timeline=2, server_release_id=pressed.proposal_id)


def test_a_pause_that_accepts_a_witness_accepts_no_server(cast: Cast) -> None:
    witness = uuid4()
    facts = {"witness": witness, "place": "here", "founded_at": timezone.now(), "away_because": ""}
    insert("witnesslink", one=True, system_identifier=1, timeline=1, **facts)
    moved = pause.begin_for_all(Cause.OUT_OF_STEP, reason="The witness is moved", code=witness.hex, by=WORKER)
    back_in_time.released(cast, moved)
    with refused_by("another_server_needs_two_people"):
        update(WitnessLink.objects.get(), timeline=2, server_release_id=moved.proposal_id)
