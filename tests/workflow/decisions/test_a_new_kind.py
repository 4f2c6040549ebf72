"""What a new kind of proposal takes, shown with one made up here: that somebody is away on a day.

Its class, its line in the registry, its two guards and its page's words are below, and there is nothing else but an act
and two events, of which it borrows some.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from backoffice.doors import reset
from payouts.admin.decisions.deciding import approving
from payouts.admin.shell.acts import ActPage, paths_of
from payouts.audit import Event
from payouts.domain.decisions import deciding as rules
from payouts.domain.decisions.deciding import Words
from payouts.domain.decisions.proposal import Content, State
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Act, Person, Role
from payouts.models import Proposal, person
from payouts.workflow.decisions import deciding
from payouts.workflow.decisions.kind import Kind
from payouts.workflow.decisions.proposing import propose
from payouts.workflow.decisions.registry import KINDS
from tests.conftest import SignIn
from tests.props.cast import Cast, code_of
from tests.props.decisions import approve, proof_of, yes
from tests.props.rows.decisions import close, say_yes
from tests.props.rows.guards import forge
from tests.props.rows.sql import execute, refused_by
from tests.props.trail import objected, told

# -- the kind: one file in its room --


@dataclass
class Absence:
    """A person's day away; a row of a table, were it real."""

    who: User
    day: str
    proposal: Proposal = None  # type: ignore[assignment]  # until it is proposed
    granted: bool = False
    url_name: ClassVar[str] = "absence"

    @property
    def pk(self) -> str:
        """Whose, and which day."""
        return f"{self.who.pk}:{self.day}"

    def refresh_from_db(self) -> None:
        """It is only here."""


ABSENCES: dict[str, Absence] = {}


class AbsenceKind(Kind[Absence]):
    """Two approvers let somebody be away."""

    name: ClassVar[str] = "absence"
    act: ClassVar[Act] = Act.RELEASE
    approved: ClassVar[Event] = Event.PAUSE_RELEASED
    refused: ClassVar[Event] = Event.PAUSE_OBJECTED

    def held(self, subject: str) -> Absence:
        """By whose and which day."""
        thing = ABSENCES[subject]
        thing.proposal.refresh_from_db()
        return thing

    def subject(self, thing: Absence) -> str:
        """Whose, and which day."""
        return thing.pk

    def content(self, thing: Absence) -> Content:
        """As approvers see it."""
        return {"who": thing.who.get_username(), "day": thing.day}

    def needed(self, thing: Absence) -> int:
        """Two."""
        return 2

    def roles(self, thing: Absence) -> frozenset[Role]:
        """Approvers alone."""
        return frozenset({Role.APPROVER})

    def excluded(self, thing: Absence) -> frozenset[int]:
        """Whoever would be away."""
        return frozenset({thing.who.pk})

    def objection(self, thing: Absence, person: Person, *, shown_digest: str) -> Objection | None:
        """As for every kind."""
        facts = thing.proposal.facts(self.content(thing))
        return rules.may_approve(facts, person, Words(self.act), shown_digest=shown_digest)

    def about(self, thing: Absence) -> User:
        """The person."""
        return thing.who

    def carry(self, thing: Absence, *, by: User) -> None:
        """They are away."""
        thing.granted = True


ABSENCE = AbsenceKind()

# -- its guards: payouts/guards/<room>/kind.sql --

GUARDS = """
CREATE FUNCTION countersign_absence_proposed(proposed payouts_proposal) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM countersign_require_terms(proposed, 'release', ARRAY['Approvers'], 2);
    PERFORM countersign_require_first(proposed);
    PERFORM countersign_require_raiser_excluded(proposed);
END $$;

CREATE FUNCTION countersign_absence_approved(proposal payouts_proposal, given payouts_approval) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE away integer := split_part(proposal.subject, ':', 1)::integer;
BEGIN
    IF given.approver_id = away THEN
        PERFORM countersign_object('nobody_lets_themselves_go', 'Somebody else has to let them go.');
    END IF;
    PERFORM countersign_require_content(proposal, jsonb_build_object(
        'who', (SELECT username FROM auth_user WHERE id = away), 'day', split_part(proposal.subject, ':', 2)));
END $$;
"""

# -- its page's words, and where it is mounted --

GRANTING: ActPage[Absence] = approving(
    ABSENCE,
    name="grant",
    title="Let them go?",
    button="Let them go",
    done="They may go.",
    template="payouts/decisions/decide.html",
    facts=lambda thing: {"absence": thing},
)


def _page(request: HttpRequest, pk: str) -> HttpResponse:
    return HttpResponse(f"{pk} {'granted' if ABSENCES[pk].granted else 'asked for'}")


_own = [
    *paths_of([GRANTING], ABSENCES.get, Absence.url_name, "str", view_act=Act.VIEW_WITHDRAWALS),
    path("<str:pk>/", _page, name="absence_change"),
]
_site = [path("absences/", include(_own)), *admin.site.get_urls()]
urlpatterns = [*reset.urlpatterns, path("", (_site, "admin", admin.site.name))]

# -- and what it gets for that --

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture
def asked(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Iterator[Absence]:
    """The first approver would like to be away."""
    execute(GUARDS)
    monkeypatch.setitem(KINDS, ABSENCE.name, ABSENCE)
    thing = Absence(cast.first_approver, "2026-12-24")
    ABSENCES[thing.pk] = thing
    thing.proposal = propose(ABSENCE, thing, by=cast.first_approver)
    yield thing
    ABSENCES.clear()


def test_two_people_decide_it_and_the_trail_tells_of_both(cast: Cast, asked: Absence) -> None:
    with told() as events:
        so_far = [yes(asked, by).granted for by in (cast.second_approver, cast.third_approver)]
    assert so_far == [False, True]
    assert asked.proposal.state == State.CARRIED
    assert [(event.event, event.actor) for event in events] == [
        (Event.PAUSE_RELEASED, cast.second_approver),
        (Event.PAUSE_RELEASED, cast.third_approver),
    ]


def test_its_proposer_does_not_decide_it(cast: Cast, asked: Absence) -> None:
    proof = proof_of(cast.first_approver, ABSENCE.act, asked.proposal.digest)
    with objected("own_proposal", Event.PAUSE_OBJECTED, by=cast.first_approver):
        approve(asked, proof=proof, by=cast.first_approver)
    with refused_by("nobody_lets_themselves_go"):
        say_yes(asked.proposal, cast.first_approver)


@pytest.mark.parametrize("name", ["requester", "keeper", "auditor", "administrator", "outsider", "superuser"])
def test_nobody_without_the_role_decides_it(cast: Cast, asked: Absence, name: str) -> None:
    stranger = getattr(cast, name)
    assert ABSENCE.objection(asked, person(stranger), shown_digest=asked.proposal.digest) is not None
    with refused_by("approver_holds_the_role"):
        say_yes(asked.proposal, stranger)


def test_nobody_says_no_to_a_kind_that_is_left_open(cast: Cast, asked: Absence) -> None:
    with pytest.raises(Proposal.DoesNotExist):
        deciding.reject(asked.proposal.pk, reason="Not ours", by=cast.second_approver)


def test_the_database_knows_its_terms_and_its_content(cast: Cast, asked: Absence) -> None:
    say_yes(asked.proposal, cast.second_approver)
    with refused_by("carried_means_enough_approvals"):
        close(asked.proposal, "carried", cast.second_approver)
    forge(asked.proposal, content=asked.proposal.content.replace("2026-12-24", "2026-12-25"))
    with refused_by("what_is_approved_is_what_the_rows_say"):
        say_yes(asked.proposal, cast.third_approver)


def test_several_are_decided_with_one_code_or_none_is(cast: Cast, asked: Absence) -> None:
    other = Absence(cast.first_approver, "2026-12-25")
    ABSENCES[other.pk] = other
    other.proposal = propose(ABSENCE, other, by=cast.first_approver)
    shown: dict[UUID, str] = {each.proposal.pk: each.proposal.digest for each in (asked, other)}
    part = proof_of(cast.second_approver, ABSENCE.act, asked.proposal.digest)
    with objected("no_proof", Event.PAUSE_OBJECTED, by=cast.second_approver):
        deciding.approve(shown, proof=part, by=cast.second_approver)
    for approver in (cast.second_approver, cast.third_approver):
        proof = proof_of(approver, ABSENCE.act, *shown.values())
        assert deciding.approve(shown, proof=proof, by=approver) == [asked, other]
    assert (asked.granted, other.granted) == (True, True)


def grant(sign_in: SignIn, asked: Absence, by: User, **typed: str) -> Any:
    """Look at its page as this person, and say yes with their code."""
    client, url = sign_in(by), f"/absences/{asked.pk}/grant/"
    seen = client.get(url)
    if seen.status_code != 200 or "Somebody else has to decide" in seen.content.decode():
        return seen
    return client.post(url, {"digest": asked.proposal.digest, "code": code_of(by)} | typed)


def test_its_page_shows_who_has_decided_and_takes_a_yes_with_a_code(
    cast: Cast, asked: Absence, sign_in: SignIn
) -> None:
    page = sign_in(cast.second_approver).get(f"/absences/{asked.pk}/grant/").content.decode()
    assert "0 of 2" in page
    assert "Another person has to say yes after you." in page
    assert grant(sign_in, asked, cast.second_approver).status_code == 302
    page = sign_in(cast.third_approver).get(f"/absences/{asked.pk}/grant/").content.decode()
    assert "1 of 2" in page
    assert "Yours is the last yes that is needed." in page
    assert grant(sign_in, asked, cast.third_approver).status_code == 302
    assert asked.granted


def test_its_page_refuses_its_proposer_strangers_and_wrong_codes(cast: Cast, asked: Absence, sign_in: SignIn) -> None:
    assert (
        "Somebody else has to decide what you proposed." in grant(sign_in, asked, cast.first_approver).content.decode()
    )
    assert grant(sign_in, asked, cast.keeper).status_code == 403
    assert grant(sign_in, asked, cast.second_approver, code="000000").status_code == 422
    assert grant(sign_in, asked, cast.second_approver, digest="e" * 64).status_code == 409
    assert not asked.proposal.approvals.exists()
