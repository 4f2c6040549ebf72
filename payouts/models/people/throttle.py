"""Counts of wrong guesses, a row per door."""

from django.db import models


class Throttle(models.Model):
    """How often in a row somebody failed at one door, and until when the door stays shut.

    A door is a text such as `password:ada:unknown-device`; a person's known devices are doors of their own, so that
    a stranger who guesses does not lock the person out.
    """

    door = models.CharField(max_length=200, primary_key=True)
    failures = models.PositiveIntegerField(default=0)
    shut_until = models.DateTimeField(null=True)
    tried_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.door}: {self.failures}"
