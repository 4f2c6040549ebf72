"""Housekeeping: ended sessions and old counts go, everything else stays."""

from datetime import timedelta

import pytest
from django.utils import timezone

from payouts.models import PersonSession, Throttle
from payouts.worker.housekeeping import tidy_up
from payouts.workflow.people import throttle

pytestmark = pytest.mark.django_db


def test_what_nobody_needs_goes_and_the_rest_stays() -> None:
    now = timezone.now()
    for key, end in (("ended", now - timedelta(seconds=1)), ("open", now + timedelta(minutes=5))):
        PersonSession.objects.create(session_key=key, session_data="", expire_date=end)
    for door, tried_at in (("password:old", now - 2 * throttle.THROTTLES_KEPT_FOR), ("password:new", now)):
        Throttle.objects.create(door=door, failures=1, tried_at=tried_at)
    assert tidy_up() == 2
    assert [session.session_key for session in PersonSession.objects.all()] == ["open"]
    assert [count.door for count in Throttle.objects.all()] == ["password:new"]
