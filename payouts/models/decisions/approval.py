"""One person's yes to one proposal."""

from django.conf import settings
from django.db import models

from payouts.models.decisions.presence import PresenceProof
from payouts.models.decisions.proposal import Proposal


class Approval(models.Model):
    """A yes, bound to the digest that was shown and to a fresh proof of presence. Never changed, never deleted."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="approvals")
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="approvals")
    digest = models.CharField(max_length=64, help_text="What the page showed: the proposal's digest.")
    proof = models.ForeignKey(PresenceProof, on_delete=models.PROTECT, related_name="approvals")
    note = models.CharField(max_length=500, blank=True)
    approved_at = models.DateTimeField()

    class Meta:
        ordering = ["approved_at", "id"]
        indexes = [
            # what was approved on one day
            models.Index(fields=["approved_at"], name="approval_by_time"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "approver"], name="one_approval_per_person"),
            models.UniqueConstraint(fields=["proof", "digest"], name="a_proof_covers_a_digest_once"),
        ]

    def __str__(self) -> str:
        return f"approval of {self.proposal_id} by {self.approver_id}"
