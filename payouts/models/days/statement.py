"""Statements: a provider's records as a file that a person uploaded, and the evidence that files are kept as."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from payouts.models.sending.account import Account


class Evidence(models.Model):
    """A file that a person attached: kept whole with its hash, served as a download only, never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100)
    media_type = models.CharField(max_length=64)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name_plural = "evidence"
        constraints = [
            models.CheckConstraint(condition=Q(size__gt=0, size__lte=5 * 1024 * 1024), name="evidence_is_of_a_size"),
        ]

    def __str__(self) -> str:
        return self.name


class Statement(models.Model):
    """One uploaded statement of an account: which file, how its columns were read, which time it covers."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="statements")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="+")
    columns = models.JSONField(help_text="Our column to the file's.")
    since = models.DateTimeField(help_text="The first moment that the file is complete for.")
    until = models.DateTimeField(help_text="The last.")
    lines = models.PositiveIntegerField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-added_at"]
        constraints = [
            models.CheckConstraint(condition=Q(since__lte=models.F("until")), name="statement_covers_a_time"),
        ]

    def __str__(self) -> str:
        return f"statement of {self.account_id} from {self.since:%Y-%m-%d}"
