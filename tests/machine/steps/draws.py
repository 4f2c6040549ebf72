"""What the machine draws from: who, where, how long, and what goes wrong."""

from hypothesis import strategies as st

from tests.machine.installation import ACCOUNTS, BLIND, PROVIDER
from tests.machine.steps.troubles import LOST, ON_CREATE, ON_RECORDS, ON_TIME, SAYS_NO, Trouble
from tests.props.boundaries import BOUNDARIES, Boundary

NUMBERS = st.integers(0, 11)
SELDOM = st.sampled_from([False] * 5 + [True])

# Mostly who may; sometimes somebody who may not.
REQUESTERS = st.sampled_from(["requester"] * 4 + ["second_requester"] * 2 + ["first_approver", "outsider"])
APPROVERS = st.sampled_from(
    ["first_approver", "second_approver", "third_approver"] * 3 + ["requester", "auditor", "superuser", "keeper"]
)
KEEPERS = st.sampled_from(["keeper", "second_keeper"] * 3 + ["requester", "administrator"])
RELEASERS = st.sampled_from(["administrator"] * 4 + ["second_administrator", "first_approver", "auditor"])
ANYBODY = st.sampled_from(["requester", "first_approver", "second_approver", "keeper", "administrator", "auditor"])

BOOKKEEPING = st.sampled_from(["propose", "activate", "activate", "revoke"])

# Seconds: before a call, before a look, after which a worker goes on, and any.
BRIEFLY = st.sampled_from([0, 0, 2, 20])
UNTIL_A_LOOK = st.sampled_from([0, 20, 40, 330, 330, 700])
HELD_UP = st.sampled_from([0, 2, 20, 100, 700])
LONG = st.sampled_from([1, 5, 20, 20, 40, 40, 100, 100, 100, 330, 330, 330, 700, 700, 1300, 1300, 3700, 7300, 90_000])

ACCOUNT = st.sampled_from(ACCOUNTS)
LOOK_TROUBLE = st.one_of(st.none(), st.none(), st.none(), st.sampled_from(ON_RECORDS))
CLOCK_TROUBLE = st.sampled_from([None] * 6 + ON_TIME)


# Nothing, whatever there is, or what leaves nobody knowing: those are the roads that matter most.
TROUBLE = {name: st.one_of(st.none(), st.sampled_from(ON_CREATE[name]), st.sampled_from(LOST)) for name in ON_CREATE}


def _call(account: str) -> st.SearchStrategy[tuple[str, Trouble | None]]:
    return st.tuples(st.just(account), TROUBLE[PROVIDER[account]])


RESEND_TROUBLE = st.one_of(TROUBLE["zoomex"], st.sampled_from(SAYS_NO))
CALLS = st.sampled_from([1, 1, 2, 3])
CALL = st.one_of(*map(_call, ACCOUNTS))  # an account, and what goes wrong with its next call
LOOK = st.tuples(st.sampled_from([name for name in ACCOUNTS if name != BLIND]), LOOK_TROUBLE)


def at(*words: str) -> st.SearchStrategy[Boundary]:
    """The boundaries with one of these words in their names."""
    return st.sampled_from([each for each in BOUNDARIES if any(word in each.step for word in words)])


def perhaps_at(*words: str) -> st.SearchStrategy[Boundary | None]:
    """The same, or nowhere."""
    return st.one_of(st.none(), st.none(), at(*words))
