"""Which witness this database belongs to."""

import uuid

from django.db import models
from django.db.models import Q

from payouts.domain.sending.witness import Server
from payouts.models.decisions.proposal import Proposal


class WitnessLink(models.Model):
    """The one row that remembers the witness. Another witness, or none, and nothing is sent."""

    one = models.BooleanField(primary_key=True, default=True)
    witness = models.UUIDField(default=uuid.uuid4, help_text="The witness's own id, as it was founded.")
    place = models.CharField(max_length=300, help_text="Where it was founded: no password.")
    founded_at = models.DateTimeField()
    away_since = models.DateTimeField(null=True, help_text="Since when a worker could not use it.")
    away_because = models.CharField(max_length=300, blank=True)
    # The inner line: the server that these rows are on, by its own names. Both or neither.
    system_identifier = models.BigIntegerField(null=True, help_text="As pg_control_system() says it.")
    timeline = models.IntegerField(null=True, help_text="A copy that takes over, or a backup, begins a new one.")
    server_release = models.ForeignKey(
        Proposal, models.PROTECT, null=True, related_name="+", help_text="By which people accepted another server."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(one=True), name="there_is_one_witness"),
            models.CheckConstraint(
                condition=Q(system_identifier=None, timeline=None)
                | Q(system_identifier__isnull=False, timeline__isnull=False),
                name="a_server_has_both_its_names",
            ),
        ]

    def server(self) -> Server | None:
        """The server that the rows remember; None before it was known."""
        if self.system_identifier is None or self.timeline is None:
            return None
        return Server(self.system_identifier, self.timeline)

    def __str__(self) -> str:
        return f"witness {self.witness}"
