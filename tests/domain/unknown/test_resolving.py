"""The rules about what people may say became of money: each act, each status, each person, each word."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from payouts.domain.errors import InvalidValue, Objection
from payouts.domain.people.roles import Person, Role
from payouts.domain.unknown.attestation import (
    check_evidence_given,
    check_found_as,
    check_looked_at,
    check_names_payment,
    check_names_place,
    check_not_too_soon,
    check_note,
    check_where,
    is_provider_id,
    is_transaction,
)
from payouts.domain.unknown.record import Record, RecordStatus
from payouts.domain.unknown.resolving import (
    MOST_AT_ONCE,
    UNDECIDED,
    Proposed,
    Undecided,
    contradicts,
    may_confirm,
    may_decline,
    may_propose,
    may_still_be_paid,
)
from payouts.domain.withdrawals.status import Status
from tests.props.facts.proposals import DIGEST, proposal_facts

NOW = datetime(2026, 3, 7, 10, 31, 40, tzinfo=UTC)
REQUESTER = Person(1, frozenset({Role.REQUESTER}))
FINDER = Person(2, frozenset({Role.REQUESTER}))
APPROVER = Person(3, frozenset({Role.APPROVER}))
KEEPER = Person(4, frozenset({Role.KEEPER}))
AUDITOR = Person(5, frozenset({Role.AUDITOR}))
ADMINISTRATOR = Person(6, frozenset({Role.ADMINISTRATOR}))
NOBODY = Person(7, frozenset())
LOST = Undecided("0a1b2c3d" + "0" * 24, "treasury", Status.UNKNOWN, REQUESTER.id, NOW, False, False)
PROPOSAL = proposal_facts(raised_by=FINDER.id, excluded=frozenset({FINDER.id, REQUESTER.id}))
FOUND = Proposed("", FINDER.id, (LOST,), PROPOSAL)
DECIDED = [status for status in Status if status not in UNDECIDED]


def propose_code(*lines: Undecided, person: Person = FINDER) -> str | None:
    return code(may_propose(lines, person))


def confirm_code(*lines: Undecided, person: Person = APPROVER, decided: str = "") -> str | None:
    return code(may_confirm(Proposed(decided, FINDER.id, lines, PROPOSAL), person, shown_digest=DIGEST))


def code(objection: Objection | None) -> str | None:
    return objection.code if objection else None


def refused(error: pytest.ExceptionInfo[InvalidValue]) -> tuple[str, str]:
    return error.value.field, error.value.code


# -- proposing --


@pytest.mark.parametrize("status", sorted(UNDECIDED))
@pytest.mark.parametrize("person", [FINDER, APPROVER])
def test_people_who_pay_say_what_became_of_what_is_not_known(status: Status, person: Person) -> None:
    assert propose_code(replace(LOST, status=status), person=person) is None


@pytest.mark.parametrize("person", [KEEPER, AUDITOR, ADMINISTRATOR, NOBODY])
def test_others_do_not(person: Person) -> None:
    assert propose_code(LOST, person=person) == "no_role"
    assert confirm_code(LOST, person=person) == "no_role"


@pytest.mark.parametrize("status", DECIDED)
def test_what_is_known_is_not_found_out(status: Status) -> None:
    assert propose_code(LOST, replace(LOST, status=status)) == "not_undecided"


def test_nobody_finds_out_about_their_own_request() -> None:
    assert propose_code(LOST, person=REQUESTER) == "own_request"
    assert propose_code(replace(LOST, requested_by=9), LOST, person=REQUESTER) == "own_request"


def test_nothing_is_proposed_while_it_is_being_sent_once_more() -> None:
    assert propose_code(replace(LOST, call_open=True)) == "call_open"


def test_one_proposal_at_a_time_speaks_of_a_withdrawal() -> None:
    assert propose_code(LOST, replace(LOST, proposed_elsewhere=True)) == "already_proposed"


def test_a_proposal_is_about_some_withdrawals_of_one_account() -> None:
    assert propose_code() == "nothing_chosen"
    assert propose_code(*[LOST] * MOST_AT_ONCE) is None
    assert propose_code(*[LOST] * (MOST_AT_ONCE + 1)) == "too_many"
    assert propose_code(LOST, replace(LOST, account="merchant")) == "several_accounts"


# -- confirming and declining --


def test_another_approver_confirms() -> None:
    assert confirm_code(LOST) is None
    assert confirm_code(LOST, person=FINDER) == "no_role"


def test_nobody_confirms_what_they_found_themselves() -> None:
    finder = Person(FINDER.id, frozenset(Role))
    assert confirm_code(LOST, person=finder) == "own_proposal"


def test_nobody_confirms_what_became_of_their_own_request() -> None:
    requester = Person(REQUESTER.id, frozenset(Role))
    assert confirm_code(replace(LOST, requested_by=9), LOST, person=requester) == "own_request"


@pytest.mark.parametrize("decided", ["Confirmed", "Declined"])
def test_a_finding_is_decided_once(decided: str) -> None:
    facts = replace(FOUND, decided=decided)
    said = Objection("already_decided", f"Too late: this was already {decided.lower()}.")
    assert may_confirm(facts, APPROVER, shown_digest=DIGEST) == may_decline(facts, APPROVER) == said


@pytest.mark.parametrize(
    "line", [*(replace(LOST, status=status) for status in DECIDED), replace(LOST, moved_since=True)]
)
def test_one_that_moved_meanwhile_keeps_all_from_being_confirmed_and_is_named(line: Undecided) -> None:
    objection = may_confirm(Proposed("", FINDER.id, (LOST, line), PROPOSAL), APPROVER, shown_digest=DIGEST)
    assert objection
    assert objection.code == "moved_meanwhile"
    assert line.reference[:8] in objection.message


def test_nothing_is_confirmed_while_it_is_being_sent_once_more() -> None:
    assert confirm_code(replace(LOST, call_open=True)) == "call_open"


@pytest.mark.parametrize(
    ("person", "said"), [(FINDER, None), (APPROVER, None), (REQUESTER, "no_role"), (KEEPER, "no_role")]
)
def test_an_approver_declines_and_its_finder_takes_it_back(person: Person, said: str | None) -> None:
    assert code(may_decline(FOUND, person)) == said


def test_what_moved_meanwhile_can_still_be_declined() -> None:
    assert (
        may_decline(replace(FOUND, lines=(replace(LOST, status=Status.SUBMITTED, moved_since=True),)), APPROVER) is None
    )


# -- words --


@pytest.mark.parametrize("text", ["", "10195", "0x" + "a" * 64, "Statement of March, page 3", "x" * 200])
def test_what_it_was_found_as_is_kept_as_it_is(text: str) -> None:
    assert check_found_as(text) == text


@pytest.mark.parametrize(
    ("text", "said"),
    [(" 1", "outer_space"), ("1 ", "outer_space"), ("1\n2", "unseen_character"), ("x" * 201, "too_long")],
)
def test_what_it_was_found_as_holds_nothing_unseen(text: str, said: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        check_found_as(text)
    assert refused(caught) == ("found_as", said)


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "too_short"), ("  x ", "too_short"), ("x" * 201, "too_long"), ("a\u202eb c", "unseen_character")],
)
def test_where_somebody_looked_is_said_in_words(text: str, said: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        check_where(text)
    assert refused(caught) == ("where_looked", said)


def test_a_note_has_lines_and_an_end() -> None:
    assert check_note("First line\r\nsecond line")
    for text, said in (("x" * 2001, "too_long"), ("one\ntw\u202eo", "unseen_character")):
        with pytest.raises(InvalidValue) as caught:
            check_note(text)
        assert refused(caught) == ("note", said)


@pytest.mark.parametrize("note", ["", "not there", "x" * 40, "      a  b  c       "])
def test_evidence_is_a_sentence_or_a_file(note: str) -> None:
    check_evidence_given(note, attached=True)
    with pytest.raises(InvalidValue) as caught:
        check_evidence_given(note, attached=False)
    assert refused(caught) == ("note", "no_evidence")
    check_evidence_given("The panel lists no such payment.", attached=False)


def test_a_look_was_taken_after_it_was_sent_and_before_now() -> None:
    check_looked_at(NOW, [LOST], now=NOW)
    check_looked_at(NOW.replace(second=0), [LOST, replace(LOST, sent_at=None)], now=NOW)  # forms tell minutes
    for moment, said in (
        (NOW + timedelta(minutes=1), "in_the_future"),
        (NOW - timedelta(minutes=1), "before_it_was_sent"),
    ):
        with pytest.raises(InvalidValue) as caught:
            check_looked_at(moment, [LOST], now=NOW)
        assert refused(caught) == ("looked_at", said)


def test_finding_nothing_means_nothing_until_the_provider_had_time_to_book_it() -> None:
    quarter = timedelta(minutes=15)
    check_not_too_soon(NOW + quarter, [LOST, replace(LOST, sent_at=None)], long_enough=quarter)
    with pytest.raises(InvalidValue) as caught:
        check_not_too_soon(NOW + quarter - timedelta(seconds=1), [LOST], long_enough=quarter)
    assert refused(caught) == ("looked_at", "too_soon")


def test_only_a_final_record_contradicts_people() -> None:
    said = {(status, paid): contradicts(status, paid=paid) for status in RecordStatus for paid in (True, False)}
    assert {case for case, opposite in said.items() if opposite} == {
        (RecordStatus.FAILED, True),
        (RecordStatus.COMPLETED, False),
    }


UNDER_WAY = Record(
    "10195", "", "USDT", Decimal(7), None, "12345", RecordStatus.PENDING, "SecurityCheck", True, NOW, "{}"
)


def test_what_the_provider_is_at_may_still_be_paid_for_a_day() -> None:
    day = timedelta(days=1)
    assert may_still_be_paid(UNDER_WAY, now=NOW)
    assert may_still_be_paid(UNDER_WAY, now=NOW - timedelta(minutes=1))  # the provider's clock may be ahead
    assert may_still_be_paid(UNDER_WAY, now=NOW + day - timedelta(seconds=1))
    assert not may_still_be_paid(UNDER_WAY, now=NOW + day)


@pytest.mark.parametrize(
    "record",
    [
        replace(UNDER_WAY, known=False),
        replace(UNDER_WAY, status=RecordStatus.FAILED),
        replace(UNDER_WAY, status=RecordStatus.COMPLETED),
    ],
    ids=["in a word that is not documented", "failed", "completed"],
)
def test_what_is_final_or_said_in_no_documented_word_does_not_keep_people_waiting(record: Record) -> None:
    assert not may_still_be_paid(record, now=NOW)


@pytest.mark.parametrize("text", ["10195", "a" * 64, "0x" + "A" * 64])
def test_an_id_or_a_transaction_names_a_payment(text: str) -> None:
    check_names_payment(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "nothing_found"), ("yes", "names_no_payment"), ("page 3", "names_no_payment"), ("0x1", "names_no_payment")],
)
def test_words_name_no_payment(text: str, said: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        check_names_payment(text)
    assert refused(caught) == ("found_as", said)


def test_words_may_name_a_place_and_nothing_names_none() -> None:
    check_names_place("Statement of March, page 3")
    with pytest.raises(InvalidValue) as caught:
        check_names_place("")
    assert refused(caught) == ("found_as", "nothing_found")


def test_ids_and_transactions_are_told_from_words() -> None:
    assert [is_provider_id(text) for text in ("10195", "", "10195a", "1" * 21, "page 3")] == [True, *[False] * 4]
    transactions = ("a" * 64, "0x" + "A" * 64)
    assert all(map(is_transaction, transactions))
    assert not any(map(is_transaction, ("a" * 63, "g" * 64, "0x", "page 3", "1" * 20)))
