"""Pausing at the same instant as something else, in real threads: nothing is claimed once a pause is committed."""

import threading

import pytest
from django.db import connection, transaction

from payouts.audit import Event
from payouts.domain.people.roles import Act
from payouts.domain.stopping.pausing import Cause
from payouts.models import Account, Address, Pause, Submission
from payouts.workflow.sending.submission import Claim
from payouts.workflow.stopping import pause
from tests.props import decisions
from tests.props.cast import Cast, approved
from tests.props.decisions import proof_of
from tests.props.races import ROUNDS, at_once, codes, in_thread, told
from tests.props.worker import WORKER, claim_next

pytestmark = pytest.mark.django_db(transaction=True)

WHY = "A payee looks wrong"


@pytest.mark.parametrize("_", ROUNDS)
@pytest.mark.parametrize("everything", [False, True])
def test_pause_against_claim(cast: Cast, payee: Address, everything: bool, _: int) -> None:
    approved(cast, payee)

    def stop() -> Pause:
        if everything:
            return pause.pause_everything(reason=WHY, by=cast.keeper)
        return pause.pause_account(payee.account_id, reason=WHY, by=cast.keeper)

    claimed, stopped = at_once(claim_next, stop)
    assert isinstance(stopped, Pause)
    assert Submission.objects.count() == (1 if isinstance(claimed, Claim) else 0)
    assert claim_next() is None or Submission.objects.count() == 1


@pytest.mark.parametrize("everything", [False, True])
def test_a_pause_waits_for_the_claim_that_is_being_made_and_no_other_follows(
    cast: Cast, payee: Address, everything: bool
) -> None:
    approved(cast, payee)
    with transaction.atomic():
        Account.objects.locked(payee.account_id)  # as a claim does first

        def stop() -> None:
            if everything:
                pause.pause_everything(reason=WHY, by=cast.keeper)
            else:
                pause.pause_account(payee.account_id, reason=WHY, by=cast.keeper)

        beside = in_thread(stop)
        beside.join(0.3)
        assert beside.is_alive()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM payouts_pause")
            assert cursor.fetchone() == (0,)
    beside.join(10)
    assert not beside.is_alive()
    assert claim_next() is None
    assert not Submission.objects.exists()


@pytest.mark.parametrize("_", ROUNDS)
def test_the_button_pressed_by_many_at_once_is_one_pause(cast: Cast, treasury: Account, _: int) -> None:
    people = (cast.requester, cast.keeper, cast.first_approver, cast.administrator)
    for account in (treasury, None):
        results = at_once(
            *[
                (lambda by=by: pause.pause_account(treasury.pk, reason=WHY, by=by))
                if account
                else (lambda by=by: pause.pause_everything(reason=WHY, by=by))
                for by in people
            ]
        )
        assert codes(results) == ["paused_already"] * 3
    assert Pause.objects.count() == 2
    assert told(Event.PAUSE_OBJECTED) == 6
    assert told(Event.ALERT_RAISED) == 2


@pytest.mark.parametrize("_", ROUNDS)
def test_stop_codes_of_several_calls_are_one_pause(cast: Cast, treasury: Account, _: int) -> None:
    results = at_once(
        *[lambda: pause.stop_account(treasury, code="10003", message="not valid", by=WORKER) for _ in range(4)]
    )
    assert sum(isinstance(result, Pause) for result in results) == 1
    assert Pause.objects.get().cause == Cause.STOP_CODE


@pytest.mark.parametrize("_", ROUNDS)
def test_two_releases_at_once_end_it_once(cast: Cast, treasury: Account, _: int) -> None:
    it = pause.pause_everything(reason=WHY, by=cast.keeper)
    people = (cast.first_approver, cast.second_approver, cast.administrator)
    proofs = [(by, proof_of(by, Act.RELEASE, it.proposal.digest)) for by in people]
    results = at_once(
        *[
            lambda by=by, proof=proof: decisions.approve(it, proof=proof, note="Looks fine", by=by)
            for by, proof in proofs
        ]
    )
    assert codes(results) == ["not_paused"]
    it.refresh_from_db()
    assert it.released_at is not None
    assert (told(Event.PAUSE_RELEASED), told(Event.PAUSE_ENDED)) == (2, 1)


@pytest.mark.parametrize("_", ROUNDS)
def test_one_person_who_clicks_twice_releases_once(cast: Cast, treasury: Account, _: int) -> None:
    it = pause.pause_account(treasury.pk, reason=WHY, by=cast.keeper)
    by = cast.first_approver
    proofs = [proof_of(by, Act.RELEASE, it.proposal.digest) for _ in range(2)]
    results = at_once(*[lambda proof=proof: decisions.approve(it, proof=proof, note="Fine", by=by) for proof in proofs])
    assert codes(results) == ["released_already"]
    it.refresh_from_db()
    assert it.released_at is None


def test_a_stop_that_meets_the_release_of_the_one_before_pauses_anew(
    cast: Cast, treasury: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = pause.stop_account(treasury, code="10003", message="Invalid key", by=WORKER)
    assert before is not None
    proof = proof_of(cast.administrator, Act.RELEASE, before.proposal.digest)
    ending, go_on = threading.Event(), threading.Event()

    def held_up(account: str) -> None:  # the last thing that a release does before it is committed
        ending.set()
        go_on.wait(60)

    monkeypatch.setattr("payouts.workflow.stopping.release.queue.nudge", held_up)
    releasing = in_thread(lambda: decisions.approve(before, proof=proof, note=WHY, by=cast.administrator))
    assert ending.wait(60)
    stopping = in_thread(lambda: pause.stop_account(treasury, code="10003", message="Invalid key", by=WORKER))
    stopping.join(0.3)
    go_on.set()
    for each in (releasing, stopping):
        each.join(10)
    assert Pause.objects.open().count() == 1
