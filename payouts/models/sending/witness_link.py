"""Which witness this database belongs to."""

import uuid

from django.db import models
from django.db.models import Q


class WitnessLink(models.Model):
    """The one row that remembers the witness. Another witness, or none, and nothing is sent."""

    one = models.BooleanField(primary_key=True, default=True)
    witness = models.UUIDField(default=uuid.uuid4, help_text="The witness's own id, as it was founded.")
    place = models.CharField(max_length=300, help_text="Where it was founded: no password.")
    founded_at = models.DateTimeField()
    away_since = models.DateTimeField(null=True, help_text="Since when a worker could not use it.")
    away_because = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(one=True), name="there_is_one_witness")]

    def __str__(self) -> str:
        return f"witness {self.witness}"
