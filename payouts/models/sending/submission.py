"""One call to a provider: committed before it is made, closed once by its answer."""

import uuid
from typing import Final, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from payouts.domain.sending.answer import Outcome
from payouts.models.choices import choices
from payouts.models.sending.account import Account
from payouts.models.withdrawals.withdrawal import Withdrawal

OPEN: Final = "open"  # instead of an Outcome, while the call may be under way


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def open(self) -> Self:
        """Calls without an answer: they may be under way."""
        return self.filter(outcome=OPEN)

    def in_hand(self) -> Self:
        """Open calls whose worker is not known to be dead; they block the account's next call."""
        return self.open().filter(worker_gone_at=None)

    def left_behind(self) -> Self:
        """Open calls whose worker is known to be dead."""
        return self.open().exclude(worker_gone_at=None)


class Submission(models.Model):
    """One attempt: the reference and the fields exactly as sent, then the answer with secrets removed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    withdrawal = models.ForeignKey(Withdrawal, on_delete=models.PROTECT, related_name="submissions")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="submissions")
    serial = models.PositiveIntegerField(help_text="The account's how-manieth call, from 1 without a gap.")
    number = models.PositiveIntegerField(help_text="1 for the first attempt.")
    is_resend = models.BooleanField(
        default=False, help_text="The one permitted repetition of an unknown call, under the provider's promise."
    )
    reference = models.CharField(max_length=64)
    body = models.TextField(help_text="The provider's own fields as canonical JSON, without key and signature.")
    digest = models.CharField(max_length=64)
    worker = models.CharField(max_length=120)
    key_fingerprint = models.CharField(max_length=64, help_text="The account's, when it was made.")
    # By the database's clock: a worker whose own is wrong must not make calls look overdue.
    claimed_at = models.DateTimeField(db_default=Now())
    deadline = models.DateTimeField(help_text="After this an open call counts as unknown.")
    worker_gone_at = models.DateTimeField(
        null=True, help_text="When its worker was found to have ended; the account waits for this call no longer."
    )
    outcome = models.CharField(max_length=16, choices=[(OPEN, "Open"), *choices(Outcome)], default=OPEN)
    answered_at = models.DateTimeField(null=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)
    code = models.CharField(max_length=32, blank=True)
    message = models.CharField(max_length=300, blank=True)
    provider_id_given = models.CharField(max_length=64, blank=True)
    raw_answer = models.TextField(blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        ordering = ["withdrawal", "number"]
        indexes = [
            # the sweep: calls whose worker may be gone
            models.Index(fields=["deadline"], condition=Q(outcome=OPEN), name="submission_overdue"),
            # one day of one account
            models.Index(fields=["account", "claimed_at"], name="submission_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["withdrawal", "number"], name="one_submission_per_number"),
            models.UniqueConstraint(fields=["account", "serial"], name="one_submission_per_serial"),
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(outcome=OPEN, worker_gone_at=None),
                name="one_call_at_a_time_per_account",
            ),
            # What ends worker after worker must not go through all that is approved.
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(outcome=OPEN, worker_gone_at__isnull=False),
                name="one_call_left_behind_per_account",
            ),
            models.UniqueConstraint(
                fields=["withdrawal"], condition=Q(outcome=OPEN), name="one_call_at_a_time_per_withdrawal"
            ),
            # A second call is only possible after calls of which none can have paid.
            models.UniqueConstraint(
                fields=["withdrawal"],
                condition=~Q(outcome="not_executed") & Q(is_resend=False),
                name="nothing_is_sent_twice",
            ),
            models.UniqueConstraint(
                fields=["withdrawal"],
                condition=~Q(outcome="not_executed") & Q(is_resend=True),
                name="nothing_is_resent_twice",
            ),
            models.CheckConstraint(
                condition=Q(outcome=OPEN) | Q(answered_at__isnull=False), name="an_outcome_has_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"submission {self.number} of {self.reference}"
