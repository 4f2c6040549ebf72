"""The main road: every kind of recipient, a refusal, a try at one's own request."""

from demo.once.road import ACCEPTED, REFUSED, Road, RoadWithdrawal

LINES = [
    RoadWithdrawal("Acme settlement", "USDT", "1250.00", ACCEPTED),
    RoadWithdrawal("Ivy Clarke, contractor", "USDT", "310.5", ACCEPTED),
    RoadWithdrawal("Market maker", "BTC", "0.02500001", ACCEPTED),
    RoadWithdrawal("Acme TRON wallet", "USDT", "1000", ACCEPTED),
    RoadWithdrawal("Acme cold wallet", "ETH", "1.000000000000001", ACCEPTED),
    RoadWithdrawal("Acme TRON wallet", "USDT", "9999999", REFUSED, code="40008", requester="ben"),
]


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


def _approvers(line: RoadWithdrawal, number: int) -> list[str]:
    """Two people, turn by turn, so that nobody waits long for a fresh code."""
    names = [name for name in ("carla", "dev", "emil", "ben") if name != line.requester]
    return [names[(2 * number) % len(names)], names[(2 * number + 1) % len(names)]]
