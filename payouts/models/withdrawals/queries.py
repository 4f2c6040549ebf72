"""Withdrawals, as operators and workers ask for them. What one is stands in `withdrawal`."""

import uuid
from contextlib import suppress
from datetime import datetime
from typing import Any, Self, TypeVar

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Prefetch, Q, Value
from django.db.models.functions import Now
from django.db.models.lookups import Exact

from payouts.domain.recipients.book import AddressStatus
from payouts.domain.withdrawals.status import Status
from payouts.models.decisions.approval import Approval
from payouts.models.people.authority import number_of
from payouts.models.recipients.address import Address
from payouts.models.stopping.pause import Pause

W = TypeVar("W", bound=models.Model)  # the withdrawal, which stands above this file
_JOINED = "address", "account", "requested_by", "proposal"
_ITS_PEOPLE = Func(F("proposal_id"), function="countersign_hold_people", output_field=models.BooleanField())
_THEIR_EQUALS = Func(  # guards/sending/customer.sql
    *(F(name) for name in ("account__provider", "recipient_key", "coin", "amount")),
    function="countersign_hold_equals",
    output_field=models.BooleanField(),
)


# Called for a customer that their account is no more: whose they were is not said.
of_an_earlier_customer = Q(submissions__claimed_at__lt=F("account__customer_since"))


def may_be_one(provider: Value | OuterRef, customer: Value | OuterRef) -> Q:
    """Withdrawals whose customer is or may be this one: as `domain.sending.customers.may_be_one`.

    A withdrawal that was called before its account became another customer's may be anybody's of the provider.
    """
    unsaid = Q(account__customer="") | Q(Exact(customer, Value(""))) | of_an_earlier_customer
    return Q(account__provider=provider) & (Q(account__customer=customer) | unsaid)


class WithdrawalQuerySet(models.QuerySet[W]):
    """Withdrawals, as operators ask for them."""

    def locked(self, withdrawal_id: uuid.UUID) -> W:
        """The withdrawal with its address and account, held with its proposal until the transaction ends.

        Who waited for the lock reads a joined row as it was before, unless it is locked, too.
        """
        return self.select_for_update(of=("self", "proposal")).select_related(*_JOINED).get(pk=withdrawal_id)

    def locked_with_address(self, withdrawal_id: uuid.UUID) -> W:
        """As `locked`, with the address held as well: what is about to be sent must not lose it meanwhile.

        Nor is anything taken away from whoever asked for it or approved it; nor does an equal one of another account
        begin: whoever would send that one waits here.
        """
        held: Any = self.select_for_update(of=("self", "proposal", "address")).select_related(*_JOINED)
        found: W = held.annotate(equals_held=_THEIR_EQUALS, people_held=_ITS_PEOPLE).get(pk=withdrawal_id)
        return found

    def locked_if_free(self, withdrawal_id: uuid.UUID) -> W | None:
        """As `locked`; None where somebody else holds it at this moment."""
        free = self.select_for_update(of=("self", "proposal"), skip_locked=True)
        return free.select_related(*_JOINED).filter(pk=withdrawal_id).first()

    def doubtful(self) -> Self:
        """Unsent ones of which something was taken away from a person since they asked for it or approved it.

        No role is lost and nobody is deactivated without another number.
        """
        unsent = self.filter(status__in=[Status.AWAITING_APPROVAL, Status.APPROVED], stopped_because="")
        by_requester = ~Q(proposal__raised_under=number_of("requested_by_id"))
        void = Approval.objects.filter(proposal=OuterRef("proposal")).exclude(authority=number_of("approver_id"))
        return unsent.filter(by_requester | Q(Exists(void), status=Status.APPROVED)).order_by("pk")

    def with_approvals(self) -> Self:
        """With the approvals that a list counts, each with whether it stands."""
        return self.prefetch_related(Prefetch("proposal__approvals", Approval.objects.with_standing()))

    def awaiting_approval(self) -> Self:
        """Those that still need people."""
        return self.filter(status=Status.AWAITING_APPROVAL)

    def approvable_by(self, user: User) -> Self:
        """Those that wait for this person: not their own, not approved by them already."""
        said = Approval.objects.standing().filter(proposal=OuterRef("proposal"), approver=user)
        return self.awaiting_approval().exclude(requested_by=user).exclude(Exists(said))

    def claimable(self) -> Self:
        """Approved, in time, not stopped or paused, nothing equal in flight; the oldest approval first."""
        everything: WithdrawalQuerySet[W] = WithdrawalQuerySet(self.model)
        equal = everything.in_flight().filter(
            may_be_one(OuterRef("account__provider"), OuterRef("account__customer")),
            recipient_key=OuterRef("recipient_key"),
            coin=OuterRef("coin"),
            amount=OuterRef("amount"),
        )
        approved = self.filter(status=Status.APPROVED, stopped_because="")
        return approved.may_leave().exclude(Exists(equal)).order_by("status_changed_at", "id")

    def may_leave(self) -> Self:
        """Those whose time is not over, to an active address, through an account that is not paused.

        And none that was tried for another customer of the account: that one's approval was of another balance.
        """
        paused = Pause.objects.on(OuterRef("account"))
        return (
            self.of_this_customer()
            .filter(expires_at__gt=Now(), address__status=AddressStatus.ACTIVE)
            .exclude(Exists(paused))
        )

    def held_by(self, pause: Pause) -> Self:
        """Those that will be sent once this pause is over: approved, in time, and held by no other."""
        others = Pause.objects.on(OuterRef("account")).exclude(pk=pause.pk)
        ready = self.filter(status=Status.APPROVED, stopped_because="", expires_at__gt=Now())
        held = ready.filter(address__status=AddressStatus.ACTIVE).exclude(Exists(others))
        return held.filter(account=pause.account_id) if pause.account_id else held

    def with_pauses(self) -> Self:
        """Each with `is_paused`: whether nothing is sent through its account now."""
        return self.annotate(is_paused=Exists(Pause.objects.on(OuterRef("account"))))

    def to_look_up(self) -> Self:
        """Those that the provider's records may tell more of, and whose time to be looked up has come."""
        asked = self.filter(status__in=[Status.UNKNOWN, Status.SUBMITTED], account__can_look_up=True)
        asked = asked.exclude(account__quiet_until__gt=Now())  # it is not asked for records either
        asked = asked.of_this_customer()
        return asked.filter(next_look_at__lte=Now()).order_by("next_look_at", "id")

    def of_this_customer(self) -> Self:
        """Those whose calls were made for the customer that their account is now, as far as people say.

        Another customer's records do not show the others, and would for ever seem to say that they were not paid.
        """
        return self.exclude(of_an_earlier_customer)

    def unknown(self) -> Self:
        """Those that may have been paid."""
        return self.filter(status=Status.UNKNOWN)

    def not_final(self) -> Self:
        """Those of which something can still follow."""
        return self.filter(status__in=[status.value for status in Status if not status.is_final])

    def in_flight(self) -> Self:
        """Those that may be on their way to being paid without an answer that says so."""
        return self.filter(status__in=[Status.SUBMITTING, Status.UNKNOWN])

    def stuck(self, *, since: datetime) -> Self:
        """Approved before that time and still not sent, whatever the reason."""
        return self.filter(status=Status.APPROVED, status_changed_at__lt=since)

    def refused(self, *, since: datetime) -> Self:
        """Those that a provider refused after that time."""
        return self.filter(status=Status.REFUSED, status_changed_at__gte=since)

    def raised_by(self, user: User) -> Self:
        """A person's own requests that are not over."""
        return self.not_final().filter(requested_by=user)

    def found_by(self, text: str) -> Self:
        """Those with this reference (with or without hyphens), provider's id, address or invoice reference, in full."""
        text = text.strip()
        found = Q(provider_id=text) | Q(invoice_reference=text) & ~Q(invoice_reference="")
        # Looked up first: a subquery inside OR would keep PostgreSQL from using the indexes.
        found |= Q(address__in=list(Address.objects.found_by(text).values_list("pk", flat=True)[:100]))
        with suppress(ValueError):
            found |= Q(pk=uuid.UUID(text))
        return self.filter(found)
