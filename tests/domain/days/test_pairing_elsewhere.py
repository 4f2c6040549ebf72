"""Accounts of one customer list the same records: each is one account's, and none is an orphan of the others."""

import pytest

from payouts.domain.days.exactness import exact
from payouts.domain.days.pairing import OrphanKind
from payouts.domain.unknown.record import RecordStatus
from payouts.domain.withdrawals.status import Status
from tests.props.facts.payments import WITHIN, entry, paired, payment, who

NAMED = {"provider_id": "r1"}, {"tx_id": "0xa"}


@pytest.mark.parametrize("by_name", [True, False])
@pytest.mark.parametrize("named", NAMED)
def test_what_names_another_accounts_payment_is_its(named: dict[str, str], by_name: bool) -> None:
    found = paired([entry(1, tx_id="0xa")], [payment(1, elsewhere="twin", by_name=by_name, **named)])  # type: ignore[arg-type]
    assert (who(found.others), found.orphans, found.pairs) == ([("r1", 1)], (), ())


def test_what_merely_fits_is_the_same_customers_and_no_other_ones() -> None:
    same, maybe = (paired([entry(1)], [payment(1, elsewhere="twin", by_name=by_name)]) for by_name in (False, True))
    assert (who(same.others), same.orphans) == ([("r1", 1)], ())
    assert (who(maybe.orphans), maybe.others) == ([("r1", 0)], ())


@pytest.mark.parametrize("status", [Status.UNKNOWN, Status.SUBMITTING])
def test_a_record_may_be_of_what_another_account_does_not_know_yet(status: Status) -> None:
    same = paired([entry(1)], [payment(1, elsewhere="twin", status=status)])
    assert (who(same.maybe_others), same.orphans) == ([("r1", 1)], ())
    maybe = paired([entry(1)], [payment(1, elsewhere="twin", by_name=True, status=status)])
    assert who(maybe.orphans) == [("r1", 0)]


@pytest.mark.parametrize("status", [Status.REFUSED, Status.FAILED])
def test_what_another_account_holds_for_unpaid_takes_no_record_that_merely_fits(status: Status) -> None:
    found = paired([entry(1)], [payment(1, elsewhere="twin", status=status)])
    assert (who(found.orphans), found.others, found.maybe_others) == ([("r1", 0)], (), ())


def test_of_two_records_one_is_the_other_accounts_and_the_second_is_nobodys() -> None:
    found = paired([entry(1), entry(2, seconds=5)], [payment(1, elsewhere="twin")])
    assert (who(found.others), who(found.orphans)) == ([("r1", 1)], [("r2", 0)])
    found = paired([entry(1), entry(2, seconds=5)], [payment(1, elsewhere="twin", provider_id="r2")])
    assert (who(found.others), who(found.orphans)) == ([("r2", 1)], [("r1", 0)])


def test_each_account_pairs_the_same_records_alike() -> None:
    """One record and a payment of each that it fits: it is the earlier one's, seen from either side."""
    here = paired([entry(1, seconds=9)], [payment(1), payment(2, seconds=3, elsewhere="twin")])
    there = paired([entry(1, seconds=9)], [payment(1, elsewhere="treasury"), payment(2, seconds=3)])
    assert (who(here.pairs), here.orphans) == ([("r1", 1)], ())
    assert who(there.others) == [("r1", 1)]
    assert [(orphan.kind, orphan.payment and orphan.payment.id.int) for orphan in there.orphans] == [
        (OrphanKind.WITHDRAWAL_WITHOUT_RECORD, 2)
    ]


def test_what_another_account_lacks_or_has_otherwise_is_told_by_its_own_days() -> None:
    payments = [payment(1, elsewhere="twin"), payment(2, elsewhere="twin", provider_id="r2")]
    found = paired([entry(2, status=RecordStatus.FAILED)], payments)
    assert (found.orphans, found.unrecorded, who(found.others)) == ((), (), [("r2", 2)])


def test_ones_own_id_is_ones_own_before_it_is_anothers() -> None:
    """Sent as two customers, who may have the same ids."""
    found = paired(
        [entry(1)], [payment(1, provider_id="r1", elsewhere="twin"), payment(2, provider_id="r1", seconds=9)]
    )
    assert (who(found.pairs), found.orphans) == ([("r1", 2)], ())


@pytest.mark.parametrize("by_name", [True, False])
def test_a_pair_is_not_beyond_doubt_where_it_may_be_another_accounts(by_name: bool) -> None:
    entries = [entry(1, seconds=5)]
    alone, rival = payment(1), payment(2, seconds=1, elsewhere="twin", by_name=by_name)
    [sure] = exact(paired(entries, [alone]).pairs, entries, [alone], within=WITHIN)
    assert sure.payment == alone
    assert exact(paired(entries, [alone, rival]).pairs, entries, [alone, rival], within=WITHIN) == []
