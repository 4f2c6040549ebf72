"""Resolutions: two people say, with evidence, what became of withdrawals that no provider's record can tell of."""

import uuid
from collections.abc import Iterable
from datetime import UTC
from enum import StrEnum
from typing import Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q

from payouts.domain.decisions.proposal import State
from payouts.models.choices import choices
from payouts.models.days.statement import Evidence
from payouts.models.decisions.proposal import Proposal
from payouts.models.withdrawals.withdrawal import Withdrawal


class Verdict(StrEnum):
    """What became of the money."""

    PAID = "paid"
    NOT_PAID = "not_paid"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class ResolutionQuerySet(models.QuerySet["Resolution"]):
    """Resolutions, as the desk asks for them."""

    def proposed(self) -> Self:
        """Those that wait for a second person."""
        return self.filter(proposal__state=State.OPEN)

    def confirmable_by(self, user: User) -> Self:
        """Those that wait for this person: not their own finding, and about no request of theirs."""
        return self.proposed().exclude(proposal__excluded__contains=[user.pk])


class Resolution(models.Model):
    """One person's finding about one or more withdrawals of an account."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    verdict = models.CharField(max_length=16, choices=choices(Verdict))
    where_looked = models.CharField(max_length=200, help_text="Where the proposer looked.")
    looked_at = models.DateTimeField(help_text="When.")
    note = models.CharField(max_length=2000, blank=True, help_text="Evidence in words.")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="+", null=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="resolution")

    objects = ResolutionQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at"]
        constraints = [
            models.CheckConstraint(condition=~Q(note="") | Q(evidence__isnull=False), name="resolution_has_evidence"),
            models.CheckConstraint(
                condition=Q(verdict__in=[v.value for v in Verdict]), name="resolution_verdict_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} since {self.proposed_at:%Y-%m-%d}"

    def content(self, lines: Iterable["ResolutionLine"] | None = None) -> dict[str, object]:
        """What the second person sees: what became of which withdrawals, and by what evidence.

        `lines` are given where they are not stored yet.
        """
        said = self.lines.all() if lines is None else lines
        return {
            "verdict": str(self.verdict),
            "lines": sorted([line.withdrawal_id.hex, line.found_as] for line in said),
            "where_looked": self.where_looked,
            "looked_at": self.looked_at.astimezone(UTC).isoformat(timespec="microseconds"),
            "note": self.note,
            "evidence": self.evidence.sha256 if self.evidence else None,
        }


class ResolutionLine(models.Model):
    """One withdrawal that a resolution speaks of. `is_open` until the resolution is decided."""

    resolution = models.ForeignKey(Resolution, on_delete=models.PROTECT, related_name="lines")
    withdrawal = models.ForeignKey(Withdrawal, on_delete=models.PROTECT, related_name="resolution_lines")
    found_as = models.CharField(max_length=200, blank=True, help_text="The provider's id or transaction hash.")
    is_open = models.BooleanField(default=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["withdrawal"], condition=Q(is_open=True), name="one_open_resolution_per_withdrawal"
            ),
            models.UniqueConstraint(fields=["resolution", "withdrawal"], name="one_line_per_withdrawal"),
        ]

    def __str__(self) -> str:
        return f"line of {self.resolution_id}"
