"""What became of lost calls that no withdrawal answers for: what people found, and what is proven to have been sent."""

import uuid
from datetime import UTC, datetime
from typing import Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from payouts.domain.decisions.proposal import State
from payouts.domain.recipients.kind import Kind
from payouts.domain.unknown.lost_call import FoundFacts
from payouts.models.choices import choices
from payouts.models.decisions.proposal import Proposal
from payouts.models.sending.lost_call import LostCall
from payouts.models.unknown.record import ProviderRecord
from payouts.models.unknown.resolution import Verdict


class LostFindingQuerySet(models.QuerySet["LostFinding"]):
    """Findings, as the workflow and the desk ask for them."""

    def locked(self, finding_id: uuid.UUID) -> "LostFinding":
        """The finding with its proposal, held until the transaction ends; after its call, and what is held with it."""
        call = LostCall.objects.locked(self.values_list("call_id", flat=True).get(pk=finding_id))
        held = self.select_for_update(of=("self", "proposal")).select_related("proposal", "proposed_by")
        found = held.get(pk=finding_id)
        found.call = call
        return found

    def confirmable_by(self, user: User) -> Self:
        """Those that wait for this person: not their own finding, and about no request of theirs."""
        return self.filter(proposal__state=State.OPEN).exclude(proposal__excluded__contains=[user.pk])


class LostFinding(models.Model):
    """One person's finding about one lost call. `is_open` until it is decided."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(LostCall, on_delete=models.PROTECT, related_name="findings")
    verdict = models.CharField(max_length=16, choices=choices(Verdict))
    found_as = models.CharField(max_length=200, blank=True, help_text="The provider's id or the transaction.")
    where_looked = models.CharField(max_length=200, help_text="Where the proposer looked.")
    looked_at = models.DateTimeField(help_text="When.")
    note = models.CharField(max_length=2000, help_text="What was seen, or why it was not paid.")
    is_open = models.BooleanField(default=True)
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="lost_finding")

    objects = LostFindingQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at"]
        constraints = [
            models.UniqueConstraint(fields=["call"], condition=Q(is_open=True), name="one_open_finding_per_lost_call"),
            models.CheckConstraint(
                condition=Q(verdict__in=[v.value for v in Verdict]), name="lost_finding_verdict_is_known"
            ),
            models.CheckConstraint(condition=~Q(note=""), name="lost_finding_says_what_was_seen"),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} of {self.call_id}"

    def facts(self) -> FoundFacts:
        """What the rules need to know; read it under the lock."""
        return FoundFacts(self.call.facts(), self.proposed_by_id, self.proposal.facts(self.content()))

    def content(self) -> dict[str, object]:
        """What the second person sees: which call, what became of it, and by what."""
        call = self.call
        return {
            "account": call.account.name,
            "call": call.pk.hex,
            "reference": call.reference,
            "called_at": _moment(call.called_at),
            "withdrawal": call.withdrawal_id.hex if call.withdrawal_id else None,
            "verdict": str(self.verdict),
            "found_as": self.found_as,
            "where_looked": self.where_looked,
            "looked_at": _moment(self.looked_at),
            "note": self.note,
        }


class LostProof(models.Model):
    """What was sent by a lost call: these details have the digest that its witness kept. Never changed."""

    call = models.ForeignKey(LostCall, on_delete=models.PROTECT, related_name="proofs")
    record = models.ForeignKey(
        ProviderRecord, on_delete=models.PROTECT, related_name="proofs", null=True, help_text="None: by hand."
    )
    host = models.CharField(max_length=200)
    customer = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=32, choices=choices(Kind))
    area_code = models.CharField(max_length=4, blank=True)
    address = models.CharField(max_length=254)
    coin = models.CharField(max_length=32)
    amount = models.DecimalField(max_digits=38, decimal_places=18)
    remark = models.CharField(max_length=50, blank=True)
    shown_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, help_text="None: a process."
    )
    shown_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["call", "record"], name="one_proof_per_call_and_record"),
            models.UniqueConstraint(fields=["call"], condition=Q(record=None), name="one_proof_by_hand"),
        ]

    def __str__(self) -> str:
        return f"what was sent by {self.call_id}"


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
