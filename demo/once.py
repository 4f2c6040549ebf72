"""The main road, once, through the real pages: every kind of recipient, a refusal, a try at one's own request."""

import os
import secrets
import sys
import time
from dataclasses import dataclass, field
from decimal import Decimal

import django
import requests

from demo.browser import Browser, Page

ANSWERED_WITHIN = 60.0  # seconds for a worker's answer
ACCEPTED, REFUSED, ARRIVED = "submitted", "refused", "completed"


@dataclass
class RoadWithdrawal:
    """One withdrawal of the road: what is asked for, what is expected, and what happened."""

    address: str  # the label of the entry
    coin: str
    amount: str
    expected: str
    code: str = ""
    requester: str = "ada"
    approvers: list[str] = field(default_factory=list)
    path: str = ""
    facts: dict[str, str] = field(default_factory=dict)
    complaint: str = ""

    @property
    def reference(self) -> str:
        """Our reference, as the provider was told it; "" before the request is raised."""
        return self.facts.get("reference", "")


LINES = [
    RoadWithdrawal("Acme settlement", "USDT", "1250.00", ACCEPTED),
    RoadWithdrawal("Ivy Clarke, contractor", "USDT", "310.5", ACCEPTED),
    RoadWithdrawal("Market maker", "BTC", "0.02500001", ACCEPTED),
    RoadWithdrawal("Acme TRON wallet", "USDT", "1000", ACCEPTED),
    RoadWithdrawal("Acme cold wallet", "ETH", "1.000000000000001", ACCEPTED),
    RoadWithdrawal("Acme TRON wallet", "USDT", "9999999", REFUSED, code="40008", requester="ben"),
]


class Road:
    """The people's browsers, and the steps that they take."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self.browsers: dict[str, Browser] = {}

    def sign_in(self, name: str) -> None:
        """Sign the person in with password and code, through the page. Raises SystemExit."""
        from demo.cast import PASSWORD

        browser = Browser(self.base_url)
        page = browser.open("/login/")
        page = browser.submit(page, username=name, password=PASSWORD, code=code_of(name))
        if page.status != 200 or "/login/" in page.url:
            raise SystemExit(f"{name} could not sign in: {page.text[:400]}")
        self.browsers[name] = browser

    def propose_and_activate(self) -> str:
        """A new address: ada proposes it, kim activates it. Returns what went wrong, if anything."""
        ada, kim = self.browsers["ada"], self.browsers["kim"]
        page = ada.open("/payouts/address/propose/?account=treasury")
        entry = {
            "kind": "uid",
            "address": str(secrets.randbelow(10**9) + 10**9),
            "coins": "USDT",
            "label": "New partner",
        }
        page = ada.submit(page, owner="Partner GmbH", area_code="", **entry)
        if page.status != 200 or page.facts.get("status") != "proposed":
            return f"not proposed: {page.status}"
        path = page.url.removeprefix(self.base_url)
        page = kim.submit(kim.open(path + "activate/"), code=code_of("kim"))
        return "" if page.facts.get("status") == "active" else f"not activated: {page.status}"

    def raise_request(self, line: RoadWithdrawal) -> None:
        """Fill in the form, look at the preview, raise. What goes wrong is the line's complaint."""
        from payouts.models import Address

        entry = Address.objects.active().get(label=line.address)
        browser = self.browsers[line.requester]
        page = browser.open(f"/payouts/withdrawal/new/{entry.pk}/")
        fields = {"coin": line.coin, "amount": line.amount, "purpose": "The demo's main road"}
        preview = browser.submit(page, invoice_reference="", remark="", **fields)
        page = browser.submit(preview, **{"raise": "1"})
        line.path = page.url.removeprefix(self.base_url)
        line.facts = page.facts
        if page.facts.get("status") != "awaiting_approval":
            line.complaint = f"not raised: HTTP {page.status} {page.text[:300]}"

    def approve(self, line: RoadWithdrawal, name: str) -> Page:
        """Approve on the confirmation page with a fresh code; the page that answers."""
        browser = self.browsers[name]
        page = browser.open(line.path + "approve/")
        page = browser.submit(page, code=code_of(name))
        if page.status == 200 and "/approve/" not in page.url:
            line.approvers.append(name)
        else:
            line.complaint = f"{name} could not approve: HTTP {page.status} {page.text[:300]}"
        return page

    def attempt_own(self, line: RoadWithdrawal) -> str:
        """The requester, who may approve others' requests, tries their own. Returns what went wrong, if anything."""
        browser = self.browsers[line.requester]
        page = browser.open(line.path + "approve/")
        shown = dict(page.hidden)
        page.hidden["digest"] = shown.get("digest", "0" * 64)
        answer = browser.submit(page, code="123456")
        refused = answer.status == 409 and "Somebody else has to approve your request" in answer.text
        return "" if refused else f"HTTP {answer.status}"

    def wait_for_answer(self, line: RoadWithdrawal) -> None:
        """Look at the page until the provider has answered; a wrong answer is the line's complaint."""
        deadline = time.monotonic() + ANSWERED_WITHIN
        browser = self.browsers[line.requester]
        while time.monotonic() < deadline:
            line.facts = browser.open(line.path).facts
            if line.facts.get("status") in {ACCEPTED, ARRIVED, REFUSED, "unknown"}:
                break
            time.sleep(0.3)
        status = line.facts.get("status")
        got = ACCEPTED if status == ARRIVED else status, line.facts.get("error-code", "")
        if got != (line.expected, line.code) and not line.complaint:
            line.complaint = f"expected {line.expected} {line.code}, got {' '.join(map(str, got))}"

    def wait_for_arrival(self, line: RoadWithdrawal) -> None:
        """Look at the page until the provider's record has completed the withdrawal."""
        deadline = time.monotonic() + ANSWERED_WITHIN
        while line.facts.get("status") != ARRIVED and time.monotonic() < deadline:
            time.sleep(0.5)
            line.facts = self.browsers[line.requester].open(line.path).facts
        if line.facts.get("status") != ARRIVED and not line.complaint:
            line.complaint = f"not followed to its end, but {line.facts.get('status')}"

    def release_pause(self, account: str, name: str) -> str:
        """An administrator lets the account go on, with a reason and a code. Returns what went wrong, if anything."""
        from payouts.models import Pause

        pause = Pause.objects.open().filter(account__name=account).first()
        if pause is None:
            return "it was not paused"
        browser = self.browsers[name]
        page = browser.open(f"/payouts/pause/{pause.pk}/release/")
        answer = browser.submit(page, reason="The balance was topped up", code=code_of(name))
        pause.refresh_from_db()
        return "" if pause.released_at else f"HTTP {answer.status}"


def code_of(name: str) -> str:
    """A code that the person has not used; waits for the next one when there is none."""
    from demo.codes import next_code

    code = next_code(name, patience=35)
    if code is None:
        raise SystemExit(f"There was no one-time code for {name}.")
    return code


def _approvers(line: RoadWithdrawal, number: int) -> list[str]:
    """Two people, turn by turn, so that nobody waits long for a fresh code."""
    names = [name for name in ("carla", "dev", "emil", "ben") if name != line.requester]
    return [names[(2 * number) % len(names)], names[(2 * number + 1) % len(names)]]


def check_orders(lines: list[RoadWithdrawal], simulator_url: str, since: float) -> None:
    """Hold every line against what the provider booked since then: one order if accepted, none if refused."""
    session = requests.Session()
    session.trust_env = False
    orders = session.get(f"{simulator_url}/orders.json", timeout=10).json()["orders"]
    booked = [
        (o["coin"], Decimal(o["amount"]), o["address"]) for o in orders if o["booked"] and o["received_at"] > since
    ]
    for line in lines:
        order = line.coin, Decimal(line.amount), line.facts.get("address", "")
        wanted = 1 if line.expected == ACCEPTED else 0
        if booked.count(order) != wanted and not line.complaint:
            line.complaint = f"the provider booked it {booked.count(order)} times"


def report(lines: list[RoadWithdrawal]) -> None:
    """The table of what happened."""
    head = f"{'Payee':<24} {'Amount':>22} {'Approved by':<13} {'Reference':<33} {'Answer':<10} Id or code"
    print(head, "-" * len(head), sep="\n")
    for line in lines:
        outcome = line.facts.get("withdrawal-id") or line.facts.get("error-code") or "(gives no id)"
        money = f"{line.amount} {line.coin}"
        people = ", ".join(line.approvers)
        answer = line.facts.get("status", "?")
        print(f"{line.address:<24} {money:>22} {people:<13} {line.reference:<33} {answer:<10} {outcome}")
        if line.complaint:
            print(f"    NOT AS IT SHOULD BE: {line.complaint}")


def walk(road: Road) -> dict[str, str]:
    """Take every step; what went wrong in steps that are no withdrawal's, by what they should have shown."""
    for name in ("ada", "ben", "carla", "dev", "emil", "kim", "rosa"):
        road.sign_in(name)
    complaints = {"a new address was proposed and activated": road.propose_and_activate()}
    for number, line in enumerate(LINES):
        road.raise_request(line)
        if line.requester == "ben":
            complaints["the requester's own approval was refused"] = road.attempt_own(line)
        for name in _approvers(line, number):
            road.approve(line, name)
    for line in LINES:
        road.wait_for_answer(line)
    for line in LINES:
        if line.facts.get("withdrawal-id"):
            road.wait_for_arrival(line)
    what = "the account that was short of money was paused and released"
    complaints[what] = road.release_pause("merchant", "rosa")
    return complaints


def main(base_url: str, simulator_url: str) -> int:
    """0 when every line ended as it should and every other step went well, else 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    django.setup()
    begun = time.time()
    complaints = walk(Road(base_url))
    check_orders(LINES, simulator_url, begun)
    report(LINES)
    for what, complaint in complaints.items():
        print(f"{'ok' if not complaint else 'NOT OK'}: {what} {complaint}")
    wrong = [line for line in LINES if line.complaint]
    return 1 if wrong or any(complaints.values()) else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
