"""Whether a provider can be asked is its code's to say: an UPDATE of the account's row opens nothing anywhere."""

from collections.abc import Callable
from datetime import UTC

import pytest

from payouts.domain.days.statement_columns import guess_mapping
from payouts.domain.days.statement_table import read_table
from payouts.domain.errors import InvalidValue
from payouts.domain.unknown.record import RecordStatus
from payouts.models import Account, Address, Orphan
from payouts.workflow.days import review, statement
from payouts.workflow.days.compared import was_compared
from payouts.workflow.days.day import rows_of
from payouts.workflow.days.sign_off import day_now, facts_of
from payouts.workflow.days.statement import Upload
from payouts.workflow.sending import promised
from payouts.workflow.unknown.finding import check
from payouts.workflow.unknown.owners import is_id
from tests.props.cast import Cast
from tests.props.days import at, compared, covering, days_ago, sent
from tests.props.findings import finding, lost
from tests.props.rows.guards import forge
from tests.props.worker import WORKER

DAY = days_ago(3)
PLACE = "page 3, line 12"
EMPTY = b"Create Time,Token,To Address,Amount,Fee,Status,Tx Hash\n"

Forged = Callable[[Account], Account]


@pytest.fixture(params=[True, False])
def as_written(request: pytest.FixtureRequest) -> Forged:
    """What somebody wrote into the row past everything."""

    def written(account: Account) -> Account:
        Account.objects.filter(pk=account.pk).update(can_look_up=request.param, resend_allowed=request.param)
        account.refresh_from_db()
        return account

    return written


def upload(account: Account, cast: Cast) -> Upload:
    return Upload(
        account=account,
        evidence=statement.keep("export.csv", EMPTY, by=cast.requester),
        mapping=guess_mapping(read_table(EMPTY).headers),
        words={"Success": RecordStatus.COMPLETED},
        zone=UTC,
        since=at(DAY, "00:00"),
        until=at(DAY, "23:59:59"),
    )


def test_a_file_counts_where_the_code_cannot_ask_and_nowhere_else(
    cast: Cast, treasury: Account, merchant: Account, as_written: Forged
) -> None:
    with pytest.raises(InvalidValue, match="nothing to upload"):
        statement.check(upload(as_written(treasury), cast))
    statement.check(upload(as_written(merchant), cast))


def test_a_day_of_a_provider_that_cannot_be_asked_is_compared_by_files_alone(
    cast: Cast, merchant: Account, as_written: Forged
) -> None:
    account = as_written(compared(merchant))
    assert not was_compared(account, DAY)
    assert facts_of(day_now(account, DAY), cast.auditor.pk).is_filed
    covering(account, cast.requester, DAY)
    assert was_compared(account, DAY)


def test_a_row_that_forbids_asking_makes_no_day_compared_and_no_file_count(cast: Cast, treasury: Account) -> None:
    assert was_compared(compared(treasury), DAY)
    Account.objects.update(can_look_up=False)
    treasury.refresh_from_db()
    covering(treasury, cast.requester, DAY)
    assert not was_compared(treasury, DAY)
    assert not facts_of(day_now(treasury, DAY), cast.auditor.pk).is_filed
    assert not promised.is_asked(treasury)


def test_records_are_paired_within_the_time_of_the_code(
    treasury: Account, merchant: Account, as_written: Forged
) -> None:
    before = [rows_of(account, at(DAY), at(DAY)).within for account in (treasury, merchant)]
    assert [rows_of(as_written(account), at(DAY), at(DAY)).within for account in (treasury, merchant)] == before


@pytest.mark.parametrize(("name", "count"), [("payee", 1), ("chain_payee", 0)])
def test_what_is_missing_is_an_orphan_by_the_code(
    name: str, count: int, cast: Cast, as_written: Forged, request: pytest.FixtureRequest
) -> None:
    payee: Address = request.getfixturevalue(name)
    sent(cast, payee, at(DAY), status="completed")
    review.review(as_written(payee.account), DAY, by=WORKER)
    assert Orphan.objects.count() == count


def test_a_finding_names_a_payment_as_strictly_as_the_code_allows(
    cast: Cast, payee: Address, chain_payee: Address, as_written: Forged
) -> None:
    asked, filed = lost(cast, payee), lost(cast, chain_payee)
    for each in (asked, filed):
        forge(each, requested_at=at(DAY))
        as_written(each.account)
        each.refresh_from_db()
    with pytest.raises(InvalidValue):
        check(finding(asked, found_as=PLACE), [asked])
    check(finding(filed, found_as=PLACE), [filed])
    assert is_id("10195", asked)
    assert not is_id("10195", filed)


def test_nothing_is_taken_for_promised_where_nobody_handed_it_down(
    treasury: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(promised, "_handed_down", [])
    with pytest.raises(promised.NobodySaid):
        promised.is_filed(treasury)
