"""Pauses: why nothing is sent through an account, or at all."""

import uuid
from collections.abc import Collection
from datetime import UTC
from typing import Self

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import F, OuterRef, Q

from payouts.domain.people.roles import Role
from payouts.domain.stopping.pausing import Cause, PauseFacts
from payouts.models.choices import choices
from payouts.models.decisions.proposal import Proposal
from payouts.models.sending.account import Account


class PauseQuerySet(models.QuerySet["Pause"]):
    """Pauses, as the worker and the pages ask for them."""

    def locked(self, pause_id: uuid.UUID) -> "Pause":
        """The pause and its proposal, held until the transaction ends."""
        return self.select_for_update(of=("self", "proposal")).select_related("account", "proposal").get(pk=pause_id)

    def open(self) -> Self:
        """Those that nobody has released yet."""
        return self.filter(released_at__isnull=True)

    def on(self, account: Account | OuterRef) -> Self:
        """Those that keep this account from sending now, those of everything included."""
        return self.open().filter(Q(account=account) | Q(account__isnull=True))

    def widest_first(self) -> Self:
        """Those of everything, then account by account; with the accounts."""
        return self.select_related("account", "proposal").order_by(F("account").asc(nulls_first=True), "begun_at")

    def releasable_by(self, user: User, roles: Collection[Role]) -> Self:
        """Those that wait for this person: with a role that releases them, and not released by them already."""
        return self.open().filter(proposal__roles__overlap=[*roles]).exclude(proposal__approvals__approver=user)

    def by_a_person(self, account: Account | None) -> Self:
        """Those of this account, or of everything for None, that somebody began and that still hold."""
        return self.open().filter(account=account, cause=Cause.PERSON)


class Pause(models.Model):
    """Nothing is sent while it is open. `account` is null for a pause of everything."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="pauses", null=True)
    cause = models.CharField(max_length=16, choices=choices(Cause))
    code = models.CharField(max_length=32, blank=True, help_text="The provider's code, where one stopped it.")
    reason = models.CharField(max_length=500)
    proposal = models.OneToOneField(
        Proposal, on_delete=models.PROTECT, related_name="pause", help_text="To let it go on."
    )
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    begun_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    objects = PauseQuerySet.as_manager()

    class Meta:
        ordering = ["-begun_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "cause"], condition=Q(released_at=None), name="one_open_pause_per_cause"
            ),
            models.UniqueConstraint(
                fields=["cause"],
                condition=Q(released_at=None, account=None),
                name="one_open_pause_of_everything",
            ),
            models.CheckConstraint(
                condition=~Q(cause="stop_code") | Q(account__isnull=False), name="a_stop_code_is_of_an_account"
            ),
            models.CheckConstraint(condition=Q(cause__in=[c.value for c in Cause]), name="pause_cause_is_known"),
            models.CheckConstraint(condition=~Q(reason=""), name="pause_says_why"),
        ]

    def __str__(self) -> str:
        return f"pause of {self.account_id or 'everything'} since {self.begun_at:%Y-%m-%d %H:%M}"

    def facts(self) -> PauseFacts:
        """What the rules need to know; read it under the lock."""
        return PauseFacts(
            cause=Cause(self.cause),
            is_open=self.released_at is None,
            proposal=self.proposal.facts(self.content()),
        )

    def content(self) -> dict[str, object]:
        """What people see who release it: what was stopped, why, and since when."""
        return {
            "account": self.account.name if self.account else None,
            "cause": str(self.cause),
            "code": self.code,
            "reason": self.reason,
            "begun_at": self.begun_at.astimezone(UTC).isoformat(timespec="microseconds"),
        }
