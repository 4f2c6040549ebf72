"""Calls that the rows do not know any more: a witness or an answer says that they were made."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from payouts.domain.sending.answer import Outcome
from payouts.domain.sending.customers import Customer
from payouts.domain.sending.pace import LONGEST_CALL
from payouts.domain.unknown.looking import RECORDED_WITHIN
from payouts.domain.unknown.lost_call import LostFacts
from payouts.domain.withdrawals.status import Status
from payouts.models.choices import choices
from payouts.models.decisions.proposal import Proposal
from payouts.models.sending.account import Account
from payouts.models.sending.submission import Submission
from payouts.models.stopping.pause import Pause
from payouts.models.unknown.resolution import Verdict
from payouts.models.withdrawals.withdrawal import Withdrawal


class LostCallQuerySet(models.QuerySet["LostCall"]):
    """Lost calls, as others ask for them."""

    def locked(self, call_id: uuid.UUID) -> "LostCall":
        """The call, held until the transaction ends; its account and its withdrawal are held before it."""
        named = self.get(pk=call_id)
        account = Account.objects.locked(named.account_id)
        withdrawal = None if named.withdrawal_id is None else Withdrawal.objects.locked(named.withdrawal_id)
        held = self.select_for_update(no_key=True).get(pk=call_id)
        held.account, held.withdrawal = account, withdrawal
        return held

    def unaccounted(self) -> Self:
        """Those that left, of withdrawals that had ended without them: no row of a call says what became of them."""
        rows = Submission.objects.filter(pk=models.OuterRef("pk"))
        return self.exclude(outcome=Outcome.NOT_EXECUTED).exclude(models.Exists(rows))

    def with_facts(self) -> Self:
        """With what `facts` would ask for row by row; for lists."""
        rows = Submission.objects.filter(pk=models.OuterRef("pk"))
        findings = self.model._meta.get_field("findings").related_model
        waiting = findings._default_manager.filter(call=models.OuterRef("pk"), is_open=True)
        found = self.annotate(listed_row=models.Exists(rows), listed_finding=models.Exists(waiting))
        return found.select_related("account", "withdrawal")

    def to_find_out(self) -> Self:
        """Those of which two people have to say what became of them, as no withdrawal will that is still open."""
        over = Q(withdrawal=None) | Q(withdrawal__status__in=[status for status in Status if status.is_final])
        return self.unaccounted().filter(over, verdict="")

    def to_look_up(self) -> Self:
        """Those whose provider is to be asked now for records of their time."""
        asked = self.to_find_out().of_this_customer().filter(next_look_at__lte=Now(), account__can_look_up=True)
        return asked.exclude(account__quiet_until__gt=Now()).order_by("next_look_at")

    def of_this_customer(self) -> Self:
        """Those made for the customer that their account is now: another customer's records do not show the others."""
        return self.exclude(of_an_earlier_customer)

    def paid_as(self, names: Iterable[str]) -> Self:
        """Those that are known by one of these: two people found that they were paid so, or the provider answered it.

        An id that was answered counts until two people find that it was not paid. Of a transaction, give each spelling
        in small letters.
        """
        wanted = set(names) - {""}
        found = Q(verdict=Verdict.PAID, found_lower__in={name.lower() for name in wanted})
        answered = Q(provider_id_given__in=wanted) & ~Q(verdict=Verdict.NOT_PAID)
        return self.unaccounted().annotate(found_lower=Lower("found_as")).filter(found | answered)


# Made for a customer that their account is no more: whose they were is not said.
of_an_earlier_customer = Q(called_at__lt=F("account__customer_since"))


class LostCall(models.Model):
    """One call whose row went away with the database that knew it. It keeps its id and the account's number of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="lost_calls")
    serial = models.PositiveIntegerField(help_text="The account's how-manieth call it was.")
    reference = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, help_text="Of the order that was sent.")
    called_at = models.DateTimeField()
    found_at = models.DateTimeField()
    pause = models.ForeignKey(Pause, on_delete=models.PROTECT, related_name="lost_calls")
    withdrawal = models.ForeignKey(
        Withdrawal, on_delete=models.PROTECT, related_name="lost_calls", null=True, help_text="None: gone as well."
    )
    outcome = models.CharField(
        max_length=16,
        choices=choices(Outcome),
        blank=True,
        help_text="What was answered, where it was heard.",
    )
    code = models.CharField(max_length=32, blank=True)
    provider_id_given = models.CharField(max_length=64, blank=True)
    http_status = models.PositiveSmallIntegerField(null=True)
    raw_answer = models.TextField(blank=True)
    next_look_at = models.DateTimeField(null=True, help_text="When its provider is asked for records of its time.")
    looks_taken = models.PositiveIntegerField(default=0)
    records_tried = models.BooleanField(
        default=False, help_text="Whether what was sent by it was looked for in the records that were kept before."
    )
    verdict = models.CharField(max_length=16, choices=choices(Verdict), blank=True, help_text="Of two people.")
    found_as = models.CharField(max_length=200, blank=True, help_text="The provider's id or the transaction.")
    decided = models.OneToOneField(Proposal, on_delete=models.PROTECT, related_name="lost_call", null=True)

    objects = LostCallQuerySet.as_manager()

    class Meta:
        ordering = ["account", "serial"]
        indexes = [
            # what was lost of one payment
            models.Index(fields=["reference"], name="lost_call_by_reference"),
            # what the provider's records are to be read for
            models.Index(fields=["next_look_at"], condition=Q(verdict=""), name="lost_call_to_look_up"),
            # whose record or answer an id or a transaction is
            models.Index(Lower("found_as"), condition=~Q(found_as=""), name="lost_call_by_what_was_found"),
            models.Index(
                fields=["provider_id_given"], condition=~Q(provider_id_given=""), name="lost_call_by_what_was_given"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["account", "serial"], name="one_lost_call_per_serial"),
            models.CheckConstraint(condition=Q(serial__gte=1), name="lost_calls_count_from_one"),
            models.CheckConstraint(
                condition=Q(verdict="", found_as="", decided=None)
                | Q(verdict__in=[v.value for v in Verdict], decided__isnull=False),
                name="a_lost_call_is_decided_whole",
            ),
        ]

    @property
    def left(self) -> bool:
        """False where provably no byte of it left."""
        return self.outcome != Outcome.NOT_EXECUTED

    def stretch(self) -> tuple[datetime, datetime]:
        """From the call until the provider cannot have made a record of it any more."""
        return self.called_at, self.called_at + LONGEST_CALL + RECORDED_WITHIN

    def names(self) -> frozenset[str]:
        """By which it is known what it paid: as `paid_as`, which has asked whether it left and has no row."""
        found = {self.found_as} if self.verdict == Verdict.PAID else set()
        given = {self.provider_id_given} if self.verdict != Verdict.NOT_PAID else set()
        return frozenset(found | given) - {""}

    def at_provider(self) -> Customer:
        """Whose it is; not said, where it was made for another customer than its account is now."""
        own = self.account.at_provider()
        return own if self.is_of_this_customer() else Customer(own.provider, "")

    def is_of_this_customer(self) -> bool:
        """Whether it was made for the customer that its account is now."""
        since = self.account.customer_since
        return since is None or since <= self.called_at

    def answered_as(self) -> str:
        """The id that the provider gave it when it accepted it; empty where none was heard."""
        return self.provider_id_given if self.outcome == Outcome.ACCEPTED else ""

    def facts(self) -> LostFacts:
        """What the rules need to know; read it under the lock. Of a row `with_facts`, as it was when that was read."""
        listed = self.__dict__
        return LostFacts(
            left=self.left,
            has_row=listed["listed_row"] if "listed_row" in listed else self._has_row(),
            verdict=self.get_verdict_display() if self.verdict else "",
            status=Status(self.withdrawal.status) if self.withdrawal else None,
            requested_by=self.withdrawal.requested_by_id if self.withdrawal else None,
            proposed=listed["listed_finding"] if "listed_finding" in listed else self._is_proposed(),
        )

    def _has_row(self) -> bool:
        return Submission.objects.filter(pk=self.pk).exists()

    def _is_proposed(self) -> bool:
        return self.findings.filter(is_open=True).exists()

    def __str__(self) -> str:
        return f"lost call {self.serial} of {self.account_id}"
