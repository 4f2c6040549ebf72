"""Resolutions: two people say, with evidence, what became of withdrawals that no provider's record can tell of."""

import uuid
from enum import StrEnum
from typing import Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import F, Q

from payouts.models.choices import choices
from payouts.models.days.statement import Evidence
from payouts.models.decisions.presence import PresenceProof
from payouts.models.withdrawals.withdrawal import Withdrawal


class Verdict(StrEnum):
    """What became of the money."""

    PAID = "paid"
    NOT_PAID = "not_paid"

    @property
    def label(self) -> str:
        """The verdict in words."""
        return self.value.replace("_", " ").capitalize()


class ResolutionState(StrEnum):
    """Where a proposed resolution stands."""

    PROPOSED = "proposed"  # one person says so
    CONFIRMED = "confirmed"  # another person confirmed it: its withdrawals are over
    DECLINED = "declined"  # another person did not, or its proposer took it back

    @property
    def label(self) -> str:
        """The state in words."""
        return self.value.capitalize()


class ResolutionQuerySet(models.QuerySet["Resolution"]):
    """Resolutions, as the desk asks for them."""

    def proposed(self) -> Self:
        """Those that wait for a second person."""
        return self.filter(state=ResolutionState.PROPOSED)

    def confirmable_by(self, user: User) -> Self:
        """Those that wait for this person: not their own finding, and about no request of theirs."""
        return self.proposed().exclude(proposed_by=user).exclude(lines__withdrawal__requested_by=user)


class Resolution(models.Model):
    """One person's finding about one or more withdrawals of an account, and the other person's decision."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    verdict = models.CharField(max_length=16, choices=choices(Verdict))
    where_looked = models.CharField(max_length=200, help_text="Where the proposer looked.")
    looked_at = models.DateTimeField(help_text="When.")
    note = models.CharField(max_length=2000, blank=True, help_text="Evidence in words.")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="+", null=True)
    state = models.CharField(max_length=16, choices=choices(ResolutionState), default=ResolutionState.PROPOSED.value)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    decided_at = models.DateTimeField(null=True)
    decided_because = models.CharField(max_length=500, blank=True)
    proof = models.OneToOneField(PresenceProof, on_delete=models.PROTECT, null=True)

    objects = ResolutionQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at"]
        indexes = [
            # the desk: what waits for a second person
            models.Index(fields=["-proposed_at"], condition=Q(state="proposed"), name="resolution_waiting"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="confirmed") | ~Q(decided_by=F("proposed_by")),
                name="resolution_is_confirmed_by_another_person",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed")
                | Q(decided_by__isnull=False, decided_at__isnull=False, proof__isnull=False),
                name="confirmed_resolution_names_who_and_how",
            ),
            models.CheckConstraint(condition=~Q(note="") | Q(evidence__isnull=False), name="resolution_has_evidence"),
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in ResolutionState]), name="resolution_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(verdict__in=[v.value for v in Verdict]), name="resolution_verdict_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} since {self.proposed_at:%Y-%m-%d}"


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
