"""Accounts (credentials at a provider, known here by name only) and the assets that a provider can send."""

from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Greatest, Least, Now
from django.utils import timezone

from payouts.domain.days.reading import Reading, next_reading
from payouts.domain.recipients.kind import Kind
from payouts.domain.sending.customers import Customer
from payouts.domain.sending.identity import Identity
from payouts.domain.sending.pace import Turn, turn


class AccountQuerySet(models.QuerySet["Account"]):
    def locked(self, account_id: int) -> "Account":
        """The account, its row locked until the transaction ends."""
        return self.select_for_update(no_key=True).get(pk=account_id)

    def lock_all(self) -> None:
        """Hold every account's row until the transaction ends: no claim is made meanwhile."""
        list(self.select_for_update(no_key=True).order_by("pk"))  # in one order, against deadlocks

    def locked_named(self, name: str) -> "Account":
        """As `locked`, by its name. Raises Account.DoesNotExist."""
        return self.select_for_update(no_key=True).get(name=name)

    def locked_of_call(self, call: UUID) -> "Account | None":
        """As `locked`, of a submission; None where that has no row."""
        return self.select_for_update(no_key=True, of=("self",)).filter(submissions=call).first()

    def mark_reviewed(self, account_id: int, *, since: datetime, until: datetime) -> None:
        """Set reviewed_until to `until`; only if all before `since` was reviewed already, and never back."""
        joined = Q(reviewed_until__gte=since, reviewed_until__lt=until)
        joined |= Q(reviewed_until=None, created_at__gte=since)
        self.filter(joined, pk=account_id).update(reviewed_until=until)

    def mark_answered(self, account_id: int, *, ago: timedelta = timedelta()) -> None:
        """Set last_answer_at to the database's now minus `ago`, unless a later value is stored; never in the future."""
        latest = Greatest(F("last_answer_at"), Now() - ago, output_field=models.DateTimeField())
        self.filter(pk=account_id).update(last_answer_at=Least(latest, Now()))


class Account(models.Model):
    """One set of credentials at one provider. Key and secret stand in the environment, never here.

    Who it is there was written down when it was founded, and changes by what two people decide (`IdentityChange`).
    """

    name = models.CharField(max_length=32, unique=True)
    provider = models.CharField(max_length=32)
    host = models.CharField(max_length=200, help_text="Scheme, host and port that are called.")
    customer = models.CharField(max_length=64, blank=True, help_text="Who we are at the provider; empty: unsaid.")
    key_fingerprint = models.CharField(max_length=64, help_text="Tells keys apart; see domain.sending.identity.")
    customer_since = models.DateTimeField(
        null=True, editable=False, help_text="When it became another customer's. Records tell nothing of earlier calls."
    )
    kinds = ArrayField(models.CharField(max_length=32), help_text="Kinds of recipient its provider can pay.")
    takes_remark = models.BooleanField(help_text="Whether its provider carries a remark.")
    can_look_up = models.BooleanField(default=False, help_text="Whether its provider can be asked for records.")
    resend_allowed = models.BooleanField(
        default=False, help_text="Whether its provider promises that one reference pays once."
    )
    reviewed_until = models.DateTimeField(
        null=True, editable=False, help_text="Until when its provider's records were read and compared."
    )
    last_answer_at = models.DateTimeField(
        null=True, editable=False, help_text="When the last call ended, by the database's clock."
    )
    quiet_until = models.DateTimeField(
        null=True, editable=False, help_text="No call before this time: the provider asked for it, or is away."
    )
    quiet_because = models.CharField(max_length=300, blank=True, editable=False)
    not_executed_in_a_row = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(name__regex=r"^[a-z0-9][a-z0-9_-]{0,31}$"), name="account_name_is_plain"
            ),
            models.CheckConstraint(condition=Q(host__regex=r"^https?://[!-.0-~]+$"), name="an_account_has_a_host"),
            models.CheckConstraint(
                condition=Q(customer__regex=r"^[A-Za-z0-9._-]*$"), name="a_customer_is_named_plainly"
            ),
            models.CheckConstraint(
                condition=Q(key_fingerprint__regex=r"^[0-9a-f]{64}$"), name="a_key_is_known_by_its_fingerprint"
            ),
            models.UniqueConstraint(fields=["key_fingerprint"], name="one_key_has_one_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def at_provider(self) -> Customer:
        """Who it is at its provider, as far as that tells customers apart."""
        return self.identity().at_provider

    def identity(self) -> Identity:
        """Who it is at its provider, and by which key."""
        return Identity(self.provider, self.host, self.customer, self.key_fingerprint)

    def takes(self, kind: Kind) -> bool:
        """Whether the account's provider can pay a recipient of this kind."""
        return kind.value in self.kinds

    def turn(self) -> Turn:
        """How long the account has to be left alone, by the database's clock."""
        since_answer = models.ExpressionWrapper(Now() - F("last_answer_at"), models.DurationField())
        quiet = models.ExpressionWrapper(F("quiet_until") - Now(), models.DurationField())
        return turn(*Account.objects.filter(pk=self.pk).values_list(since_answer, quiet).get())

    def next_reading(self) -> Reading:
        """What the next review reads: everything since the last one, or since the account was set up."""
        return next_reading(self.reviewed_until or self.created_at, now=timezone.now())

    def is_quiet(self, *, at: datetime) -> bool:
        """Whether quiet_until is later than `at`."""
        return self.quiet_until is not None and self.quiet_until > at


class Asset(models.Model):
    """A coin on a network of a provider, and how many decimals an amount of it may have."""

    provider = models.CharField(max_length=32)
    network = models.CharField(max_length=32, help_text="INTERNAL is a transfer between customers.")
    coin = models.CharField(max_length=32)
    decimals = models.PositiveSmallIntegerField()
    enabled = models.BooleanField(default=True, help_text="Whether new requests may name it.")

    class Meta:
        ordering = ["provider", "network", "coin"]
        constraints = [
            models.UniqueConstraint(fields=["provider", "network", "coin"], name="one_row_per_asset"),
            models.CheckConstraint(condition=Q(decimals__lte=18), name="asset_decimals_fit_the_column"),
        ]

    def __str__(self) -> str:
        return f"{self.coin} on {self.network} ({self.provider})"
