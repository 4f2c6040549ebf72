"""Statements that people upload: the whole file or nothing, what it is compared with, and what it may not decide."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta, timezone
from decimal import Decimal

import pytest
from django.utils import timezone as clock

from payouts.audit import Event
from payouts.domain.days.pairing import OrphanKind
from payouts.domain.days.statement_columns import guess_mapping
from payouts.domain.days.statement_table import read_table
from payouts.domain.errors import InvalidValue
from payouts.domain.unknown.record import RecordStatus
from payouts.models import Account, Address, Orphan, Pause, ProviderRecord, Statement
from payouts.workflow.days import statement
from payouts.workflow.days.statement import BadLines, Upload
from tests.props.cast import TRON_ADDRESS, Cast
from tests.props.days import at, days_ago, sent
from tests.props.trail import objected, told

DAY = days_ago(3)
HEADER = "Create Time,Token,To Address,Amount,Fee,Status,Tx Hash"

STRANGER = "666"  # nobody here

MakeUpload = Callable[..., Upload]


def line(
    clock_: str = "12:00:02",
    amount: str = "1250",
    status: str = "Success",
    tx_id: str = "0xa1",
    to: str = TRON_ADDRESS,
) -> str:
    return f"{DAY} {clock_},USDT,{to},{amount},1,{status},{tx_id}"


@pytest.fixture
def upload(cast: Cast, merchant: Account) -> MakeUpload:
    """`upload(lines…)` is a file of these lines, complete for the day, mapped as proposed."""

    def made(*lines: str, **changes: object) -> Upload:
        content = "\n".join([HEADER, *lines]).encode()
        facts: dict[str, object] = {
            "account": merchant,
            "evidence": statement.keep("export.csv", content, by=cast.requester),
            "mapping": guess_mapping(read_table(content).headers),
            "words": {"Success": RecordStatus.COMPLETED, "Failed": RecordStatus.FAILED},
            "zone": UTC,
            "since": at(DAY, "00:00"),
            "until": at(DAY, "23:59:59"),
        }
        return Upload(**(facts | changes))  # type: ignore[arg-type]

    return made


def test_every_line_becomes_a_record_and_finds_its_withdrawal(
    cast: Cast, chain_payee: Address, upload: MakeUpload
) -> None:
    it = sent(cast, chain_payee, at(DAY), status="submitted")
    with told() as events:
        added = statement.add(upload(line()), by=cast.requester)
    record = ProviderRecord.objects.get()
    assert (record.withdrawal, record.tx_id, record.statement) == (it, "0xa1", added)
    assert (added.lines, added.added_by) == (1, cast.requester)
    assert [event.event for event in events] == [Event.EVIDENCE_ADDED, Event.STATEMENT_ADDED]
    assert events[1].facts["lines"] == 1


@pytest.mark.parametrize("status", ["Success", "Failed"])
def test_a_file_moves_no_withdrawal_whatever_it_says(
    status: str, cast: Cast, chain_payee: Address, upload: MakeUpload
) -> None:
    accepted = sent(cast, chain_payee, at(DAY), status="submitted")
    unknown = sent(cast, chain_payee, at(DAY), status="unknown", amount=Decimal(7))
    statement.add(upload(line(status=status), line(amount="7", status=status, tx_id="0xa2")), by=cast.requester)
    for it, was in ((accepted, "submitted"), (unknown, "unknown")):
        it.refresh_from_db()
        assert it.status == was


def test_what_is_nobodys_is_an_orphan_and_stops_the_account(
    cast: Cast, chain_payee: Address, merchant: Account, upload: MakeUpload
) -> None:
    sent(cast, chain_payee, at(DAY))
    statement.add(upload(line(), line(amount="9000", tx_id="0xbad")), by=cast.requester)
    assert Orphan.objects.get().kind == OrphanKind.RECORD_WITHOUT_WITHDRAWAL
    assert Pause.objects.get().account == merchant


def test_what_the_file_does_not_list_is_an_orphan(cast: Cast, chain_payee: Address, upload: MakeUpload) -> None:
    listed, missing = sent(cast, chain_payee, at(DAY)), sent(cast, chain_payee, at(DAY, "13:00"), amount=Decimal(7))
    sent(cast, chain_payee, at(DAY) + timedelta(days=1))  # of a time that the file does not cover
    statement.add(upload(line()), by=cast.requester)
    assert [orphan.withdrawal for orphan in Orphan.objects.all()] == [missing]
    assert listed.record.tx_id == "0xa1"


def test_nothing_of_a_file_with_a_bad_line_is_used(cast: Cast, chain_payee: Address, upload: MakeUpload) -> None:
    bad = upload(line(), line(amount="1,250.00".replace(",", "_")), line("25:00:00"))
    with told() as events, pytest.raises(BadLines) as caught:
        statement.add(bad, by=cast.requester)
    assert [(each.number, each.reason.partition(":")[0]) for each in caught.value.lines] == [
        (3, "Amount"),
        (4, "Create Time"),
    ]
    assert events == []
    assert not ProviderRecord.objects.exists()
    assert not Statement.objects.exists()


def test_the_same_file_twice_adds_nothing(cast: Cast, chain_payee: Address, upload: MakeUpload) -> None:
    sent(cast, chain_payee, at(DAY))
    for _ in range(2):
        statement.add(upload(line()), by=cast.requester)
    assert ProviderRecord.objects.count() == 1
    assert not Orphan.objects.exists()


def test_a_line_that_has_got_its_transaction_since_is_known_again(
    cast: Cast, chain_payee: Address, upload: MakeUpload
) -> None:
    sent(cast, chain_payee, at(DAY), status="submitted")
    statement.add(upload(line(status="Pending", tx_id="")), by=cast.requester)
    statement.add(upload(line()), by=cast.requester)
    record = ProviderRecord.objects.get()
    assert (record.tx_id, record.status) == ("0xa1", RecordStatus.COMPLETED)
    assert not Orphan.objects.exists()


def test_one_transaction_that_pays_two_people_is_two_records_and_both_find_their_withdrawal(
    cast: Cast, chain_payee: Address, upload: MakeUpload
) -> None:
    paid = [sent(cast, chain_payee, at(DAY), status="submitted", amount=Decimal(each)) for each in (7, 9)]
    statement.add(upload(line(amount="7"), line(amount="9"), line(amount="5", to=STRANGER)), by=cast.requester)
    rows = ProviderRecord.objects.order_by("amount")
    assert [row.tx_id for row in rows] == ["0xa1"] * 3
    assert [row.withdrawal for row in rows] == [None, *paid]
    assert Orphan.objects.get().record == rows[0]


@pytest.mark.parametrize("with_first", [True, False])
def test_a_file_uploaded_with_and_without_its_transactions_gives_the_same_records(
    with_first: bool, cast: Cast, chain_payee: Address, upload: MakeUpload
) -> None:
    for each in (7, 9):
        sent(cast, chain_payee, at(DAY), amount=Decimal(each))
    lines = line(amount="7"), line(amount="9")
    complete = upload(*lines)
    bare = upload(*lines, mapping=replace(complete.mapping, tx_id=""))
    for each_file in (complete, bare) if with_first else (bare, complete):
        statement.add(each_file, by=cast.requester)
    assert list(ProviderRecord.objects.values_list("tx_id", flat=True)) == ["0xa1"] * 2
    assert not Orphan.objects.exists()


def test_the_file_tells_the_time_of_its_zone(cast: Cast, chain_payee: Address, upload: MakeUpload) -> None:
    it = sent(cast, chain_payee, at(DAY))
    zone = timezone(timedelta(hours=2))
    statement.add(upload(line("14:00:02"), zone=zone), by=cast.requester)
    assert ProviderRecord.objects.get().withdrawal == it


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"since": at(DAY, "12:00:03")}, "since", "line_outside"),
        ({"until": at(DAY, "12:00:01")}, "since", "line_outside"),
        ({"until": at(DAY, "00:00") - timedelta(seconds=1)}, "until", "before_since"),
        ({"until": clock.now() + timedelta(hours=1)}, "until", "not_yet"),
        ({"since": at(DAY) - timedelta(days=101)}, "since", "too_long"),
    ],
)
def test_the_time_that_it_covers_has_to_make_sense(
    changes: dict[str, object], field: str, code: str, cast: Cast, upload: MakeUpload
) -> None:
    with pytest.raises(InvalidValue) as caught:
        statement.add(upload(line(), **changes), by=cast.requester)
    assert (caught.value.field, caught.value.code) == (field, code)


def test_a_wrong_column_is_named(cast: Cast, upload: MakeUpload) -> None:
    good = upload(line())
    with pytest.raises(InvalidValue) as caught:
        statement.add(replace(good, mapping=replace(good.mapping, amount="")), by=cast.requester)
    assert caught.value.field == "amount"


def test_where_the_provider_can_be_asked_no_person_says_what_it_recorded(
    cast: Cast, treasury: Account, upload: MakeUpload
) -> None:
    with pytest.raises(InvalidValue) as caught:
        statement.add(upload(line(), account=treasury), by=cast.requester)
    assert caught.value.code == "can_be_asked"


def test_only_requesters_and_approvers_upload(cast: Cast, upload: MakeUpload) -> None:
    it = upload(line())
    statement.add(it, by=cast.first_approver)
    for user in (cast.keeper, cast.auditor, cast.administrator, cast.superuser):
        with objected("no_role", Event.REVIEW_OBJECTED, by=user):
            statement.add(it, by=user)
        with objected("no_role", Event.REVIEW_OBJECTED, by=user):
            statement.keep("export.csv", b"a,b", by=user)
