"""What came of the roads: held against the provider's book, and printed."""

from collections.abc import Sequence
from decimal import Decimal

import requests

from demo.once.road import ACCEPTED, ARRIVED, RoadWithdrawal


def check_orders(lines: Sequence[RoadWithdrawal], simulator_url: str, since: float) -> None:
    """Hold every line against what the provider booked since then: one order if accepted, else none."""
    session = requests.Session()
    session.trust_env = False
    orders = session.get(f"{simulator_url}/orders.json", timeout=10).json()["orders"]
    booked = [
        (o["coin"], Decimal(o["amount"]), o["address"]) for o in orders if o["booked"] and o["received_at"] > since
    ]
    for line in lines:
        order = line.coin, Decimal(line.amount), line.facts.get("address", "")
        wanted = 1 if line.expected in {ACCEPTED, ARRIVED} else 0
        if booked.count(order) != wanted and not line.complaint:
            line.complaint = f"the provider booked it {booked.count(order)} times"


def report(lines: Sequence[RoadWithdrawal]) -> None:
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
