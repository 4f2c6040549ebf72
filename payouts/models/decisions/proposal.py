"""Proposals: whatever more than one person has to agree on, and where that stands."""

import uuid
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Now

from payouts.domain.canonical import digest
from payouts.domain.decisions.proposal import Content, ProposalFacts, State, proposal_text
from payouts.domain.people.roles import Role
from payouts.models.choices import choices


class ProposalQuerySet(models.QuerySet["Proposal"]):
    """Proposals, as the desk and the workflow ask for them."""

    def open(self) -> Self:
        """Those that can be decided."""
        return self.filter(state=State.OPEN)


class Proposal(models.Model):
    """What is to be decided, by whom, and until when. Its terms never change; its state is written by `deciding`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=32)
    act = models.CharField(max_length=32, help_text="What a proof of presence for a yes is for.")
    subject = models.CharField(max_length=64, help_text="The key of what is decided about.")
    content = models.TextField(help_text="What is decided, as canonical JSON that names kind and subject.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content, in hex.")
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, help_text="None: a worker."
    )
    raised_under = models.PositiveIntegerField(
        null=True, editable=False, help_text="The authority number of whoever raised it, by the database."
    )
    raised_at = models.DateTimeField()
    needed = models.PositiveSmallIntegerField(help_text="How many different people have to say yes.")
    roles = ArrayField(models.CharField(max_length=32), help_text="One of them is needed to say yes.")
    excluded = ArrayField(models.IntegerField(), default=list, help_text="People who may not say yes.")
    open_until = models.DateTimeField(null=True)
    state = models.CharField(max_length=16, choices=choices(State), default=State.OPEN.value)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True, help_text="None: a worker."
    )
    decided_at = models.DateTimeField(null=True)
    decided_because = models.CharField(max_length=500, blank=True)

    objects = ProposalQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at"]
        indexes = [
            # every proposal about one thing
            models.Index(fields=["kind", "subject"], name="proposal_by_subject"),
            # what waits, by kind, the oldest first
            models.Index(fields=["kind", "raised_at"], condition=Q(state="open"), name="proposal_waiting"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(state="open"), name="one_open_proposal_per_subject"
            ),
            models.CheckConstraint(condition=Q(needed__gte=1), name="at_least_one_approval_is_required"),
            models.CheckConstraint(condition=Q(roles__len__gt=0), name="somebody_may_say_yes"),
            models.CheckConstraint(condition=Q(state__in=[s.value for s in State]), name="proposal_state_is_known"),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None) | ~Q(state="open") & Q(decided_at__isnull=False),
                name="what_is_decided_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["rejected", "withdrawn"])
                | Q(decided_by__isnull=False) & ~Q(decided_because=""),
                name="a_no_says_who_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

    def facts(self, content: Content, *, needed: int = 0, expired: bool = False) -> ProposalFacts:
        """What the rules need to know; read it under the subject's lock, and once the people are held.

        `content` is what the rows say now; `needed`, how many people a setting asks for by now, where that is more.
        """
        return ProposalFacts(
            state=State(self.state),
            raised_by=self.raised_by_id,
            excluded=frozenset(self.excluded),
            roles=frozenset(Role(role) for role in self.roles),
            needed=self.needed_now(needed),
            approvals=dict(self.approvals.standing().order_by().values_list("approver_id", "digest")),
            digest=self.digest,
            digest_now=digest(proposal_text(self.kind, self.subject, content)),
            expired=expired or self._is_overdue(),
        )

    def hold_people(self) -> None:
        """Hold whoever raised it and said yes until the transaction ends: nobody takes anything from them meanwhile."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT countersign_hold_people(%s)", [self.pk])

    def needed_now(self, setting: int) -> int:
        """As many as when it was raised, or as many as a setting asks for by now: whichever is more."""
        return max(self.needed, setting)

    def _is_overdue(self) -> bool:
        """Whether it is open past its time, by the database's clock: a process's own may be wrong."""
        if self.state != State.OPEN or self.open_until is None:
            return False
        return Proposal.objects.filter(pk=self.pk, open_until__lte=Now()).exists()
