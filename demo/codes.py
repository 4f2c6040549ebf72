"""One-time codes for the demo's people, who have no phone; `script/demo code NAME` prints one. Never elsewhere."""

import time

from django.conf import settings
from django_otp.oath import TOTP

from payouts.domain.errors import CountersignError
from payouts.models import Authenticator

TIME_TO_USE = 8.0  # seconds for which a code has to be good, at least


class NotTheDemo(CountersignError):
    """This command works in the demo only: start script/demo, and leave DEMO unset everywhere else."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def refuse_outside_demo() -> None:
    """Raise NotTheDemo unless DEMO is on (which start-up checks forbid beside real accounts)."""
    if not settings.DEMO:
        raise NotTheDemo


def next_code(username: str, *, patience: float = 0) -> str | None:
    """A code that the person has not used yet; None when all that are valid now are used.

    Waits up to `patience` seconds for one. Raises Authenticator.DoesNotExist for unknown people.
    """
    refuse_outside_demo()
    deadline = time.monotonic() + patience
    while True:
        code = _unused(Authenticator.objects.get(user__username=username, confirmed=True))
        if code is not None or time.monotonic() > deadline:
            return code
        time.sleep(0.5)


def _unused(device: Authenticator) -> str | None:
    now = time.time()
    # One step to either side is accepted; but the code of the one before is good only until this one ends.
    ends_in = device.step - (now - device.t0) % device.step
    for steps in (-1, 0, 1) if ends_in >= TIME_TO_USE else (0, 1):
        totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
        totp.time = now + steps * device.step
        if totp.t() > device.last_t:
            return f"{totp.token():06d}"
    return None
