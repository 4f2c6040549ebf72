"""Who an account is at its provider, and what follows when that changes. Facts in, verdict out.

A name in the environment is ours and can be given to anything. What makes two calls calls of one account is the
provider, the host that is asked, the customer that pays, and the key that signs.
"""

from dataclasses import asdict, dataclass

from payouts.domain.canonical import canonical, digest
from payouts.domain.decisions import deciding
from payouts.domain.decisions.deciding import Words
from payouts.domain.decisions.proposal import ProposalFacts
from payouts.domain.errors import Objection
from payouts.domain.people.roles import Act, Person, first, role_objection
from payouts.domain.sending.customers import Customer, same

SHOWN = 16  # digits of a key's fingerprint that people compare


@dataclass(frozen=True)
class Identity:
    """Who an account is: as its row says it, or as the environment of one process does."""

    provider: str
    host: str  # scheme, host and port
    customer: str  # who we are at the provider; empty where nobody said
    key_fingerprint: str  # see `key_fingerprint`

    @property
    def at_provider(self) -> Customer:
        """Who it is, whatever the key and the host."""
        return Customer(self.provider, self.customer)

    def digest(self) -> str:
        """One text for all of it, to be compared and stored."""
        return digest(canonical(asdict(self)))


@dataclass(frozen=True)
class ChangeFacts:
    """What the rules need to know of a proposed change, read under the account's lock."""

    now: Identity  # the account's
    before: Identity  # the account's when it was proposed
    after: Identity
    proposal: ProposalFacts


def key_fingerprint(*, provider: str, key: str, secret: str) -> str:
    """What stands in the database instead of a key: SHA-256 in hex.

    The secret is part of it for two reasons. Another secret for the same key is another key: somebody changed it. And
    a key alone can be guessed from its fingerprint, since a merchant code has six digits. Nobody guesses the secret: a
    provider issues 32 random characters and more. So the fingerprint may be shown, stored and compared.
    """
    return digest(canonical({"provider": provider, "key": key, "secret": secret}))


def in_groups(fingerprint: str) -> str:
    """As much of a key's fingerprint as people compare, four digits at a time."""
    return " ".join(fingerprint[start : start + 4] for start in range(0, SHOWN, 4))


def differences(one: Identity, other: Identity) -> tuple[str, ...]:
    """What is not the same, in people's words."""
    pairs = {
        "provider": (one.provider, other.provider),
        "host": (one.host, other.host),
        "customer": (one.customer, other.customer),
        "key": (one.key_fingerprint, other.key_fingerprint),
    }
    return tuple(name for name, (its, others) in pairs.items() if its != others)


def may_use(account: Identity, here: Identity) -> Objection | None:
    """Why a process whose environment says `here` may ask nothing of the account's provider; None when it may."""
    differ = differences(account, here)
    if not differ:
        return None
    message = f"This process has another {' and another '.join(differ)} for the account than people accepted."
    return Objection("identity_differs", message)


def may_propose(
    before: Identity, after: Identity, *, said: bool | None, is_waiting: bool, key_is_taken: bool
) -> Objection | None:
    """Why the change may not be proposed; None when it may. `said` is what people say of the customer."""
    known = same(before.at_provider, after.at_provider)
    return first(
        [
            Objection("nothing_differs", "The environment says of the account what is accepted already.")
            if not differences(before, after)
            else None,
            Objection("another_provider", "An account stays with its provider. Give the new one another name.")
            if before.provider != after.provider
            else None,
            Objection("key_taken", "Another account has this key. One key has one name.") if key_is_taken else None,
            Objection("proposed_already", "A change of this account waits for its decision already.")
            if is_waiting
            else None,
            Objection("customer_unsaid", "Say whether it is the same customer: the URLs do not.")
            if known is None and said is None
            else None,
            Objection("customers_contradict", "The two URLs say otherwise of the customer.")
            if known is not None and said is not None and known != said
            else None,
        ]
    )


def ends_requests(before: Identity, after: Identity, *, is_same_customer: bool) -> bool:
    """Whether what is open has to be asked for anew: its order names another host or customer than it would be sent to.

    With another key of the same customer everything that was approved is still true.
    """
    return not is_same_customer or (before.host, before.customer) != (after.host, after.customer)


def may_accept(facts: ChangeFacts, person: Person, *, shown_digest: str) -> Objection | None:
    """Why this person may not accept the change; None when they may."""
    return deciding.may_approve(
        facts.proposal, person, Words(Act.ACCEPT_IDENTITY), shown_digest=shown_digest, now=[_moved(facts)]
    )


def may_decline(facts: ChangeFacts, person: Person) -> Objection | None:
    """Why this person may not decline it; None when they may."""
    return first([role_objection(person, Act.DECLINE_IDENTITY), deciding.closed(facts.proposal)])


def _moved(facts: ChangeFacts) -> Objection | None:
    if facts.now == facts.before:
        return None
    return Objection("identity_moved", "The account was changed since this was proposed. Decline it; propose it anew.")
