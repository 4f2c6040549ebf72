"""The withdrawal: what was asked for, where it stands, and what the provider said last."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, Q, Subquery, Value
from django.db.models.functions import Coalesce, Now

from payouts.domain.people.roles import Role
from payouts.domain.recipients.book import AddressStatus
from payouts.domain.recipients.kind import Kind
from payouts.domain.sending.customers import Customer
from payouts.domain.withdrawals.order import Order
from payouts.domain.withdrawals.policy import Facts
from payouts.domain.withdrawals.status import Status
from payouts.models.choices import choices
from payouts.models.decisions.proposal import Proposal
from payouts.models.people.authority import still_holding
from payouts.models.recipients.address import Address
from payouts.models.sending.account import Account
from payouts.models.stopping.pause import Pause
from payouts.models.withdrawals.queries import WithdrawalQuerySet, may_be_one


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
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="withdrawal")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the canonical order, fixed when raised.")
    status = models.CharField(max_length=20, choices=choices(Status), default=Status.AWAITING_APPROVAL.value)
    status_changed_at = models.DateTimeField()
    closed_because = models.CharField(max_length=500, blank=True)
    stopped_because = models.CharField(
        max_length=500, blank=True, help_text="Why the worker will not send it although it was approved."
    )
    provider_id = models.CharField(max_length=64, blank=True, help_text="The provider's own id.")
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
                fields=["invoice_reference"], condition=~Q(invoice_reference=""), name="withdrawal_by_invoice"
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
            models.Index(fields=["provider_id"], condition=~Q(provider_id=""), name="withdrawal_by_provider_id"),
            # a claim: equal payments under way or unknown, in whichever account
            models.Index(
                fields=["recipient_key", "coin", "amount"],
                condition=Q(status__in=["submitting", "unknown"]),
                name="withdrawal_equal_in_flight",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                # the upper bound is the column's own; it keeps NaN out, which PostgreSQL sorts above every number
                condition=Q(amount__gt=0, amount__lt=10**20),
                name="amount_is_positive",
            ),
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
                fields=["account", "provider_id"],
                condition=~Q(provider_id=""),
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
        """How many people have to approve it, by the setting of today and never fewer than when it was raised."""
        return self.proposal.needed_now(int(settings.APPROVALS_REQUIRED))

    def facts(self) -> Facts:
        """What the rules need to know; read it under the lock."""
        order_digest = self.order().digest()
        expired, paused_because, equal_in_flight, requester_stands = self._now()
        return Facts(
            status=Status(self.status),
            requested_by=self.requested_by_id,
            digest=self.digest,
            order_digest=order_digest,
            address_status=AddressStatus(self.address.status),
            proposal=self.proposal.facts(self._content(order_digest), needed=self.approvals_needed, expired=expired),
            expired=expired,
            paused_because=paused_because,
            equal_in_flight=equal_in_flight,
            requester_stands=requester_stands,
        )

    def content(self) -> dict[str, object]:
        """What approvers see: what would be sent, by the digest of its order, and why."""
        return self._content(self.order().digest())

    def _content(self, order_digest: str) -> dict[str, object]:
        return {
            "order": order_digest,
            "purpose": self.purpose,
            "invoice_reference": self.invoice_reference,
            "retry_of": self.retry_of_id.hex if self.retry_of_id else None,
        }

    def _now(self) -> tuple[bool, str, bool, bool]:
        """In one statement: is it late, why is its account paused, is one like it in flight, may its requester ask."""
        is_late = models.ExpressionWrapper(Q(expires_at__lte=Now()), models.BooleanField())
        reason = Coalesce(Subquery(Pause.objects.on(self.account).values("reason")[:1]), Value(""))
        itself = Withdrawal.objects.filter(pk=self.pk).order_by()
        asked_by = still_holding(Role.REQUESTER, self.requested_by_id, under=self.proposal.raised_under)
        equal, requester = Exists(self.equals_in_flight()), Exists(asked_by)
        now: tuple[bool, str, bool, bool] = itself.values_list(is_late, reason, equal, requester).get()
        return now

    def is_looked_for(self) -> bool:
        """Whether its provider's records can show it: not at every provider, and not once it is another customer's."""
        return self.account.can_look_up and self.is_of_this_customer()

    def is_of_this_customer(self) -> bool:
        """Whether its calls were made for the customer that its account is now."""
        always = self.account.customer_since is None
        return always or Withdrawal.objects.filter(pk=self.pk).of_this_customer().exists()

    def is_expired(self) -> bool:
        """Whether its time is over, by the database's clock: a worker's own may be wrong."""
        return Withdrawal.objects.filter(pk=self.pk, expires_at__lte=Now()).exists()

    def paused_because(self) -> str:
        """Why nothing is sent through its account now; empty when something may be."""
        return Pause.objects.on(self.account).values_list("reason", flat=True).first() or ""

    def equals_in_flight(self) -> "WithdrawalQuerySet[Withdrawal]":
        """Other equal payments of the customer's that are under way or unknown: no record could tell them apart."""
        equal = {"recipient_key": self.recipient_key, "coin": self.coin, "amount": self.amount}
        return self.of_its_customer().filter(**equal).in_flight()

    def of_its_customer(self) -> "WithdrawalQuerySet[Withdrawal]":
        """All others, of any account, whose customer is or may be this one's (`at_provider`); one may come twice."""
        theirs = may_be_one(Value(self.account.provider), Value(self.at_provider().name))
        return Withdrawal.objects.filter(theirs).exclude(pk=self.pk)

    def at_provider(self) -> Customer:
        """Whose it is; not said, where it was called for another customer than its account is now."""
        own = self.account.at_provider()
        return own if self.is_of_this_customer() else Customer(own.provider, "")

    def order(self) -> Order:
        """What would be sent, from the rows as they stand now."""
        return Order(
            reference=self.reference,
            account=self.account.name,
            provider=self.account.provider,
            host=self.account.host,
            customer=self.account.customer,
            kind=Kind(self.address.kind),
            area_code=self.address.area_code,
            address=self.address.address,
            coin=self.coin,
            amount=self.amount,
            remark=self.remark,
        )
