"""Time and reasons on the pages: until when it may be approved or sent, and why an approved one still waits."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import strip_tags

from payouts.admin.shell import cells
from payouts.admin.shell.desk import STUCK_AFTER
from payouts.admin.shell.story import next_step
from payouts.audit import Worker
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, Address, Pause, Withdrawal
from payouts.workflow.recipients import address_book
from payouts.workflow.withdrawals.expiry import expire_overdue
from tests.conftest import SignIn
from tests.props.accounts.twins import as_their_rows, said, same_payee, twin_of
from tests.props.cast import Cast, approved, raised
from tests.props.pages.pages import act_on, list_of, objected_to, page_of, words
from tests.props.pages.raising import new
from tests.props.rows.guards import forge
from tests.props.rows.rows import pause_row, unknown
from tests.props.rows.sql import insert
from tests.props.worker import claim_next

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_their_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    as_their_rows(monkeypatch)


@pytest.fixture
def auditor(cast: Cast, sign_in: SignIn) -> Client:
    return sign_in(cast.auditor)


def with_left(asked: Withdrawal, **left: int) -> Withdrawal:
    """The same, with so much time left, and the half minute that the test takes."""
    forge(asked, expires_at=timezone.now() + timedelta(seconds=30, **left))
    return asked


def paused(account: Account | None, reason: str) -> Pause:
    row = pause_row(account, reason=reason)
    insert("pause", **row)
    return Pause.objects.get(pk=row["id"])


def step(asked: Withdrawal) -> str:
    return strip_tags(next_step(Withdrawal.objects.get(pk=asked.pk)))


# -- time --


@pytest.mark.parametrize(
    ("left", "shown"), [({"hours": 3}, "Expires in 3 h, "), ({"minutes": 12}, "Expires in 12 min, ")]
)
def test_the_page_and_the_list_say_until_when(
    left: dict[str, int], shown: str, cast: Cast, payee: Address, auditor: Client
) -> None:
    for asked in (raised(cast, payee), approved(cast, payee)):
        with_left(asked, **left)
        until = strip_tags(cells.when(asked.expires_at))
        assert shown + until in words(auditor.get(page_of(asked)))
        assert shown + until in words(auditor.get(list_of("payouts_withdrawal"), {"status__exact": asked.status}))


def test_the_approver_sees_it_where_they_decide(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    asked = with_left(raised(cast, payee), hours=5)
    assert "Expires in 5 h" in words(sign_in(cast.first_approver).get(act_on(asked, "approve")))


@pytest.mark.parametrize("status", [s for s in Status if s not in (Status.AWAITING_APPROVAL, Status.APPROVED)])
def test_no_time_runs_for_what_was_claimed_or_is_over(status: Status) -> None:
    asked = Withdrawal(status=status, expires_at=timezone.now())
    assert cells.expiry(asked) == cells.soon(asked) == ""


def test_what_the_sweep_has_not_closed_yet_is_never_said_to_have_time(cast: Cast, payee: Address) -> None:
    asked = with_left(raised(cast, payee), hours=-1)
    assert strip_tags(cells.expiry(asked)) == "Its time is over"


def test_what_is_overdue_is_objected_to_on_the_page(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    asked = with_left(raised(cast, payee), hours=-1)
    page = sign_in(cast.first_approver).get(act_on(asked, "approve"))
    assert objected_to(page) == "Its time to be approved is over. Ask for it again in a new request."


def test_the_desk_shows_what_expires_within_the_hour_first_and_marked(
    cast: Cast, payee: Address, sign_in: SignIn
) -> None:
    calm, hurried = raised(cast, payee), with_left(raised(cast, payee), minutes=40)
    page = sign_in(cast.first_approver).get("/")
    [tray] = [tray for tray in page.context["own"] if tray.name == "approve"]
    assert tray.rows == [hurried, calm]
    assert words(page).count("Expires in 40 min") == words(page).count("Expires in") == 1


def test_an_expired_one_says_why_and_offers_a_new_request(
    cast: Cast, payee: Address, sign_in: SignIn, auditor: Client
) -> None:
    asked = raised(cast, payee)
    gone = timedelta(hours=24, seconds=1)
    forge(asked, requested_at=asked.requested_at - gone, expires_at=asked.expires_at - gone)
    expire_overdue(by=Worker("worker"))
    page = sign_in(cast.requester).get(page_of(asked))
    assert "Expired: Not approved within 24 hours. Nothing was sent. To pay after all" in words(page)
    again = f'href="{new(payee)}?again={asked.pk}"'
    assert again in page.content.decode()
    assert again not in auditor.get(page_of(asked)).content.decode()
    forge(payee, status="revoked")
    assert again not in sign_in(cast.requester).get(page_of(asked)).content.decode()


# -- reasons --


def test_the_gravest_reason_is_said_first(cast: Cast, payee: Address) -> None:
    """All of them at once; then one after the other is taken away."""
    equal, asked = approved(cast, payee), approved(cast, payee)
    forge(equal, status="unknown")
    quiet = {"quiet_until": timezone.now() + timedelta(minutes=5), "quiet_because": "Slow down."}
    Account.objects.filter(pk=payee.account_id).update(**quiet)
    pause = paused(payee.account, "Wrong key.")
    address_book.revoke(payee.pk, reason="Left", by=cast.keeper)
    forge(asked, stopped_because="It differs.")

    assert step(asked) == "Stopped, nothing was sent: It differs. Reject or cancel it."
    forge(asked, stopped_because="")
    assert step(asked) == "The address was revoked, so it will not be sent. Reject or cancel it."
    forge(payee, status="active")
    assert step(asked) == "Approved, but nothing is sent while it is paused: Wrong key."
    forge(pause, released_at=timezone.now())
    assert step(asked).startswith(f"Waits for withdrawal {equal.reference[:8]}, an equal payment whose outcome is")
    forge(equal, status="rejected")
    assert step(asked).endswith("Slow down.")
    Account.objects.filter(pk=payee.account_id).update(quiet_until=None)
    assert step(asked) == "Approved. A worker sends it next."


def test_a_pause_of_everything_is_a_reason_as_well(cast: Cast, payee: Address, chain_payee: Address) -> None:
    asked = approved(cast, payee)
    forge(paused(chain_payee.account, "Another account."), reason="Another account.")
    assert step(asked) == "Approved. A worker sends it next."
    paused(None, "Everybody stop.")
    assert step(asked) == "Approved, but nothing is sent while it is paused: Everybody stop."


def test_the_page_links_the_equal_payment_that_it_waits_for(cast: Cast, payee: Address, auditor: Client) -> None:
    equal, asked = approved(cast, payee), approved(cast, payee)
    forge(equal, status="submitting")
    page = auditor.get(page_of(asked))
    assert f'<a href="{page_of(equal)}">{equal.reference[:8]}</a>' in page.content.decode()
    assert "an equal payment that is being sent" in words(page)


@pytest.mark.parametrize("page", ["page", "desk"])
def test_what_people_wrote_in_a_reason_is_text(page: str, cast: Cast, payee: Address, auditor: Client) -> None:
    asked = approved(cast, payee)
    forge(asked, status_changed_at=timezone.now() - STUCK_AFTER - timedelta(seconds=1))
    paused(None, "<b>Stop</b>")
    shown = auditor.get(page_of(asked) if page == "page" else "/").content.decode()
    assert "paused: &lt;b&gt;Stop" in shown
    assert "<b>Stop" not in shown


def test_the_desk_says_why_it_was_not_sent(cast: Cast, payee: Address, auditor: Client) -> None:
    forge(approved(cast, payee), status_changed_at=timezone.now() - STUCK_AFTER - timedelta(seconds=1))
    paused(payee.account, "Wrong key.")
    assert "nothing is sent while it is paused: Wrong key." in words(auditor.get("/"))


def test_the_list_says_that_the_address_was_revoked(cast: Cast, payee: Address, auditor: Client) -> None:
    approved(cast, payee)
    address_book.revoke(payee.pk, reason="Left", by=cast.keeper)
    assert "Address revoked" in words(auditor.get(list_of("payouts_withdrawal")))


def test_a_longer_list_asks_the_database_no_more(cast: Cast, payee: Address, auditor: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            auditor.get(list_of("payouts_withdrawal"))
        return len(captured)

    def two_more_of_each() -> None:
        for _ in range(2):
            raised(cast, payee)
            approved(cast, payee)

    two_more_of_each()
    queries()
    few = queries()
    two_more_of_each()
    assert queries() == few


# -- while it is sent --


def test_while_a_worker_is_at_it_the_page_says_so(cast: Cast, payee: Address, auditor: Client) -> None:
    asked = approved(cast, payee)
    claim_next()
    assert "A worker is talking to the provider." in words(auditor.get(page_of(asked)))


def test_the_page_says_until_when_an_answer_is_waited_for_whose_worker_is_gone(
    cast: Cast, payee: Address, auditor: Client
) -> None:
    asked = approved(cast, payee)
    claim_next()
    call = asked.submissions.get()
    forge(call, worker_gone_at=timezone.now(), deadline=datetime(2026, 5, 4, 12, 30, 9, tzinfo=UTC))
    page = words(auditor.get(page_of(asked)))
    assert "Its worker ended in the middle of the call." in page
    assert "counts as unknown after 12:30:09." in page
    assert "found gone" in page


@pytest.mark.parametrize(("customer", "whose"), [("", "may be the same"), ("1001", "is the same")])
def test_the_page_names_the_other_account_whose_equal_payment_it_waits_for(
    cast: Cast, payee: Address, auditor: Client, customer: str, whose: str
) -> None:
    twin = twin_of(payee.account)
    said(treasury=customer, twin=customer)
    lost = unknown(cast, payee)
    waits = approved(cast, same_payee(cast, payee, twin))
    shown = words(auditor.get(page_of(waits)))
    assert f"Waits for withdrawal {lost.reference[:8]} in account treasury, whose customer {whose}, an equal" in shown
