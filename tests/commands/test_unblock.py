"""`manage.py unblock`, and the forgetting of old failures."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from payouts.models import AuditEvent, Throttle
from payouts.workflow.people import throttle
from tests.props.cast import Cast

pytestmark = pytest.mark.django_db


def test_a_door_that_is_shut_for_good_opens_again(cast: Cast) -> None:
    door = "password:administrator:unknown-device"
    Throttle.objects.create(door=door, failures=throttle.FAILURES_UNTIL_SHUT, tried_at=timezone.now())
    with pytest.raises(throttle.Throttled):
        throttle.knock(door)
    call_command("unblock", "administrator")
    throttle.knock(door)
    event = AuditEvent.objects.get(event="sign_in_unblocked")
    assert (event.actor_name, event.subject_id) == ("command line", str(cast.administrator.pk))


def test_nobody_of_that_name_is_said(db: None) -> None:
    with pytest.raises(CommandError, match="Nobody is called eve"):
        call_command("unblock", "eve")


def test_only_old_counts_of_open_doors_are_forgotten(db: None) -> None:
    old = timezone.now() - throttle.THROTTLES_KEPT_FOR - timedelta(hours=1)
    Throttle.objects.create(door="password:made-up:unknown-device", failures=3, tried_at=old)
    Throttle.objects.create(door="password:ada:unknown-device", failures=3, tried_at=timezone.now())
    Throttle.objects.create(door="password:ben:x", failures=throttle.FAILURES_UNTIL_SHUT, tried_at=old)
    assert throttle.forget_old() == 1
    assert set(Throttle.objects.values_list("door", flat=True)) == {"password:ada:unknown-device", "password:ben:x"}
