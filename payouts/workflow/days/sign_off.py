"""Sign-offs as proposals: somebody who neither made nor checked anything of a day says that it is in order.

Content: the day's whole statement. One approver or auditor, nobody who took part in the day. It is proposed and carried
in one act, by the person who signs what the page showed, so there is nothing to say no to: an unsigned day stays so.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.utils import timezone

from payouts.audit import Event, Worker
from payouts.domain.canonical import digest
from payouts.domain.days import reviewing
from payouts.domain.days.day import DayStatement
from payouts.domain.days.reviewing import DayFacts
from payouts.domain.decisions.proposal import Content, proposal_text
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Act, Person
from payouts.models import Account, PresenceProof, Proposal, SignOff, person
from payouts.workflow.attempt import attempt
from payouts.workflow.days.compared import was_compared
from payouts.workflow.days.day import day_of, participants, statement_of
from payouts.workflow.decisions import presence
from payouts.workflow.decisions.approving import say_yes
from payouts.workflow.decisions.kind import Kind
from payouts.workflow.decisions.proposing import propose
from payouts.workflow.sending.promised import is_filed

REVIEW = Worker("reconciliation")  # who proposes that a day that was compared be signed


@dataclass
class Day:
    """An account's day, as its rows tell it now."""

    account: Account
    statement: DayStatement
    participants: frozenset[int]
    proposal: Proposal = None  # type: ignore[assignment]  # until it is proposed

    @property
    def digest(self) -> str:
        """Of the content that would be signed."""
        return digest(proposal_text(SIGN_OFF.name, SIGN_OFF.subject(self), SIGN_OFF.content(self)))


class SignOffKind(Kind[Day]):
    """A day that is over, compared and settled."""

    name: ClassVar[str] = "sign_off"
    act: ClassVar[Act] = Act.SIGN_OFF
    approved: ClassVar[Event] = Event.DAY_SIGNED_OFF
    refused: ClassVar[Event] = Event.REVIEW_OBJECTED

    def held(self, subject: str) -> Day:
        """By its account's id and its date, with the account locked."""
        account_id, _, day = subject.partition(":")
        return day_now(Account.objects.locked(int(account_id)), date.fromisoformat(day))

    def subject(self, thing: Day) -> str:
        """Its account's id and its date."""
        return f"{thing.account.pk}:{thing.statement.day.isoformat()}"

    def content(self, thing: Day) -> Content:
        return {"statement": asdict(thing.statement)}

    def excluded(self, thing: Day) -> frozenset[int]:
        """Everybody who made or checked anything of it."""
        return thing.participants

    def objection(self, thing: Day, person: Person, *, shown_digest: str) -> Objection | None:
        return reviewing.may_sign_off(facts_of(thing, person.id), person, shown_digest=shown_digest)

    def about(self, thing: Day) -> Account:
        return thing.account

    def told(self, thing: Day, note: str) -> Mapping[str, Any]:
        return {**day_facts(thing), "note": note}

    def carry(self, thing: Day, *, by: User) -> None:  # noqa: ARG002  the proposal says who
        SignOff.objects.create(account=thing.account, day=thing.statement.day, proposal=thing.proposal)


SIGN_OFF = SignOffKind()


def sign_off(
    account: Account, day: date, *, shown_digest: str, note: str = "", proof: PresenceProof | None, by: User
) -> SignOff:
    """Sign the day exactly as the page showed it. The proposal keeps the whole statement.

    `proof` is of this act on `shown_digest`, and already committed. Raises NotPermitted once the objection is in the
    trail, InvalidValue.
    """
    SIGN_OFF.check_note(note)
    facts = {"account": account.name, "day": str(day)}
    with attempt(Event.REVIEW_OBJECTED, by=by, about=account, act=Act.SIGN_OFF, **facts) as trying:
        thing = SIGN_OFF.held(f"{account.pk}:{day.isoformat()}")
        trying.unless(SIGN_OFF.objection(thing, person(by), shown_digest=shown_digest))
        trying.unless(presence.use(proof, act=Act.SIGN_OFF, digests=[shown_digest], by=by))
        assert proof is not None  # noqa: S101  `use` objects to None
        thing.proposal = propose(SIGN_OFF, thing, by=REVIEW)
        say_yes(SIGN_OFF, thing, proof=proof, note=note, by=by)
        return thing.proposal.sign_off


def day_now(account: Account, day: date) -> Day:
    """The day, read from the rows."""
    return Day(account, statement_of(account, day), participants(account, day))


def facts_of(thing: Day, person_id: int) -> DayFacts:
    """What the rules need to know of the day and of the person's part in it."""
    account, statement = thing.account, thing.statement
    return DayFacts(
        digest=thing.digest,
        is_over=statement.day < day_of(timezone.now()),
        is_signed=SignOff.objects.filter(account=account, day=statement.day).exists(),
        is_filed=is_filed(account),
        was_compared=was_compared(account, statement.day),
        open_orphans=statement.open_orphans(),
        unsettled=statement.unsettled(),
        took_part=person_id in thing.participants,
    )


def day_facts(thing: Day) -> dict[str, str]:
    """Which day, for the trail."""
    return {"account": thing.account.name, "day": str(thing.statement.day)}
