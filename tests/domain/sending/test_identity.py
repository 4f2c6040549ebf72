"""Who an account is: what is the same, who may use and propose what, and what a change ends."""

from dataclasses import fields, replace
from itertools import product

import pytest

from payouts.domain.decisions.proposal import ProposalFacts, State
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Person, Role
from payouts.domain.sending import customers
from payouts.domain.sending.identity import (
    ChangeFacts,
    Identity,
    differences,
    ends_requests,
    in_groups,
    key_fingerprint,
    may_accept,
    may_decline,
    may_propose,
    may_use,
)

BEFORE = Identity("zoomex", "https://openapi.zoomex.com", "1000001", "a" * 64)
CHANGES = {
    "provider": "swapspace",
    "host": "https://openapi-testnet.zoomex.com",
    "customer": "1000002",
    "key_fingerprint": "b" * 64,
}
ROLES = frozenset({Role.ADMINISTRATOR})
ADMINISTRATOR = Person(7, ROLES)
OPEN = ProposalFacts(State.OPEN, None, frozenset(), ROLES, 2, {}, "d" * 64, "d" * 64)
FACTS = ChangeFacts(BEFORE, BEFORE, replace(BEFORE, key_fingerprint="b" * 64), OPEN)


def code(objection: Objection | None) -> str:
    return objection.code if objection else ""


def test_every_part_of_an_identity_is_among_these() -> None:
    assert set(CHANGES) == {field.name for field in fields(Identity)}


@pytest.mark.parametrize("name", CHANGES)
def test_whoever_has_another_part_of_it_may_not_use_it(name: str) -> None:
    other = replace(BEFORE, **{name: CHANGES[name]})
    assert differences(BEFORE, other) == (name.removesuffix("_fingerprint"),)
    assert code(may_use(BEFORE, other)) == "identity_differs"
    assert other.digest() != BEFORE.digest()


def test_whoever_has_the_same_may() -> None:
    assert may_use(BEFORE, replace(BEFORE)) is None


def test_a_fingerprint_is_of_provider_key_and_secret_and_of_nothing_else() -> None:
    said = {"provider": "zoomex", "key": "canary-key", "secret": "canary-secret"}
    first = key_fingerprint(**said)
    assert first == "b43d7ea96cdd038302c74ded5ea7f279adf1675eb9da3db4a78474a72ba325a2"
    assert len({first, *(key_fingerprint(**said | {name: "another"}) for name in said)}) == 4
    assert key_fingerprint(provider="p", key="ab", secret="c") != key_fingerprint(provider="p", key="a", secret="bc")


def test_people_compare_sixteen_digits() -> None:
    assert in_groups("0123456789abcdef" + "0" * 48) == "0123 4567 89ab cdef"


@pytest.mark.parametrize(
    ("old", "new", "same"), [("1", "1", True), ("1", "2", False), ("", "2", None), ("1", "", None), ("", "", None)]
)
def test_whether_it_is_the_same_customer_is_known_where_both_are_said(old: str, new: str, same: bool | None) -> None:
    before, after = replace(BEFORE, customer=old), replace(BEFORE, customer=new)
    assert customers.same(before.at_provider, after.at_provider) is same


@pytest.mark.parametrize(("host", "customer", "key", "same"), list(product([False, True], repeat=4)))
def test_what_was_approved_goes_on_only_at_the_same_host_for_the_same_customer(
    host: bool, customer: bool, key: bool, same: bool
) -> None:
    names = [n for n, changes in (("host", host), ("customer", customer), ("key_fingerprint", key)) if changes]
    after = replace(BEFORE, **{name: CHANGES[name] for name in names})
    assert ends_requests(BEFORE, after, is_same_customer=same) is (host or customer or not same)


UNSAID = replace(BEFORE, customer="")
PROPOSALS = [
    (BEFORE, BEFORE, None, {}, "nothing_differs"),
    (BEFORE, replace(BEFORE, provider="swapspace"), None, {}, "another_provider"),
    (BEFORE, FACTS.after, None, {"key_is_taken": True}, "key_taken"),
    (BEFORE, FACTS.after, None, {"is_waiting": True}, "proposed_already"),
    (UNSAID, replace(UNSAID, key_fingerprint="b" * 64), None, {}, "customer_unsaid"),
    (BEFORE, FACTS.after, False, {}, "customers_contradict"),
    (BEFORE, replace(BEFORE, customer="2"), True, {}, "customers_contradict"),
    (BEFORE, FACTS.after, None, {}, ""),
    (BEFORE, FACTS.after, True, {}, ""),
    (BEFORE, replace(BEFORE, customer="2"), False, {}, ""),
    (UNSAID, replace(UNSAID, key_fingerprint="b" * 64), True, {}, ""),
    (UNSAID, BEFORE, False, {}, ""),
]


@pytest.mark.parametrize(("before", "after", "said", "more", "expected"), PROPOSALS)
def test_who_may_propose_what(
    before: Identity, after: Identity, said: bool | None, more: dict[str, bool], expected: str
) -> None:
    facts = {"is_waiting": False, "key_is_taken": False} | more
    assert code(may_propose(before, after, said=said, **facts)) == expected


def test_administrators_accept_what_their_page_showed_while_the_account_is_what_it_was() -> None:
    shown = OPEN.digest
    assert may_accept(FACTS, ADMINISTRATOR, shown_digest=shown) is None
    assert code(may_accept(FACTS, ADMINISTRATOR, shown_digest="e" * 64)) == "stale_page"
    moved = replace(FACTS, now=replace(BEFORE, host="https://elsewhere"))
    assert code(may_accept(moved, ADMINISTRATOR, shown_digest=shown)) == "identity_moved"
    for role in set(Role) - ROLES:
        assert code(may_accept(FACTS, Person(8, frozenset({role})), shown_digest=shown)) == "no_role"
        assert code(may_decline(FACTS, Person(8, frozenset({role})))) == "no_role"


@pytest.mark.parametrize("state", [state for state in State if state is not State.OPEN])
def test_nobody_decides_it_twice(state: State) -> None:
    decided = replace(FACTS, proposal=replace(OPEN, state=state))
    assert code(may_accept(decided, ADMINISTRATOR, shown_digest=OPEN.digest)) == "already_decided"
    assert code(may_decline(decided, ADMINISTRATOR)) == "already_decided"
    assert may_decline(FACTS, ADMINISTRATOR) is None
