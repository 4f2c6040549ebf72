"""What a provider's statement says: each record once, and each look that was taken for an unknown withdrawal."""

from enum import StrEnum
from typing import Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from payouts.domain.unknown.record import Record, RecordStatus
from payouts.models.choices import choices
from payouts.models.days.statement import Statement
from payouts.models.sending.account import Account
from payouts.models.withdrawals.withdrawal import Withdrawal


class ProviderRecordQuerySet(models.QuerySet["ProviderRecord"]):
    def unclaimed(self) -> Self:
        """Records that belong to no withdrawal."""
        return self.filter(withdrawal__isnull=True)


class ProviderRecord(models.Model):
    """One row of a provider's statement, from a look-up or an uploaded file. Belongs to at most one withdrawal."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="records")
    record_id = models.CharField(max_length=80, help_text="The provider's id, or one made of the line.")
    withdrawal = models.OneToOneField(Withdrawal, on_delete=models.PROTECT, related_name="record", null=True)
    tx_id = models.CharField(max_length=200, blank=True)
    coin = models.CharField(max_length=32)
    amount = models.DecimalField(max_digits=38, decimal_places=18)
    fee = models.DecimalField(max_digits=38, decimal_places=18, null=True)
    address = models.CharField(max_length=254, help_text="As the provider writes it.")
    status = models.CharField(max_length=16, choices=choices(RecordStatus))
    status_text = models.CharField(max_length=64, help_text="The provider's own word.")
    known = models.BooleanField(help_text="Whether that word is documented.")
    created_at = models.DateTimeField(help_text="When the provider made it.")
    raw = models.TextField(help_text="As it came: text, so that no digit is rounded.")
    first_seen_at = models.DateTimeField(db_default=Now(), editable=False)
    last_seen_at = models.DateTimeField(db_default=Now(), editable=False)
    statement = models.ForeignKey(Statement, on_delete=models.PROTECT, related_name="records", null=True)

    objects = ProviderRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            # one day of one account
            models.Index(fields=["account", "created_at"], name="record_by_day"),
            # what has no partner
            models.Index(fields=["account", "created_at"], condition=Q(withdrawal=None), name="record_unclaimed"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["account", "record_id"], name="one_row_per_provider_record"),
            models.CheckConstraint(
                condition=Q(status__in=[s.value for s in RecordStatus]), name="record_status_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.record_id

    def as_record(self) -> Record:
        """The row in the words of `domain.unknown.record`."""
        return Record(
            provider_id=self.record_id,
            tx_id=self.tx_id,
            coin=self.coin,
            amount=self.amount,
            fee=self.fee,
            address=self.address,
            status=RecordStatus(self.status),
            status_text=self.status_text,
            known=self.known,
            created_at=self.created_at,
            raw=self.raw,
        )


class LookResult(StrEnum):
    """What one look found for one withdrawal, in the words of `domain.unknown.matching`."""

    FOUND = "found"
    AMBIGUOUS = "ambiguous"
    ABSENT = "absent"
    UNAVAILABLE = "unavailable"  # the records could not be read to their end: proves nothing

    @property
    def label(self) -> str:
        return self.value.capitalize()


class LookQuerySet(models.QuerySet["Look"]):
    def absent(self) -> Self:
        """Looks that read every record and found none that fits."""
        return self.filter(result=LookResult.ABSENT)


class Look(models.Model):
    """One look at the provider's records for one unknown withdrawal. Never changed, never deleted."""

    withdrawal = models.ForeignKey(Withdrawal, on_delete=models.PROTECT, related_name="looks")
    looked_at = models.DateTimeField(db_default=Now(), editable=False, help_text="By the database's clock.")
    since = models.DateTimeField()
    until = models.DateTimeField()
    result = models.CharField(max_length=16, choices=choices(LookResult))
    fitting = models.PositiveSmallIntegerField(default=0, help_text="How many unclaimed records fit.")
    code = models.CharField(max_length=32, blank=True, help_text="Why the records could not be read.")

    objects = LookQuerySet.as_manager()

    class Meta:
        ordering = ["withdrawal", "id"]

    def __str__(self) -> str:
        return f"look {self.pk} for {self.withdrawal_id}"
