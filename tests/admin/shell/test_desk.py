"""The desk: what waits for me, what I raised, what needs attention; nothing that I may not see or do."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from payouts.admin.shell import desk
from payouts.domain.stopping.pausing import Cause
from payouts.models import Account, Address
from payouts.workflow.recipients import address_book
from payouts.workflow.stopping import pause as pauses
from tests.conftest import SignIn
from tests.props import decisions
from tests.props.cast import Cast, approve, approved, proposal, raised
from tests.props.findings import lost, proposed
from tests.props.pages.pages import words
from tests.props.rows.guards import forge
from tests.props.worker import WORKER

pytestmark = pytest.mark.django_db


def trays(client: Client) -> dict[str, Any]:
    """The trays of the desk by name."""
    page = client.get("/")
    assert page.status_code == 200
    return {tray.name: tray for tray in _in_order(page)}


def _in_order(page: Any) -> list[Any]:
    return [*page.context["own"], *page.context["attention"], *page.context["trays"]]


def test_approvers_see_what_waits_for_them_oldest_first(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    old, new, approved_by_me = (raised(cast, payee) for _ in range(3))
    approve(approved_by_me, cast.first_approver)
    tray = trays(sign_in(cast.first_approver))["approve"]
    assert (tray.rows, tray.count) == ([old, new], "2")
    assert trays(sign_in(cast.second_approver))["approve"].count == "3"


def test_a_trays_link_leads_to_the_same_rows(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    raised(cast, payee)
    proposed(cast, lost(cast, payee))
    forge(approved(cast, payee), status_changed_at=timezone.now() - timedelta(hours=1))
    address_book.propose(proposal(payee.account), by=cast.requester)
    for user in (cast.first_approver, cast.requester, cast.keeper, cast.auditor):
        client = sign_in(user)
        for tray in trays(client).values():
            page = client.get(tray.url).context
            rows = (
                page["cl"].result_list
                if "cl" in page
                else [*(row.withdrawal for row in page["rows"]), *page["waiting"]]
            )
            assert set(tray.rows) <= set(rows), tray.name


def test_requesters_see_their_own_under_way(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    mine, over = raised(cast, payee), raised(cast, payee)
    raised(cast, payee, by=cast.second_requester)
    forge(over, status="rejected")
    assert trays(sign_in(cast.requester))["raised"].rows == [mine]


def test_keepers_see_what_others_proposed(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    theirs = address_book.propose(proposal(payee.account), by=cast.requester)
    address_book.propose(proposal(payee.account), by=cast.keeper)
    assert trays(sign_in(cast.keeper))["activate"].rows == [theirs]


def test_what_needs_attention_is_everybodys_who_may_see_it(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    unknown, refused, stuck, fresh = (
        raised(cast, payee),
        raised(cast, payee),
        approved(cast, payee),
        raised(cast, payee),
    )
    forge(unknown, status="unknown")
    forge(refused, status="refused", error_code="10001", status_changed_at=timezone.now())
    forge(stuck, status_changed_at=timezone.now() - desk.STUCK_AFTER - timedelta(seconds=1))
    for user in (cast.requester, cast.first_approver, cast.keeper, cast.auditor):
        seen = trays(sign_in(user))
        assert [seen[name].rows for name in ("unknown", "stuck", "refused")] == [[unknown], [stuck], [refused]]
    forge(refused, status_changed_at=timezone.now() - desk.REFUSED_FOR - timedelta(seconds=1))
    assert "refused" not in trays(sign_in(cast.auditor))
    assert fresh in trays(sign_in(cast.first_approver))["approve"].rows


def test_ones_own_work_comes_before_what_needs_attention(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    waiting, unknown = raised(cast, payee), lost(cast, payee)
    proposed(cast, unknown)
    pauses.pause_everything(reason="A stolen key", by=cast.keeper)
    client = sign_in(cast.first_approver)
    assert list(trays(client)) == ["release", "confirm", "approve", "unknown"]
    page = client.get("/").text
    assert page.index("Waits for your approval") < page.index("Outcome unknown")
    assert page.index(str(waiting.pk)) < page.index(str(unknown.pk))


def test_with_nothing_to_do_what_needs_attention_comes_first(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    lost(cast, payee)
    assert list(trays(sign_in(cast.first_approver))) == ["unknown", "approve"]


def test_a_pause_is_on_the_desks_of_those_who_may_still_release_it(
    cast: Cast, treasury: Account, sign_in: SignIn
) -> None:
    everything = pauses.pause_everything(reason="A stolen key", by=cast.keeper)
    stopped = pauses.begin(treasury, Cause.STOP_CODE, reason="10003", code="10003", by=WORKER)
    for user, rows in {
        cast.first_approver: [everything],
        cast.administrator: [everything, stopped],
        cast.keeper: None,
        cast.requester: None,
        cast.auditor: None,
    }.items():
        tray = trays(sign_in(user)).get("release")
        assert (tray.rows if tray else None) == rows
    decisions.yes(everything, cast.first_approver, note="The key is useless now")
    assert "release" not in trays(sign_in(cast.first_approver))
    assert trays(sign_in(cast.second_approver))["release"].rows == [everything]


def test_administrators_see_no_money(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    forge(raised(cast, payee), status="unknown")
    client = sign_in(cast.administrator)
    assert trays(client) == {}
    text = words(client.get("/"))
    assert "your roles do not include them" in text
    assert payee.label not in text


def test_what_one_may_not_do_is_not_offered(cast: Cast, sign_in: SignIn) -> None:
    offers = {
        cast.requester: {"New withdrawal", "Propose an address"},
        cast.keeper: {"Propose an address"},
        cast.first_approver: set(),
        cast.auditor: set(),
        cast.administrator: set(),
    }
    for user, offered in offers.items():
        text = words(sign_in(user).get("/"))
        assert {offer for offer in ("New withdrawal", "Propose an address") if offer in text} == offered


def test_the_places_are_those_of_ones_roles(cast: Cast, sign_in: SignIn) -> None:
    for user, places in {
        cast.requester: ["Desk", "Withdrawals", "Unknown", "Reconciliation", "Address book", "Accounts"],
        cast.auditor: [
            "Desk",
            "Withdrawals",
            "Reconciliation",
            "Address book",
            "Accounts",
            "People",
            "Audit trail",
        ],
        cast.administrator: ["Desk", "Accounts", "People"],
    }.items():
        assert [place.title for place in sign_in(user).get("/").context["places"]] == places


def test_the_tray_of_unknown_outcomes_says_for_how_long(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    lost(cast, payee, status_changed_at=timezone.now() - timedelta(hours=3, minutes=5))
    assert "Requester for 3 hours" in words(sign_in(cast.first_approver).get("/"))


def test_the_badge_counts_up_to_nine(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    client = sign_in(cast.first_approver)
    seen = []
    for rows in (0, 1, 8, 1):
        for _ in range(rows):
            raised(cast, payee)
        seen.append(client.get("/").context["places"][0].badge)
    assert seen == ["", "1", "9", "9+"]


def test_a_long_tray_shows_its_first_rows_and_counts_no_further_than_it_must(
    cast: Cast, payee: Address, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "MOST_COUNTED", 6)
    for _ in range(7):
        raised(cast, payee)
    tray = trays(sign_in(cast.first_approver))["approve"]
    assert (len(tray.rows), tray.count) == (desk.ROWS_IN_TRAY, "6+")
