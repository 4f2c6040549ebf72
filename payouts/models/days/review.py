"""Reviews of an account's day: what has no partner, and who signed the day off."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from payouts.domain.days.pairing import OrphanKind
from payouts.domain.days.reviewing import OrphanFacts
from payouts.models.choices import choices
from payouts.models.decisions.proposal import Proposal
from payouts.models.sending.account import Account
from payouts.models.unknown.record import ProviderRecord
from payouts.models.withdrawals.withdrawal import Withdrawal


class OrphanQuerySet(models.QuerySet["Orphan"]):
    """Orphans, as reviewers ask for them."""

    def open(self) -> Self:
        """Those that nobody has explained yet."""
        return self.filter(closed_at__isnull=True)

    def locked(self, orphan_id: int) -> "Orphan":
        """The orphan, held until the transaction ends."""
        held = self.select_for_update(of=("self",)).select_related("account", "withdrawal", "record", "closed_by")
        return held.get(pk=orphan_id)


class Orphan(models.Model):
    """A record or a withdrawal without its partner, until it is found or somebody explains it."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="orphans")
    day = models.DateField(help_text="UTC.")
    kind = models.CharField(max_length=32, choices=choices(OrphanKind))
    record = models.ForeignKey(ProviderRecord, on_delete=models.PROTECT, related_name="orphans", null=True)
    withdrawal = models.ForeignKey(Withdrawal, on_delete=models.PROTECT, related_name="orphans", null=True)
    what = models.CharField(max_length=300, help_text="What is missing or differs, in words.")
    found_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    closed_because = models.CharField(max_length=500, blank=True)

    objects = OrphanQuerySet.as_manager()

    class Meta:
        ordering = ["-found_at"]
        indexes = [
            models.Index(fields=["account", "day"], name="orphan_by_day"),
            models.Index(fields=["-found_at"], condition=Q(closed_at=None), name="orphan_open"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "record"],
                condition=Q(record__isnull=False, closed_at=None),
                name="one_orphan_per_record",
            ),
            models.UniqueConstraint(
                fields=["kind", "withdrawal"],
                condition=Q(kind="withdrawal_without_record", closed_at=None),
                name="one_orphan_per_withdrawal",
            ),
            models.CheckConstraint(
                condition=Q(record__isnull=False) | Q(withdrawal__isnull=False), name="orphan_is_of_something"
            ),
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in OrphanKind]), name="orphan_kind_is_known"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | ~Q(closed_because=""), name="closed_orphan_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.day}"

    def facts(self) -> OrphanFacts:
        """What the rules need to know."""
        requested_by = self.withdrawal.requested_by_id if self.withdrawal else None
        return OrphanFacts(is_open=self.closed_at is None, requested_by=requested_by)


class SignOff(models.Model):
    """A day of an account, signed by somebody who was neither maker nor checker of it. Never changed.

    Its proposal holds the whole statement that was shown, and who signed it, when and with which note.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="sign_offs")
    day = models.DateField(help_text="UTC.")
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="sign_off")

    class Meta:
        ordering = ["-day"]
        constraints = [models.UniqueConstraint(fields=["account", "day"], name="one_sign_off_per_day")]

    def __str__(self) -> str:
        return f"sign-off of {self.day}"
