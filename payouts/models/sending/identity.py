"""Proposed changes of who an account is at its provider: another host, customer or key, decided by two."""

import uuid
from typing import Self

from django.db import models

from payouts.domain.decisions.proposal import State
from payouts.domain.sending.identity import ChangeFacts, Identity
from payouts.models.decisions.proposal import Proposal
from payouts.models.sending.account import Account


class IdentityChangeQuerySet(models.QuerySet["IdentityChange"]):
    """Changes, as the workflow and the pages ask for them."""

    def locked(self, change_id: uuid.UUID) -> "IdentityChange":
        """The change with its proposal, held until the transaction ends; its account is held before both.

        The account first, as a claim does it: what is claimed before the change is of the old account, whole.
        """
        account = Account.objects.locked(self.values_list("account", flat=True).get(pk=change_id))
        held = self.select_for_update(of=("self", "proposal")).select_related("proposal").get(pk=change_id)
        held.account = account
        return held

    def waiting(self) -> Self:
        """Those that nobody has decided yet, the oldest first; with their accounts."""
        return self.filter(proposal__state=State.OPEN).select_related("account", "proposal").order_by("proposed_at")


class IdentityChange(models.Model):
    """What an account is to become, beside what it was when that was proposed. `accepted_at` is set once it is."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="identity_changes")
    host_before = models.CharField(max_length=200)
    customer_before = models.CharField(max_length=64, blank=True)
    key_before = models.CharField(max_length=64)
    host = models.CharField(max_length=200)
    customer = models.CharField(max_length=64, blank=True)
    key_fingerprint = models.CharField(max_length=64)
    same_customer = models.BooleanField(help_text="Whether both are one customer of the provider.")
    seen_by = models.CharField(max_length=120, help_text="The process in whose environment it was found.")
    proposed_at = models.DateTimeField()
    proposal = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="identity_change")
    accepted_at = models.DateTimeField(null=True)

    objects = IdentityChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-proposed_at"]

    def __str__(self) -> str:
        return f"change of {self.account_id}"

    def before(self) -> Identity:
        """Who the account was."""
        return Identity(self.account.provider, self.host_before, self.customer_before, self.key_before)

    def after(self) -> Identity:
        """Who it is to become."""
        return Identity(self.account.provider, self.host, self.customer, self.key_fingerprint)

    def facts(self) -> ChangeFacts:
        """What the rules need to know; read it under the lock."""
        return ChangeFacts(
            now=self.account.identity(),
            before=self.before(),
            after=self.after(),
            proposal=self.proposal.facts(self.content()),
        )

    def content(self) -> dict[str, object]:
        """What people see who decide: old beside new, and whether it is the same customer."""
        return {
            "account": self.account.name,
            "provider": self.account.provider,
            "host_before": self.host_before,
            "customer_before": self.customer_before,
            "key_before": self.key_before,
            "host": self.host,
            "customer": self.customer,
            "key": self.key_fingerprint,
            "same_customer": self.same_customer,
        }
