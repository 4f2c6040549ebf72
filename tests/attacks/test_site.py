"""Lines that hold for the whole site: looking changes nothing, nobody stands above the rules, refusals are told."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from payouts.audit import Event
from payouts.domain.people.roles import Role
from payouts.models import Address, Authenticator
from payouts.workflow.recipients import address_book
from tests.conftest import SignIn
from tests.props.cast import Cast, code_of, person_with, proposal, raised
from tests.props.pages.crawl import crawl, picture
from tests.props.pages.pages import act_on, list_of, objected_to, strict, words
from tests.props.pages.visits import wrong_code
from tests.props.trail import told

pytestmark = pytest.mark.django_db


# -- S11: a GET changes nothing --


@pytest.mark.parametrize("role", [*Role, None], ids=lambda role: role.name if role else "all")
def test_looking_at_every_page_changes_no_table(role: Role | None, scene: Cast, sign_in: SignIn) -> None:
    user = person_with("visitor", *(Role if role is None else (role,)))
    client = sign_in(user)
    before = picture()
    pages = crawl(client)
    assert len(pages) > (4 if role is Role.ADMINISTRATOR else 20)
    assert picture() == before


def test_the_crawl_comes_by_every_kind_of_page(scene: Cast, everybody: User, sign_in: SignIn) -> None:
    """So that the test above cannot pass by seeing nothing."""
    seen = " ".join(crawl(sign_in(everybody)))
    for part in (
        "/approve/", "/reject/", "/activate/", "/decline/", "/revoke/", "/new/", "/propose/?account=treasury",
        "/roles/", "/unblock/", "/end-sessions/", "/deactivate/", "/invite/", "/asset/", "/auditevent/?event=",
        "/security/password/", "/security/authenticator/", "/security/recovery-codes/", "?mine=waiting",
    ):  # fmt: skip
        assert part in seen, part


# -- S12, S16: nobody stands above the rules --


def test_somebody_with_every_role_and_the_superusers_flag_keeps_to_the_rules(
    everybody: User, cast: Cast, payee: Address, sign_in: SignIn
) -> None:
    client = sign_in(everybody)
    mine = raised(cast, payee, by=everybody)
    entry = address_book.propose(proposal(payee.account), by=everybody)
    form = {"code": code_of(everybody), "roles": "Auditors"}
    acts: list[tuple[Any, str, str]] = [
        (mine, "approve", mine.proposal.digest),
        (entry, "activate", entry.proposal.digest),
        (everybody, "roles", ""),
        (everybody, "unblock", ""),
    ]
    for thing, act, digest in acts:
        answer = client.post(act_on(thing, act), form | {"digest": digest})
        assert answer.status_code == 409
        assert objected_to(answer)
    assert not mine.proposal.approvals.exists()
    assert Address.objects.get(pk=entry.pk).status == "proposed"


def test_nobody_changes_the_second_factor_of_a_colleague_by_any_page(
    everybody: User, scene: Cast, sign_in: SignIn
) -> None:
    factors = list(Authenticator.objects.order_by("pk").values_list())
    client = sign_in(everybody)
    for url in crawl(client):
        if "/user/" in url:
            client.post(url, {"code": wrong_code(everybody), "reset": "1", "authenticator": "1"})
    assert list(Authenticator.objects.exclude(user=everybody).order_by("pk").values_list()) == [
        row for row in factors if row[0] != Authenticator.objects.get(user=everybody).pk
    ]


# -- S17: what is looked at and what is refused is told --


def test_looking_at_the_trail_makes_one_event(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.auditor)
    with told() as events:
        client.get(list_of("payouts_auditevent"), {"q": "keeper", "event": "signed_in"})
    assert [(event.event, event.actor, event.facts) for event in events] == [
        (Event.AUDIT_VIEWED, cast.auditor, {"query": "q=keeper&event=signed_in"})
    ]


def test_a_refused_page_makes_one_event_that_says_which(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    for user, url in (
        (cast.requester, list_of("payouts_auditevent")),
        (cast.auditor, act_on(payee, "revoke")),
        (cast.outsider, "/"),
    ):
        client = sign_in(user)
        with told() as events:
            assert client.get(url).status_code == 403
        assert [(event.event, event.actor, event.facts) for event in events] == [
            (Event.ACCESS_DENIED, user, {"path": url, "method": "GET"})
        ]
        assert events[0].ip == "198.51.100.7"


def test_a_refused_page_says_why_and_offers_a_way_on(cast: Cast, sign_in: SignIn) -> None:
    page = words(sign_in(cast.requester).get(list_of("payouts_auditevent")))
    assert "Your roles do not include this screen." in page
    assert "Nothing was changed." in page


def test_a_post_without_its_token_is_told_too(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    with told() as events:
        answer = strict(sign_in(cast.keeper)).post(act_on(payee, "revoke"), {"reason": "because"})
    assert answer.status_code == 403
    assert [event.event for event in events] == [Event.ACCESS_DENIED]


def test_nothing_odd_in_a_request_can_forge_a_row(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.requester)
    agent = "x\r\nlevel=critical \u202e\x1b[2J" + "y" * 300
    with told() as events:
        client.get(list_of("payouts_auditevent"), headers={"user-agent": agent})
    [event] = events
    assert not set("\r\n\x1b\u202e") & set(event.user_agent)
    assert len(event.user_agent) == 200
