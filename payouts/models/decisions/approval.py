"""One person's yes to one digest."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from payouts.models.decisions.presence import PresenceProof
from payouts.models.withdrawals.withdrawal import Withdrawal


class Approval(models.Model):
    """A yes, bound to what was shown and to a fresh proof of presence. Never changed, never deleted.

    `requester` and `digest` repeat the withdrawal's; a foreign key over all three columns keeps them true,
    so that the database itself can refuse an approval of one's own request.
    """

    withdrawal = models.ForeignKey(Withdrawal, on_delete=models.PROTECT, related_name="approvals")
    approver = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="approvals")
    requester = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    digest = models.CharField(max_length=64)
    proof = models.OneToOneField(PresenceProof, on_delete=models.PROTECT)
    approved_at = models.DateTimeField()

    class Meta:
        ordering = ["approved_at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(approver=F("requester")), name="approver_is_not_the_requester"),
            models.UniqueConstraint(fields=["withdrawal", "approver"], name="one_approval_per_person"),
        ]

    def __str__(self) -> str:
        return f"approval of {self.withdrawal_id} by {self.approver_id}"
