"""Changes of who an account is at its provider, as proposals: another host, customer or key.

Proposed by whoever runs `manage.py accounts propose` where the new environment is; until two administrators have
accepted it, that environment sends nothing. Content: old beside new (`IdentityChange.content`).

With another key of the same customer nothing else changes. With another host or customer, everything that is open ends:
its order names the old one, and so does what people approved. What may have left already stays with them: of another
customer's calls nobody looks for records, and none is made again (`Account.customer_since`).
"""

from typing import ClassVar
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.utils import timezone

from payouts import audit
from payouts.audit import Actor, Event
from payouts.domain.alert import Alert
from payouts.domain.decisions.proposal import Content
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Act, Person
from payouts.domain.sending import identity
from payouts.domain.sending.customers import same
from payouts.domain.sending.identity import SHOWN, Identity
from payouts.domain.withdrawals.status import Status
from payouts.models import Account, AuditEvent, IdentityChange, Withdrawal
from payouts.workflow import queue
from payouts.workflow.alert import raise_alert
from payouts.workflow.attempt import attempt
from payouts.workflow.decisions.kind import Rejectable
from payouts.workflow.decisions.proposing import lapse, propose
from payouts.workflow.sending.worker_gone import is_gone
from payouts.workflow.withdrawals.transition import move

LATEST = 20  # of the processes that were found to differ
ENDED = "The account’s host or customer changed: what was approved names the old one. Ask for it again."
EQUAL = "an equal payment of account {}, which is or may be the same customer, is not known yet: neither is sent again."
NOT_LOOKED_FOR = "The account became another customer's: its records do not show it."


class IdentityKind(Rejectable[IdentityChange]):
    """Another host, customer or key for an account."""

    name: ClassVar[str] = "identity"
    act: ClassVar[Act] = Act.ACCEPT_IDENTITY
    approved: ClassVar[Event] = Event.IDENTITY_ACCEPTED
    refused: ClassVar[Event] = Event.IDENTITY_OBJECTED
    reject_act: ClassVar[str] = Act.DECLINE_IDENTITY
    reject_refused: ClassVar[Event] = Event.IDENTITY_OBJECTED

    def held(self, subject: str) -> IdentityChange:
        return IdentityChange.objects.locked(UUID(subject))

    def subject(self, thing: IdentityChange) -> str:
        return str(thing.pk)

    def content(self, thing: IdentityChange) -> Content:
        """Old beside new."""
        return thing.content()

    def needed(self, thing: IdentityChange) -> int:  # noqa: ARG002
        """Two: whoever runs a machine is nobody whom the database knows."""
        return 2

    def excluded(self, thing: IdentityChange) -> frozenset[int]:  # noqa: ARG002
        """Nobody: it is raised by a command."""
        return frozenset()

    def objection(self, thing: IdentityChange, person: Person, *, shown_digest: str) -> Objection | None:
        """As `domain.sending.identity` says."""
        return identity.may_accept(thing.facts(), person, shown_digest=shown_digest)

    def about(self, thing: IdentityChange) -> Account:
        """The account."""
        return thing.account

    def may_reject(self, thing: IdentityChange, person: Person) -> Objection | None:
        """By administrators, while it is open."""
        return identity.may_decline(thing.facts(), person)

    def turn_down(self, thing: IdentityChange, *, reason: str, by: User) -> None:
        """The account stays as it is, and the machine that asked goes on sending nothing."""
        audit.record(Event.IDENTITY_DECLINED, by=by, about=thing.account, why=reason)

    def carry(self, thing: IdentityChange, *, by: User) -> None:
        """The account's row says so from here on; whatever named the old one ends first."""
        before, after = thing.before(), thing.after()
        if identity.ends_requests(before, after, is_same_customer=thing.same_customer):
            _end_requests(thing.account, by=by)
        columns = {} if thing.same_customer else {"customer_since": Now()}
        Account.objects.filter(pk=thing.account_id).update(
            host=after.host, customer=after.customer, key_fingerprint=after.key_fingerprint, **columns
        )
        thing.account.refresh_from_db()
        thing.refresh_from_db(fields=["accepted_at"])  # written by the database, which uses the change up
        facts = {"host": after.host, "customer": after.customer, "key": after.key_fingerprint[:SHOWN]}
        audit.record(Event.IDENTITY_CHANGED, by=by, about=thing.account, same_customer=thing.same_customer, **facts)
        if not thing.same_customer:
            _leave_to_people(thing.account, by=by)
        if not thing.same_customer or before.customer != after.customer:
            _tell_of_equals(thing.account, by=by)
        queue.nudge(thing.account.name)


IDENTITY = IdentityKind()


def propose_change(account_name: str, found: Identity, *, said: bool | None, seen_by: str, by: Actor) -> IdentityChange:
    """Propose that the account becomes what was found in an environment; two administrators decide.

    `said` is what people say of the customer, where the two URLs do not. Raises NotPermitted (audited), and
    Account.DoesNotExist.
    """
    with attempt(Event.IDENTITY_OBJECTED, by=by, act="propose_identity") as trying:
        account = Account.objects.locked_named(account_name)
        trying.on(account)
        before = account.identity()
        known = same(before.at_provider, found.at_provider)
        others = Account.objects.filter(key_fingerprint=found.key_fingerprint).exclude(pk=account.pk)
        trying.unless(
            identity.may_propose(
                before,
                found,
                said=said,
                is_waiting=IdentityChange.objects.waiting().filter(account=account).exists(),
                key_is_taken=others.exists(),
            )
        )
        return _write(account, found, is_same_customer=bool(said if known is None else known), seen_by=seen_by, by=by)


def strangers(account: Account) -> list[AuditEvent]:
    """What was said of processes that have another account by this name, as far as they still run."""
    events = AuditEvent.objects.about(account)
    changed = events.filter(event=Event.IDENTITY_CHANGED).values_list("pk", flat=True).first() or 0
    told = events.filter(event=Event.IDENTITY_DIFFERS, pk__gt=changed)
    return [event for event in told[:LATEST] if not is_gone(event.actor_name)]


def unproposed_strangers() -> list[tuple[Account, AuditEvent]]:
    """The latest word of each process that has an account otherwise, where nobody has proposed a change of it yet."""
    waiting = IdentityChange.objects.waiting().values("account")
    told = AuditEvent.objects.filter(event=Event.IDENTITY_DIFFERS).values_list("subject_id", flat=True)
    accounts = Account.objects.filter(pk__in={int(pk) for pk in told.order_by().distinct()})
    latest = {
        (account.pk, event.actor_name): (account, event)
        for account in accounts.exclude(pk__in=waiting)
        for event in reversed(strangers(account))
    }
    return list(latest.values())


def _write(account: Account, found: Identity, *, is_same_customer: bool, seen_by: str, by: Actor) -> IdentityChange:
    change = IdentityChange(
        account=account,
        host_before=account.host,
        customer_before=account.customer,
        key_before=account.key_fingerprint,
        host=found.host,
        customer=found.customer,
        key_fingerprint=found.key_fingerprint,
        same_customer=is_same_customer,
        seen_by=seen_by,
        proposed_at=timezone.now(),
    )
    change.proposal = propose(IDENTITY, change, by=by)
    change.save(force_insert=True)
    differ = list(identity.differences(change.before(), found))
    audit.record(Event.IDENTITY_PROPOSED, by=by, about=account, differ=differ, digest=change.proposal.digest)
    return change


def _end_requests(account: Account, *, by: User) -> None:
    """Under the account's lock: what is claimed by now is under way, and nothing is claimed meanwhile."""
    open_ones = Withdrawal.objects.filter(account=account, status__in=[Status.AWAITING_APPROVAL, Status.APPROVED])
    for key in open_ones.order_by("pk").values_list("pk", flat=True):
        withdrawal = Withdrawal.objects.locked(key)
        if withdrawal.status not in (Status.AWAITING_APPROVAL, Status.APPROVED):
            continue  # its people ended it while we waited for the lock
        lapse(withdrawal.proposal, reason=ENDED, by=by)
        move(withdrawal, Status.EXPIRED, by=by, why=ENDED, closed_because=ENDED)


def _leave_to_people(account: Account, *, by: User) -> None:
    """Under the account's lock: what may have left is looked for no more, in records that cannot show it."""
    left = Withdrawal.objects.filter(account=account, status__in=[Status.UNKNOWN, Status.SUBMITTED]).order_by("pk")
    left.update(next_look_at=None)
    for withdrawal in left:
        raise_alert(Alert.UNKNOWN_NEEDS_A_PERSON, about=withdrawal, sentence=NOT_LOOKED_FOR, by=by)


def _tell_of_equals(account: Account, *, by: User) -> None:
    """Call people for equal payments that are not known in this account and another one whose customer it became.

    No record tells the two apart and none is sent again, so that nothing leads on but what people find out of either.
    """
    for ours in Withdrawal.objects.in_flight().filter(account=account).select_related("account").order_by("pk"):
        others = ours.equals_in_flight().exclude(account=account).select_related("account").distinct()
        for theirs in others.order_by("pk"):
            for one, other in ((ours, theirs), (theirs, ours)):
                sentence = f"{one.reference}: {EQUAL.format(other.account.name)}"
                raise_alert(Alert.UNKNOWN_NEEDS_A_PERSON, about=one, sentence=sentence, by=by)
