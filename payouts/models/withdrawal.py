"""The withdrawal: what was asked for, where it stands, and what the provider said last."""

import uuid
from contextlib import suppress
from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from payouts.domain.kind import Kind
from payouts.domain.order import Order
from payouts.domain.policy import Facts
from payouts.domain.status import AddressStatus, Status
from payouts.models.account import Account
from payouts.models.address import Address
from payouts.models.choices import choices
from payouts.models.pause import Pause


class WithdrawalQuerySet(models.QuerySet["Withdrawal"]):
    """Withdrawals, as operators ask for them."""

    def locked(self, withdrawal_id: uuid.UUID) -> "Withdrawal":
        """The withdrawal with its address and account, held until the transaction ends."""
        return (
            self.select_for_update(of=("self",))
            .select_related("address", "account", "requested_by")
            .get(pk=withdrawal_id)
        )

    def awaiting_approval(self) -> Self:
        """Those that still need people."""
        return self.filter(status=Status.AWAITING_APPROVAL)

    def approvable_by(self, user: User) -> Self:
        """Those that wait for this person: not their own, not approved by them already."""
        return self.awaiting_approval().exclude(requested_by=user).exclude(approvals__approver=user)

    def claimable(self) -> Self:
        """Approved, in time, not stopped or paused, nothing equal in flight; the oldest approval first."""
        equal = Withdrawal.objects.in_flight().filter(
            account=OuterRef("account"),
            recipient_key=OuterRef("recipient_key"),
            coin=OuterRef("coin"),
            amount=OuterRef("amount"),
        )
        approved = self.filter(status=Status.APPROVED, stopped_because="")
        return approved.may_leave().exclude(Exists(equal)).order_by("status_changed_at", "id")

    def may_leave(self) -> Self:
        """Those whose time is not over, to an active address, through an account that is not paused."""
        paused = Pause.objects.on(OuterRef("account"))
        return self.filter(expires_at__gt=Now(), address__status=AddressStatus.ACTIVE).exclude(Exists(paused))

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
        return asked.filter(next_look_at__lte=Now()).order_by("next_look_at", "id")

    def unknown(self) -> Self:
        """Those that may have been paid."""
        return self.filter(status=Status.UNKNOWN)

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
        return self.filter(requested_by=user, status__in=[s for s in Status if not s.is_final])

    def found_by(self, text: str) -> Self:
        """Those with this reference (with or without hyphens), provider's id, address or invoice reference, in full."""
        text = text.strip()
        found = Q(withdrawal_id=text) | Q(invoice_reference=text) & ~Q(invoice_reference="")
        # Looked up first: a subquery inside OR would keep PostgreSQL from using the indexes.
        found |= Q(address__in=list(Address.objects.found_by(text).values_list("pk", flat=True)[:100]))
        with suppress(ValueError):
            found |= Q(pk=uuid.UUID(text))
        return self.filter(found)


class Withdrawal(models.Model):
    """A request to pay one recipient once. Its id, without hyphens, is the reference sent to the provider."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="withdrawals")
    address = models.ForeignKey(Address, on_delete=models.PROTECT, related_name="withdrawals")
    coin = models.CharField(max_length=32)
    amount = models.DecimalField(max_digits=38, decimal_places=18)
    remark = models.CharField(max_length=50, blank=True)
    purpose = models.CharField(max_length=200)
    invoice_reference = models.CharField(max_length=64, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="requested_withdrawals"
    )
    requested_at = models.DateTimeField()
    recipient_key = models.CharField(max_length=254, help_text="The address's: whom it pays, comparably.")
    fingerprint = models.DecimalField(
        max_digits=38, decimal_places=18, default=0, help_text="The part of the amount that tells equal ones apart."
    )
    retry_of = models.ForeignKey(
        "self", on_delete=models.PROTECT, related_name="retries", null=True, help_text="The one that was not paid."
    )
    expires_at = models.DateTimeField(help_text="Not approved or not claimed by then, it is not sent any more.")
    approvals_required = models.PositiveSmallIntegerField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the canonical order, fixed when raised.")
    status = models.CharField(max_length=20, choices=choices(Status), default=Status.AWAITING_APPROVAL.value)
    status_changed_at = models.DateTimeField()
    closed_because = models.CharField(max_length=500, blank=True)
    stopped_because = models.CharField(
        max_length=500, blank=True, help_text="Why the worker will not send it although it was approved."
    )
    withdrawal_id = models.CharField(max_length=64, blank=True, help_text="The provider's own id.")
    error_code = models.CharField(max_length=32, blank=True)
    error_message = models.CharField(max_length=300, blank=True)
    tx_id = models.CharField(max_length=200, blank=True, help_text="Of the chain, where there is one.")
    fee = models.DecimalField(max_digits=38, decimal_places=18, null=True)
    record_status = models.CharField(max_length=64, blank=True, help_text="The provider's latest word for it.")
    next_look_at = models.DateTimeField(null=True, help_text="When the provider's records are looked at again.")
    looks_taken = models.PositiveIntegerField(default=0)

    objects = WithdrawalQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-id"]
        indexes = [
            # the list, newest first
            models.Index(fields=["-requested_at", "-id"], name="withdrawal_newest"),
            # the list of one status, and the desk's queues
            models.Index(fields=["status", "-requested_at", "-id"], name="withdrawal_by_status"),
            # the worker: oldest approval of one account first
            models.Index(
                fields=["account", "status_changed_at", "id"],
                condition=Q(status="approved"),
                name="withdrawal_claimable",
            ),
            # what I raised
            models.Index(fields=["requested_by", "-requested_at", "-id"], name="withdrawal_by_requester"),
            # the search by invoice
            models.Index(
                fields=["invoice_reference"],
                condition=~Q(invoice_reference=""),
                name="withdrawal_by_invoice",
            ),
            # the list of one coin
            models.Index(fields=["coin", "-requested_at", "-id"], name="withdrawal_by_coin"),
            # a recipient's withdrawals
            models.Index(fields=["address", "-requested_at", "-id"], name="withdrawal_by_address"),
            # the list of one account
            models.Index(fields=["account", "-requested_at", "-id"], name="withdrawal_by_account"),
            # what is looked up at the provider, the most overdue first
            models.Index(
                fields=["account", "next_look_at"],
                condition=Q(status__in=["unknown", "submitted"]),
                name="withdrawal_to_look_up",
            ),
            # the sweep: what time ran out for
            models.Index(
                fields=["expires_at"],
                condition=Q(status__in=["awaiting_approval", "approved"]),
                name="withdrawal_to_expire",
            ),
            # which withdrawal a transaction paid
            models.Index(fields=["tx_id"], condition=~Q(tx_id=""), name="withdrawal_by_transaction"),
            # the search by the provider's id
            models.Index(fields=["withdrawal_id"], condition=~Q(withdrawal_id=""), name="withdrawal_by_provider_id"),
        ]
        constraints = [
            models.CheckConstraint(
                # the upper bound is the column's own; it keeps NaN out, which PostgreSQL sorts above every number
                condition=Q(amount__gt=0, amount__lt=10**20),
                name="amount_is_positive",
            ),
            models.CheckConstraint(condition=Q(approvals_required__gte=1), name="at_least_one_approval_is_required"),
            models.CheckConstraint(
                condition=Q(status__in=[s.value for s in Status]), name="withdrawal_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(remark__regex=r"^[A-Za-z0-9 .,_/#-]*$"), name="remark_cannot_confuse_a_signature"
            ),
            models.CheckConstraint(
                condition=~Q(status="submitting") | Q(stopped_because=""), name="what_is_stopped_is_not_sent"
            ),
            models.CheckConstraint(
                condition=~Q(status="refused") | ~Q(error_code=""), name="refused_names_an_error_code"
            ),
            # A second equal one could not be told from the first in the provider's records.
            models.UniqueConstraint(
                fields=["account", "recipient_key", "coin", "amount"],
                condition=Q(status__in=["submitting", "unknown"]),
                name="one_equal_payment_in_flight",
            ),
            # Repeats form a chain and never a fork, of which two ends could be paid.
            models.UniqueConstraint(fields=["retry_of"], name="asked_again_once"),
            models.UniqueConstraint(
                fields=["account", "withdrawal_id"],
                condition=~Q(withdrawal_id=""),
                name="one_withdrawal_per_provider_id",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        """What the provider is told to know it by: 32 lower-case hex digits."""
        return self.id.hex

    @property
    def approvals_needed(self) -> int:
        """As many as when it was raised, or as many as the setting says by now: whichever is more."""
        return max(self.approvals_required, int(settings.APPROVALS_REQUIRED))

    def facts(self) -> Facts:
        """What the rules need to know; read it under the lock."""
        return Facts(
            status=Status(self.status),
            requested_by=self.requested_by_id,
            approved_by=frozenset(self.approvals.values_list("approver_id", flat=True)),
            approvals_required=self.approvals_needed,
            digest=self.digest,
            order_digest=self.order().digest(),
            address_status=AddressStatus(self.address.status),
            expired=self.is_expired(),
            paused_because=self.paused_because(),
            equal_in_flight=self.equals_in_flight().exists(),
        )

    def is_expired(self) -> bool:
        """Whether its time is over, by the database's clock: a worker's own may be wrong."""
        return Withdrawal.objects.filter(pk=self.pk, expires_at__lte=Now()).exists()

    def paused_because(self) -> str:
        """Why nothing is sent through its account now; empty when something may be."""
        return Pause.objects.on(self.account).values_list("reason", flat=True).first() or ""

    def equals_in_flight(self) -> WithdrawalQuerySet:
        """Other payments of the same amount to the same recipient that are under way or unknown."""
        equal = Withdrawal.objects.filter(
            account=self.account_id, recipient_key=self.recipient_key, coin=self.coin, amount=self.amount
        )
        return equal.in_flight().exclude(pk=self.pk)

    def order(self) -> Order:
        """What would be sent, from the rows as they stand now."""
        return Order(
            reference=self.reference,
            account=self.account.name,
            provider=self.account.provider,
            kind=Kind(self.address.kind),
            area_code=self.address.area_code,
            address=self.address.address,
            coin=self.coin,
            amount=self.amount,
            remark=self.remark,
        )
