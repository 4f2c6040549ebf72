"""Raw SQL against proposals: whose yes counts, what it is to, and how each ends."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import permutations
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from payouts.domain.decisions.proposal import STATE_MOVES, State
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, Orphan, Proposal
from tests.props.cast import Cast
from tests.props.rows.decisions import carry, close, proposal_row, say_yes
from tests.props.rows.guards import forge, guards_off
from tests.props.rows.kinds import EXAMPLES, Example
from tests.props.rows.lost import lost_finding_row, over
from tests.props.rows.rows import (
    accepted,
    address_row,
    change_row,
    orphan_row,
    pause_row,
    resolution_row,
    sign_off_row,
    withdrawal_row,
)
from tests.props.rows.sql import delete, execute, insert, refused_by, truncate, update

NOW = timezone.now()
DIGEST = "e" * 64
RAISED_BY_A_PERSON = ("withdrawal", "address", "resolution")
WITH_ROWS = [kind for kind in EXAMPLES if kind != "sign_off"]  # a day has no row until it is signed
Make = Callable[[str], Example]


@pytest.fixture
def make(cast: Cast, payee: Address) -> Make:
    """A proposal of this kind."""
    return lambda kind: EXAMPLES[kind](cast, payee)


@pytest.fixture(params=EXAMPLES)
def example(request: pytest.FixtureRequest, make: Make) -> Example:
    """A proposal of each kind in turn."""
    return make(request.param)


def again(proposal: Proposal, **changes: Any) -> dict[str, Any]:
    """The columns of the same proposal, about another thing where that is one of a table."""
    columns = {field.attname: getattr(proposal, field.attname) for field in Proposal._meta.concrete_fields}
    return columns | {"id": uuid4()} | changes


def elsewhere(kind: str, cast: Cast, **changes: Any) -> dict[str, Any]:
    """The columns of a sound proposal of this kind about something that there is not yet."""
    return proposal_row(kind, str(uuid4()), {}, cast.requester, **changes)


# -- proposing --


@pytest.mark.parametrize(
    "kind", ["", "nothing", "WITHDRAWAL", "approval_insert", "x() -- ", 'a"b', "withdrawal_proposed"]
)
def test_a_proposal_is_of_a_known_kind(cast: Cast, kind: str) -> None:
    with refused_by("proposal_is_of_a_known_kind"):
        insert("proposal", **elsewhere("withdrawal", cast) | {"kind": kind})


@pytest.mark.parametrize("state", [state for state in State if state is not State.OPEN])
def test_a_proposal_starts_open(cast: Cast, state: State) -> None:
    with refused_by("proposal_starts_open"):
        insert("proposal", **elsewhere("withdrawal", cast, state=state.value, decided_at=NOW))


def test_what_is_decided_is_the_content(cast: Cast) -> None:
    with refused_by("what_is_decided_is_the_content"):
        insert("proposal", **elsewhere("withdrawal", cast, digest=DIGEST))


def test_the_content_names_kind_and_subject(cast: Cast) -> None:
    sound = elsewhere("withdrawal", cast)
    of_an_address = proposal_row("address", sound["subject"], {}, cast.requester)
    of_another = elsewhere("withdrawal", cast)
    for other in (of_an_address, of_another):
        with refused_by("content_names_kind_and_subject"):
            insert("proposal", **sound | {"content": other["content"], "digest": other["digest"]})


@pytest.mark.parametrize(
    "weaker",
    [
        {"act": "raise"},
        {"act": ""},
        {"roles": ["Requesters"]},
        {"roles": ["Approvers", "Address keepers", "Administrators", "Auditors", "Requesters"]},
        {"roles": [None]},
        {"needed": 0},
    ],
)
@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_terms_are_those_of_the_kind(cast: Cast, kind: str, weaker: dict[str, Any]) -> None:
    with refused_by("terms_are_those_of_the_kind"):
        insert("proposal", **elsewhere(kind, cast, **weaker))


@pytest.mark.parametrize("kind", EXAMPLES)
def test_a_yes_to_one_kind_is_none_to_another(cast: Cast, kind: str) -> None:
    for other in EXAMPLES.keys() - {kind}:
        terms = elsewhere(other, cast)
        with refused_by("terms_are_those_of_the_kind"):
            insert("proposal", **elsewhere(kind, cast, act=terms["act"]))


def test_somebody_has_to_say_yes_and_somebody_may(cast: Cast) -> None:
    with guards_off(), refused_by("at_least_one_approval_is_required"):
        insert("proposal", **elsewhere("withdrawal", cast, needed=0))
    with refused_by("somebody_may_say_yes"):
        insert("proposal", **elsewhere("withdrawal", cast, roles=[]))


@pytest.mark.parametrize("kind", RAISED_BY_A_PERSON)
def test_nobody_decides_alone(cast: Cast, kind: str) -> None:
    for excluded in ([], [None], [cast.keeper.pk], [cast.keeper.pk, None]):
        with refused_by("nobody_decides_alone"):
            insert("proposal", **elsewhere(kind, cast, excluded=excluded))
    with refused_by("nobody_decides_alone"):
        insert("proposal", **elsewhere(kind, cast, raised_by_id=None))
    insert("proposal", **elsewhere(kind, cast, excluded=[cast.requester.pk, cast.keeper.pk]))


@pytest.mark.parametrize("state", State)
def test_a_thing_is_proposed_once_however_that_ended(example: Example, state: State) -> None:
    decided_at = None if state is State.OPEN else NOW
    who = {"decided_by": example.approvers[0], "decided_because": "It was"}
    forge(example.proposal, state=state.value, decided_at=decided_at, **who)
    with refused_by("a_thing_is_proposed_once"):
        insert("proposal", **again(example.proposal, state="open", decided_at=None))


def test_two_proposals_about_one_thing_are_never_open(example: Example) -> None:
    """As two sessions would write them at the same instant."""
    with guards_off(), refused_by("one_open_proposal_per_subject"):
        insert("proposal", **again(example.proposal))


def made_by_hand(kind: str, cast: Cast, payee: Address) -> tuple[str, dict[str, Any]]:
    """The table and the columns of a sound thing that is not there yet; its proposal is."""
    match kind:
        case "withdrawal":
            return kind, withdrawal_row(payee, cast.requester)
        case "address":
            return kind, address_row(payee.account, cast.requester)
        case "resolution":
            return kind, resolution_row(cast.requester)
        case _:
            return "pause", pause_row(None)


@pytest.mark.parametrize("kind", WITH_ROWS)
def test_a_thing_has_its_own_proposal(cast: Cast, payee: Address, make: Make, kind: str) -> None:
    table, row = made_by_hand(kind, cast, payee)
    same_kind, other_kind = (
        made_by_hand(each, cast, payee)[1] for each in (kind, WITH_ROWS[WITH_ROWS.index(kind) - 1])
    )
    for other in (same_kind, other_kind):
        with refused_by("a_thing_has_its_own_proposal"):
            insert(table, **row | {"proposal_id": other["proposal_id"]})
    own = Proposal.objects.get(pk=row["proposal_id"])
    sound = {"raised_by": own.raised_by, "state": "open", "decided_at": None}
    for state in STATE_MOVES[State.OPEN]:
        forge(own, state=state.value, decided_at=NOW, decided_by=cast.keeper, decided_because="It was")
        with refused_by("a_thing_has_its_own_proposal"):
            insert(table, **row)
    forge(own, **sound | {"raised_by": cast.keeper})
    with refused_by("a_thing_has_its_own_proposal"):
        insert(table, **row)
    forge(own, **sound)
    insert(table, **row)


def test_a_proposal_is_of_one_thing(cast: Cast, payee: Address, make: Make) -> None:
    """The rule about its own proposal refuses it first; behind that one stands a unique column."""
    taken = {kind: {"proposal_id": make(kind).proposal.pk} for kind in WITH_ROWS}
    with guards_off(), refused_by("payouts_withdrawal_proposal_id_key"):
        insert("withdrawal", **withdrawal_row(payee, cast.requester) | taken["withdrawal"])
    with guards_off(), refused_by("payouts_address_proposal_id_key"):
        insert("address", **address_row(payee.account, cast.requester) | taken["address"])
    with guards_off(), refused_by("payouts_resolution_proposal_id_key"):
        insert("resolution", **resolution_row(cast.requester) | taken["resolution"])
    with guards_off(), refused_by("payouts_pause_proposal_id_key"):
        insert("pause", **pause_row(None) | taken["release"])
    with guards_off(), refused_by("payouts_identitychange_proposal_id_key"):
        insert("identitychange", **change_row(payee.account) | taken["identity"])
    call, another = over(cast, payee), over(cast, payee)
    with guards_off(), refused_by("payouts_lostfinding_proposal_id_key"):
        insert("lostfinding", **lost_finding_row(call, cast.third_approver) | taken["lost_call"])
    with guards_off(), refused_by("payouts_lostcall_decided_id_key"):
        for each in (call, another):
            update(each, verdict="not_paid", decided_id=taken["lost_call"]["proposal_id"])
    signed = sign_off_row(payee.account, cast.auditor)
    insert("signoff", **signed)
    with guards_off(), refused_by("payouts_signoff_proposal_id_key"):
        insert("signoff", **signed | {"day": date(2026, 1, 1)})


# -- what never changes --


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("id", uuid4()),
        ("kind", "other"),
        ("act", "raise"),
        ("subject", "other"),
        ("content", "{}"),
        ("digest", DIGEST),
        ("raised_by_id", None),
        ("raised_at", NOW - timedelta(days=1)),
        ("needed", 0),
        ("needed", 9),
        ("roles", ["Requesters"]),
        ("excluded", [-1]),
        ("open_until", NOW + timedelta(days=9)),
        ("open_until", None),
    ],
)
def test_what_was_proposed_never_changes(make: Make, column: str, value: Any) -> None:
    proposal = make("withdrawal").proposal
    with refused_by("what_was_proposed_never_changes"):
        update(proposal, **{column: value})


def test_proposals_are_never_deleted(example: Example) -> None:
    with refused_by("proposals_are_never_deleted"):
        delete(example.proposal)
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    with refused_by("proposals_are_never_deleted"):
        truncate("proposal")


# -- ending --


@pytest.mark.parametrize(("old", "new"), list(permutations(State, 2)))
def test_the_database_makes_the_declared_moves_and_no_other(make: Make, old: State, new: State) -> None:
    example = make("withdrawal")
    for approver in example.approvers:
        say_yes(example.proposal, approver)
    decided_at = None if old is State.OPEN else NOW
    who = {"decided_by": example.approvers[0], "decided_because": "It was"}
    forge(example.proposal, state=old.value, decided_at=decided_at, **who)
    if old is State.CARRIED:
        forge(example.thing, status="approved")
    by = example.thing.requested_by if new is State.WITHDRAWN else example.approvers[1]
    decided_at = None if new is State.OPEN else NOW
    if new in STATE_MOVES[old]:
        close(example.proposal, new.value, by, decided_at=decided_at)
    else:
        with refused_by("what_was_decided_never_changes"):
            close(example.proposal, new.value, by, decided_at=decided_at)


def test_who_decided_it_when_and_why_is_written_with_its_move_alone(example: Example) -> None:
    for columns in ({"decided_because": "Other"}, {"decided_by_id": example.stranger.pk}):
        with refused_by("what_was_decided_never_changes"):
            update(example.proposal, **columns)


def test_there_is_no_state_but_the_known_ones(make: Make) -> None:
    proposal = make("withdrawal").proposal
    with refused_by("what_was_decided_never_changes"):
        update(proposal, state="believed", decided_at=NOW)
    with guards_off(), refused_by("proposal_state_is_known"):
        update(proposal, state="believed", decided_at=NOW)


def test_what_is_decided_says_when_and_a_no_by_whom_and_why(cast: Cast, example: Example) -> None:
    proposal, by = example.proposal, example.approvers[0]
    with refused_by("what_is_decided_says_when"):
        close(proposal, "lapsed", None, decided_at=None)
    with guards_off(), refused_by("what_is_decided_says_when"):
        update(proposal, decided_at=NOW)
    for missing in ({"decided_because": ""}, {"decided_by_id": None}):
        with refused_by("a_no_says_who_and_why"):
            close(proposal, "rejected", by, **missing)


def test_only_who_raised_it_takes_it_back(example: Example) -> None:
    with refused_by("only_who_raised_it_takes_it_back"):
        close(example.proposal, "withdrawn", example.approvers[0])
    if example.proposal.raised_by:
        close(example.proposal, "withdrawn", example.proposal.raised_by)


# -- carrying --


@pytest.mark.parametrize("missing", [1, 2])
def test_carried_means_enough_approvals(example: Example, missing: int) -> None:
    forge(example.proposal, needed=2)
    for approver in example.approvers[missing:]:
        say_yes(example.proposal, approver)
    with refused_by("carried_means_enough_approvals"):
        close(example.proposal, "carried", example.approvers[1])


def test_the_yes_of_whoever_is_excluded_does_not_count(example: Example) -> None:
    forge(example.proposal, needed=2)
    for approver in example.approvers:
        say_yes(example.proposal, approver)
    forge(example.proposal, excluded=[None, example.approvers[0].pk])
    with refused_by("carried_means_enough_approvals"):
        close(example.proposal, "carried", example.approvers[1])


def test_it_is_carried_by_somebody_who_approved_it(example: Example) -> None:
    for approver in example.approvers:
        say_yes(example.proposal, approver)
    for by in (None, example.stranger):
        with refused_by("it_is_carried_by_who_approved_it"):
            close(example.proposal, "carried", by)


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.AWAITING_APPROVAL])
def test_nothing_is_carried_for_a_withdrawal_that_has_left_the_queue(make: Make, status: Status) -> None:
    example = make("withdrawal")
    for approver in example.approvers:
        say_yes(example.proposal, approver)
    forge(example.thing, status=status, error_code="10001")
    with refused_by("approval_only_while_awaiting"):
        close(example.proposal, "carried", example.approvers[1])


@pytest.mark.parametrize("status", ["declined", "active", "revoked"])
def test_nothing_is_carried_for_an_entry_that_is_no_proposal_any_more(make: Make, status: str) -> None:
    example = make("address")
    say_yes(example.proposal, example.approvers[0])
    forge(example.thing, status=status)
    with refused_by("activation_only_while_proposed"):
        close(example.proposal, "carried", example.approvers[0])


def test_nothing_is_carried_for_a_pause_that_has_ended(make: Make) -> None:
    example = make("release")
    for approver in example.approvers:
        say_yes(example.proposal, approver)
    forge(example.thing, released_at=NOW)
    with refused_by("release_only_while_paused"):
        close(example.proposal, "carried", example.approvers[1])


def test_nothing_is_carried_for_a_day_that_has_changed(cast: Cast, payee: Address, make: Make) -> None:
    example = make("sign_off")
    say_yes(example.proposal, example.approvers[0])
    sent = accepted(cast, payee)
    insert("orphan", **orphan_row(payee.account, withdrawal_id=sent.pk))
    with refused_by("orphans_are_explained_before_signing"):
        close(example.proposal, "carried", example.approvers[0])
    explained = {"closed_at": NOW, "closed_because": "It came late"}
    update(Orphan.objects.get(), closed_by_id=example.approvers[0].pk, **explained)
    with refused_by("signed_by_neither_maker_nor_checker"):
        close(example.proposal, "carried", example.approvers[0])


@pytest.mark.parametrize("kind", [kind for kind in EXAMPLES if kind != "withdrawal"])
def test_only_a_withdrawal_is_rejected_after_its_approval(make: Make, kind: str) -> None:
    example = make(kind)
    carry(example.proposal, *example.approvers)
    with refused_by("what_was_decided_never_changes"):
        close(example.proposal, "rejected", example.approvers[0])


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.APPROVED])
def test_a_withdrawal_that_was_claimed_or_is_over_is_rejected_no_more(make: Make, status: Status) -> None:
    example = make("withdrawal")
    carry(example.proposal, *example.approvers)
    forge(example.thing, status=status, error_code="10001")
    with refused_by("what_was_decided_never_changes"):
        close(example.proposal, "rejected", example.approvers[0])
