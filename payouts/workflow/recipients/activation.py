"""Address-book entries as proposals: another person than the proposer lets requests name an entry.

Content: everything that identifies the entry (`Address.content`). One keeper with a fresh code, never its proposer. A
keeper may decline it, and its proposer may take it back, as long as it is open. A correction is a new entry.
"""

from typing import ClassVar
from uuid import UUID

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone

from payouts import audit
from payouts.audit import Event
from payouts.domain.decisions.proposal import Content
from payouts.domain.errors import MovedMeanwhile, NotPermitted, Objection
from payouts.domain.people.roles import Act, Person
from payouts.domain.recipients import book
from payouts.domain.recipients.book import ADDRESS_MOVES, AddressStatus
from payouts.models import Address
from payouts.workflow.decisions.kind import Rejectable


class AddressKind(Rejectable[Address]):
    """A recipient of an account."""

    name: ClassVar[str] = "address"
    act: ClassVar[Act] = Act.ACTIVATE_ADDRESS
    approved: ClassVar[Event] = Event.ADDRESS_ACTIVATED
    refused: ClassVar[Event] = Event.ADDRESS_OBJECTED
    reject_act: ClassVar[str] = Act.DECLINE_ADDRESS
    reject_refused: ClassVar[Event] = Event.ADDRESS_OBJECTED

    def held(self, subject: str) -> Address:
        return Address.objects.locked(UUID(subject))

    def subject(self, thing: Address) -> str:
        return str(thing.pk)

    def content(self, thing: Address) -> Content:
        return thing.content()

    def excluded(self, thing: Address) -> frozenset[int]:
        return frozenset({thing.proposed_by_id})

    def objection(self, thing: Address, person: Person, *, shown_digest: str) -> Objection | None:
        """As the book's rules say; and nobody is paid by two entries of one account."""
        return book.may_activate(thing.facts(), person, shown_digest=shown_digest) or active_twin(thing)

    def carry(self, thing: Address, *, by: User) -> None:  # noqa: ARG002  everybody's yes is in the trail
        """ACTIVE: requests may name it from now on."""
        try:
            with transaction.atomic():
                move(thing, AddressStatus.ACTIVE)
        except IntegrityError as err:  # a twin was activated between the look and the write
            already = Objection("already_active", "This recipient is active already.")
            raise NotPermitted(active_twin(thing) or already) from err

    def may_reject(self, thing: Address, person: Person) -> Objection | None:
        """By keepers and its proposer, while it is open."""
        return book.may_decline(thing.facts(), person)

    def turn_down(self, thing: Address, *, reason: str, by: User) -> None:
        stop(thing, AddressStatus.DECLINED, reason=reason, by=by)
        audit.record(Event.ADDRESS_DECLINED, by=by, about=thing, why=reason)


ADDRESS = AddressKind()


def active_twin(entry: Address) -> Objection | None:
    """Another entry by which the account pays this recipient already."""
    twin = Address.objects.active_twin(entry.account, entry.recipient())
    if twin is None or twin.pk == entry.pk:
        return None
    return Objection("already_active", f"This recipient is active already, as “{twin.label}”.")


def stop(entry: Address, to: AddressStatus, *, reason: str, by: User) -> None:
    """Move it to a state in which nobody is paid by it, with who and why. Raises MovedMeanwhile."""
    move(entry, to, closed_by=by, closed_at=timezone.now(), closed_because=reason)


def move(entry: Address, to: AddressStatus, **columns: object) -> None:
    """Compare-and-set, as for withdrawals. Raises MovedMeanwhile."""
    old = AddressStatus(entry.status)
    if to not in ADDRESS_MOVES[old] or not Address.objects.filter(pk=entry.pk, status=old).update(
        status=to.value, **columns
    ):
        raise MovedMeanwhile(f"Address {entry.pk} was no longer {old}.")
    entry.refresh_from_db(fields=["status", *columns])
