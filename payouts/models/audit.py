"""The audit trail's table. Rows are added by `payouts.audit.record()` and by nothing else."""

import uuid
from contextlib import suppress
from typing import Self

from django.conf import settings
from django.contrib.auth.models import User
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now


class AuditQuerySet(models.QuerySet["AuditEvent"]):
    def about(self, thing: models.Model) -> Self:
        """The events about one object."""
        return self.filter(subject_type=thing._meta.model_name, subject_id=str(thing.pk))

    def found_by(self, text: str) -> Self:
        """The events about a withdrawal or an address with this id, hyphens or not, or by the person of this name."""
        text = text.strip()
        ids = {text}
        with suppress(ValueError):
            ids.add(str(uuid.UUID(text)))
        about = Q(subject_type__in=("withdrawal", "address"), subject_id__in=ids)
        # Looked up first: a subquery inside OR would keep PostgreSQL from using the indexes.
        return self.filter(about | Q(actor__in=list(User.objects.filter(username=text).values_list("pk", flat=True))))


class AuditEvent(models.Model):
    """Who did what to which object, when and from where, with the facts that mattered. Only ever added."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now(), editable=False)
    event = models.CharField(max_length=48)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", null=True)
    actor_name = models.CharField(max_length=150, help_text="As it stood then; a worker's name for workers.")
    subject_type = models.CharField(max_length=32, blank=True)
    subject_id = models.CharField(max_length=64, blank=True)
    facts = models.JSONField(encoder=DjangoJSONEncoder, default=dict)
    ip = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=200, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        indexes = [
            # one object's own trail, newest first
            models.Index(fields=["subject_type", "subject_id", "-id"], name="audit_by_subject"),
            # the auditors' filters, newest first
            models.Index(fields=["event", "-id"], name="audit_by_event"),
            models.Index(fields=["actor", "-id"], condition=Q(actor__isnull=False), name="audit_by_actor"),
            models.Index(fields=["at"], name="audit_by_time"),
        ]
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.id} {self.event}"
