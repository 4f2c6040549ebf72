"""The people of the demo at their browsers, and the steps that they take."""

import secrets
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from demo.once.browser import Browser, Page

if TYPE_CHECKING:
    from payouts.models import Pause

ANSWERED_WITHIN = 60.0  # seconds for a worker's answer
ACCEPTED, REFUSED, ARRIVED, REJECTED = "submitted", "refused", "completed", "rejected"


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

    def reject(self, line: RoadWithdrawal, name: str) -> None:
        """An approver says no, with a reason. What goes wrong is the line's complaint."""
        browser = self.browsers[name]
        page = browser.submit(browser.open(line.path + "reject/"), reason="The invoice was withdrawn")
        line.facts = browser.open(line.path).facts
        if line.facts.get("status") != REJECTED:
            line.complaint = f"{name} could not reject: HTTP {page.status} {page.text[:300]}"

    def look_for(self, path: str, words: str) -> str:
        """Somebody opens a page that has to say these words, or to lead there. Returns what went wrong, if anything."""
        page = self.browsers["carla"].open(path)
        return (
            ""
            if words in page.text or any(words in link for link in page.links)
            else f"HTTP {page.status}: {words} is not on {path}"
        )

    def wait_for_answer(self, line: RoadWithdrawal, expected: str = "") -> None:
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
        if got != (expected or line.expected, line.code) and not line.complaint:
            line.complaint = f"expected {expected or line.expected} {line.code}, got {' '.join(map(str, got))}"

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
        answer = self.release(pause, name, "The balance was topped up")
        pause.refresh_from_db()
        return "" if pause.released_at else f"HTTP {answer.status}"

    def release(self, pause: "Pause", name: str, reason: str) -> Page:
        """One person's yes to letting go on; the page that answers."""
        browser = self.browsers[name]
        page = browser.open(f"/payouts/pause/{pause.pk}/release/")
        return browser.submit(page, reason=reason, code=code_of(name))


def code_of(name: str) -> str:
    """A code that the person has not used; waits for the next one when there is none."""
    from demo.codes import next_code

    code = next_code(name, patience=35)
    if code is None:
        raise SystemExit(f"There was no one-time code for {name}.")
    return code
