"""Calls that the rows do not know any more: a witness or an answer says that they were made."""

import uuid
from typing import Self

from django.db import models
from django.db.models import Q

from payouts.domain.sending.answer import Outcome
from payouts.models.choices import choices
from payouts.models.sending.account import Account
from payouts.models.sending.submission import Submission
from payouts.models.stopping.pause import Pause
from payouts.models.withdrawals.withdrawal import Withdrawal


class LostCallQuerySet(models.QuerySet["LostCall"]):
    """Lost calls, as others ask for them."""

    def unaccounted(self) -> Self:
        """Those that left, of withdrawals that had ended without them: no row of a call says what became of them."""
        rows = Submission.objects.filter(pk=models.OuterRef("pk"))
        return self.exclude(outcome=Outcome.NOT_EXECUTED).exclude(models.Exists(rows))


class LostCall(models.Model):
    """One call whose row went away with the database that knew it. It keeps its id and the account's number of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lost_calls")
    serial = models.PositiveIntegerField(help_text="The account's how-manieth call it was.")
    reference = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, help_text="Of the order that was sent.")
    called_at = models.DateTimeField()
    found_at = models.DateTimeField()
    pause = models.ForeignKey(Pause, on_delete=models.PROTECT, related_name="lost_calls")
    withdrawal = models.ForeignKey(
        Withdrawal, on_delete=models.PROTECT, related_name="lost_calls", null=True, help_text="None: gone as well."
    )
    outcome = models.CharField(
        max_length=16,
        choices=choices(Outcome),
        blank=True,
        help_text="What was answered, where it was heard.",
    )
    code = models.CharField(max_length=32, blank=True)
    provider_id_given = models.CharField(max_length=64, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    raw_answer = models.TextField(blank=True)

    objects = LostCallQuerySet.as_manager()

    class Meta:
        ordering = ["account", "serial"]
        indexes = [
            # what was lost of one payment
            models.Index(fields=["reference"], name="lost_call_by_reference"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["account", "serial"], name="one_lost_call_per_serial"),
            models.CheckConstraint(condition=Q(serial__gte=1), name="lost_calls_count_from_one"),
        ]

    def __str__(self) -> str:
        return f"lost call {self.serial} of {self.account_id}"
