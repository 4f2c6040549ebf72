"""Two accounts become one customer's while equal payments of both are not known: people are told, and what to do."""

import pytest
from django.utils import timezone

from payouts.admin.unknown.unknown import unknown_rows, what_is_known
from payouts.audit import Event
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, AuditEvent, Withdrawal, person
from payouts.worker import dispatch
from tests.props.accounts.identities import another
from tests.props.accounts.twins import as_their_rows, look_for, said, same_payee, twin_of
from tests.props.cast import Cast, approved
from tests.props.decisions import yes
from tests.props.findings import confirm, proposed
from tests.props.providers.doubles import UNKNOWN, LookUpProvider
from tests.props.rows.guards import forge
from tests.props.worker import Plug, drain, look_twice, minutes_pass, wake


@pytest.fixture(autouse=True)
def _as_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    as_their_rows(monkeypatch)


@pytest.fixture
def provider(plug: Plug) -> LookUpProvider:
    return plug(LookUpProvider(UNKNOWN, UNKNOWN, UNKNOWN))  # type: ignore[return-value]


@pytest.fixture
def both(cast: Cast, payee: Address, treasury: Account, provider: LookUpProvider) -> tuple[Withdrawal, Withdrawal]:
    """Equal, and unknown, sent as two customers'."""
    twin_payee = same_payee(cast, payee, twin_of(treasury))
    said(treasury="1001", twin="1002")
    first, second = approved(cast, payee), approved(cast, twin_payee)
    drain("treasury")
    drain("twin")
    return first, second


def become(cast: Cast, *, said: bool | None = None, **changes: str) -> None:
    """Two people accept that the twin is this one."""
    change = another(Account.objects.get(name="twin"), said=said, **changes)
    yes(change, cast.administrator)
    yes(change, cast.second_administrator)


def told_of(withdrawal: Withdrawal) -> list[str]:
    rows = AuditEvent.objects.about(withdrawal).filter(event=Event.ALERT_RAISED)
    return [row.facts["sentence"] for row in rows if "equal payment" in row.facts["sentence"].lower()]


@pytest.mark.parametrize(("customer", "is_same"), [("1001", None), ("", True), ("", False)])
def test_people_are_called_for_either_and_each_page_says_why_and_what_to_do(
    customer: str, is_same: bool | None, cast: Cast, both: tuple[Withdrawal, Withdrawal]
) -> None:
    become(cast, said=is_same, customer=customer)
    for one, other in (both, both[::-1]):
        one = Withdrawal.objects.select_related("account").get(pk=one.pk)
        [sentence] = told_of(one)
        assert sentence.startswith(one.reference)
        known = what_is_known(one)
        assert f"withdrawal {other.reference[:8]} of account" in known
        assert "two people say what became of each" in known
    rows = unknown_rows(person(cast.second_requester), cast.second_requester)
    assert all("Neither is sent again" in row.next and row.may_propose for row in rows)


def test_nobody_is_called_for_another_key(cast: Cast, both: tuple[Withdrawal, Withdrawal]) -> None:
    become(cast, key_fingerprint="c" * 64)
    assert [told_of(each) for each in both] == [[], []]
    assert "equal" not in what_is_known(both[0])


def test_a_resend_that_an_equal_one_holds_back_calls_people_once(
    both: tuple[Withdrawal, Withdrawal], provider: LookUpProvider
) -> None:
    """However the two came to be one customer's, and however often it is looked for."""
    said(treasury="1001", twin="1001")
    look_twice(both[0])
    wake(both[0].account)
    minutes_pass(both[0])
    look_for(both[0])
    dispatch.sweep()
    drain("treasury")
    assert len(provider.orders) == 2
    assert len(told_of(both[0])) == 1


def test_once_people_said_what_became_of_one_the_other_goes_on(
    cast: Cast, both: tuple[Withdrawal, Withdrawal], provider: LookUpProvider
) -> None:
    said(treasury="1001", twin="1001")
    for each in both:
        forge(each, status_changed_at=timezone.now())
    confirm(proposed(cast, both[1]), cast.first_approver)
    both[1].refresh_from_db()
    assert both[1].status == Status.COMPLETED
    look_twice(both[0])
    wake(both[0].account)
    drain("treasury")
    assert len(provider.orders) == 3
    assert told_of(both[0]) == []
