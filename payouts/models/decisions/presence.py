"""Proofs of presence: that a person entered a fresh code for one act on a list of things, or on one thing."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models


class PresenceProof(models.Model):
    """A code was accepted from this person, for this act on this list of digests. One act uses it up.

    Written and committed before the act's own transaction: a code checked inside a transaction that
    rolls back would become valid again.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    act = models.CharField(max_length=32)
    kind = models.CharField(max_length=16, default="code", help_text="By what presence was proved.")
    digests = ArrayField(models.CharField(max_length=64), help_text="What the page showed: one digest per thing.")
    subject = models.CharField(max_length=64, help_text="SHA-256 over the sorted digests, a line feed between them.")
    device = models.CharField(max_length=128)
    proved_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.act} by {self.person_id}"
