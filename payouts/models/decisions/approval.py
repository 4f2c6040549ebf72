"""One person's yes to one proposal."""

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q

from payouts.models.decisions.presence import PresenceProof
from payouts.models.decisions.proposal import Proposal
from payouts.models.people.authority import number_of

_HOLDS_ITS_ROLE = Func(  # and is active: guards/shared.sql
    F("approver_id"), F("proposal__roles"), function="countersign_holds_role", output_field=models.BooleanField()
)
# As countersign_standing has it, but for who is excluded, which the rules ask.
_STANDS = Q(authority=number_of("approver_id")) & Q(_HOLDS_ITS_ROLE)


class ApprovalQuerySet(models.QuerySet["Approval"]):
    """Approvals, as the rules and the pages ask for them."""

    def standing(self) -> "ApprovalQuerySet":
        """Those whose giver's authority is unbroken since, and who may say yes to it still."""
        return self.filter(_STANDS)

    def with_standing(self) -> "ApprovalQuerySet":
        """Each with `stands`: whether it counts now."""
        return self.annotate(**{"stands": models.ExpressionWrapper(_STANDS, models.BooleanField())})


class Approval(models.Model):
    """A yes, bound to the digest that was shown and to a fresh proof of presence. Never changed, never deleted."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="approvals")
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="approvals")
    digest = models.CharField(max_length=64, help_text="What the page showed: the proposal's digest.")
    proof = models.ForeignKey(PresenceProof, on_delete=models.PROTECT, related_name="approvals")
    authority = models.PositiveIntegerField(
        db_default=0, help_text="The approver's authority number, by the database; it stands while it is that."
    )
    note = models.CharField(max_length=500, blank=True)
    approved_at = models.DateTimeField()

    stands: bool  # whether it counts now, of rows whose query asked (`with_standing`)

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        ordering = ["approved_at", "id"]
        indexes = [
            # what was approved on one day
            models.Index(fields=["approved_at"], name="approval_by_time"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "approver", "authority"], name="one_approval_per_person"),
            models.UniqueConstraint(fields=["proof", "digest"], name="a_proof_covers_a_digest_once"),
        ]

    def __str__(self) -> str:
        return f"approval of {self.proposal_id} by {self.approver_id}"
