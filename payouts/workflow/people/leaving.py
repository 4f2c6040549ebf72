"""What somebody leaves behind: asked before their access or a role is taken away. Changes nothing."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.db.models import Count

from payouts.domain.people import leaving
from payouts.domain.people.roles import Role
from payouts.domain.withdrawals.status import Status
from payouts.models import Approval, Proposal, Withdrawal, person


@dataclass(frozen=True)
class LeftBehind:
    """What is open of a person's."""

    requests: int  # not sent yet: they would be cancelled
    approvals: int  # that stand, on payments not sent yet: those would wait for approval again
    proposals: int  # other open ones that they raised: they stay, for others to decide

    def __bool__(self) -> bool:
        return bool(self.requests or self.approvals or self.proposals)


def left_behind(user: User) -> LeftBehind:
    """What is open of theirs now."""
    unsent = Withdrawal.objects.filter(status__in=[Status.AWAITING_APPROVAL, Status.APPROVED])
    given = Approval.objects.standing().filter(approver=user, proposal__withdrawal__in=unsent)
    raised = Proposal.objects.open().filter(raised_by=user).exclude(withdrawal__isnull=False)
    return LeftBehind(unsent.filter(requested_by=user).count(), given.count(), raised.count())


def short_without(user: User) -> dict[Role, str]:
    """By role, why work would stop without this person in it; nothing of a role that they do not hold now."""
    held = person(user).roles
    others = User.objects.filter(is_active=True).exclude(pk=user.pk).values("groups__name")
    counts = dict(others.annotate(people=Count("pk")).values_list("groups__name", "people"))
    left = {role: counts.get(role.value, 0) for role in held}
    return leaving.short_of(left, approvals_needed=settings.APPROVALS_REQUIRED)
