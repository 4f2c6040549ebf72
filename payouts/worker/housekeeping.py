"""What nobody needs any more: counts of failed sign-ins a month old, and sessions that have ended."""

from django.utils import timezone

from payouts.models import PersonSession
from payouts.workflow.people import throttle


def tidy_up() -> int:
    """Delete ended sessions and month-old counts of failed sign-ins; how many rows there were.

    Neither is a fact that anybody may ask for: such facts are kept for ever.
    """
    ended, _ = PersonSession.objects.filter(expire_date__lt=timezone.now()).delete()
    return ended + throttle.forget_old()
