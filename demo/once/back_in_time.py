"""The second road: the database goes back in time, and people bring it to its end, through the real pages.

A payment leaves and a rejection is said; then a backup from before both is put back. The witness has to find that out.
"""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from demo.once.browser import Browser
from demo.once.road import ACCEPTED, ARRIVED, REJECTED, Road, RoadWithdrawal, code_of
from demo.simulator.pages.going_back import KEEP, PUT_BACK

if TYPE_CHECKING:
    from payouts.models import Pause

FOUND_WITHIN = 90.0  # seconds; it takes a few
PAYMENT = RoadWithdrawal("Acme TRON wallet", "USDT", "777", ARRIVED)
STOPPED = RoadWithdrawal("Acme settlement", "USDT", "555", REJECTED)
CARD = "The database goes back in time"
LINES = [PAYMENT, STOPPED]


def is_offered(simulator_url: str) -> bool:
    """Whether the database here can be put back: it is the demo's own, and not one that DATABASE_URL named."""
    return CARD in Browser(simulator_url).open("/rehearse").text


def walk(road: Road, simulator_url: str) -> dict[str, str]:
    """Take every step; what went wrong, by what it should have shown."""
    machine = Browser(simulator_url)
    road.sign_in("theo")
    for line, approver in ((PAYMENT, "carla"), (STOPPED, "dev")):
        road.raise_request(line)
        road.approve(line, approver)
    _have(machine, KEEP, "Backup of")
    road.approve(PAYMENT, "emil")
    road.wait_for_answer(PAYMENT, ACCEPTED)
    road.reject(STOPPED, "ben")
    complaints = {"the witness was told of a payment and a rejection": _wait(is_all_told)}
    _have(machine, PUT_BACK, "went back to")
    return complaints | _bring_to_its_end(road)


def _bring_to_its_end(road: Road) -> dict[str, str]:
    """What the runbook says, in its order."""
    found = "the witness noticed that the database went back, and everything was paused"
    complaint = not_found()
    if complaint:
        return {found: complaint}
    road.reject(STOPPED, "ben")
    road.sign_in("emil")  # an approval gives a new session, and his was lost with it
    return {
        found: "",
        "the pause shows the payment that was lost": road.look_for(pause_page(), PAYMENT.path),
        "the unknown desk lists it": road.look_for("/payouts/resolution/", PAYMENT.path),
        "two people said what became of it": _resolve(road),
        "two people released the pause, and the witness was told": _release(road),
    }


def not_found() -> str:
    """Why it cannot be said that the loss was found; empty once everything is paused for it."""
    complaint = _wait(lambda: open_pause() is not None)
    return complaint and "the database went back, and nothing is paused"


def open_pause() -> "Pause | None":
    """The pause of everything because database and witness differ."""
    from payouts.domain.stopping.pausing import Cause
    from payouts.models import Pause

    return Pause.objects.open().filter(cause=Cause.OUT_OF_STEP, account=None).first()


def pause_page() -> str:
    """The path of its page."""
    pause = open_pause()
    return f"/payouts/pause/{pause.pk}/" if pause else "/payouts/pause/"


def is_all_told() -> bool:
    """Whether the witness knows the newest event of the trail."""
    from django.conf import settings

    from payouts.models import AuditEvent
    from payouts.witness.place import open_witness

    newest = AuditEvent.objects.order_by("-id").values_list("id", flat=True).first()
    return newest in open_witness(settings.WITNESS_URL).known().trail.ids


def _resolve(road: Road) -> str:
    """Dev has looked at the merchant's withdrawal record, and emil too. Returns what went wrong, if anything."""
    looked = time.strftime("%Y-%m-%dT%H:%M", time.gmtime())
    found = {f"found_as_{PAYMENT.reference}": "its line in the withdrawal record", "verdict": "paid", "propose": "1"}
    said = {"where_looked": "The merchant's withdrawal record", "looked_at": looked, "note": "It is listed as paid."}
    browser = road.browsers["dev"]
    form = browser.open(f"/payouts/resolution/propose/?withdrawal={PAYMENT.path.split('/')[-2]}")
    finding = browser.submit(form, **found, **said)
    confirming = road.browsers["emil"].open(finding.url.removeprefix(road.base_url) + "confirm/")
    answer = road.browsers["emil"].submit(confirming, code=code_of("emil"))
    PAYMENT.facts = browser.open(PAYMENT.path).facts
    return "" if PAYMENT.facts.get("status") == PAYMENT.expected else f"HTTP {answer.status}: {answer.text[:300]}"


def _release(road: Road) -> str:
    """Carla, an approver, and Theo, an administrator. Returns what went wrong, if anything."""
    pause = open_pause()
    if pause is None:
        return "it was not paused any more"
    for name in ("carla", "theo"):
        road.release(pause, name, "Looked at on both sides")
    pause.refresh_from_db()
    return _wait(lambda: is_released(pause)) if pause.released_at else "it is still paused"


def is_released(pause: "Pause") -> bool:
    """Whether the witness knows of the release, so that going back past it would be seen."""
    from django.conf import settings

    from payouts.witness.place import open_witness

    return pause.proposal_id in open_witness(settings.WITNESS_URL).known().released


def _have(machine: Browser, act: str, sign: str) -> None:
    """Press a button of the simulator's card, and wait until it was done. Raises SystemExit."""
    from django.db import connection

    answer = machine.send("/rehearse/going-back", act=act)
    if answer.status != 200 or _wait(lambda: sign in machine.open("/rehearse").text):
        raise SystemExit(f"The database could not be kept or put back ({act}): HTTP {answer.status}")
    connection.close()  # the server was stopped for it


def _wait(is_so: Callable[[], bool]) -> str:
    """Empty once it is so; a complaint when it does not come about. The database may be away meanwhile."""
    from django.db import Error, connection

    from payouts.domain.sending.witness import WitnessAway

    deadline = time.monotonic() + FOUND_WITHIN
    while time.monotonic() < deadline:
        try:
            if is_so():
                return ""
        except (Error, WitnessAway):
            connection.close()
        time.sleep(0.3)
    return f"not within {FOUND_WITHIN:g} s"
