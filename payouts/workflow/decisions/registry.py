"""The kinds of proposal, one line each."""

from collections.abc import Mapping
from typing import Any

from payouts.workflow.days.sign_off import SIGN_OFF
from payouts.workflow.decisions.kind import Kind
from payouts.workflow.recipients.activation import ADDRESS
from payouts.workflow.sending.identity import IDENTITY
from payouts.workflow.stopping.release import RELEASE
from payouts.workflow.unknown.confirmation import RESOLUTION
from payouts.workflow.unknown.lost_call import LOST_CALL
from payouts.workflow.withdrawals.approval import WITHDRAWAL

KINDS: Mapping[str, Kind[Any]] = {
    kind.name: kind for kind in (WITHDRAWAL, ADDRESS, RESOLUTION, RELEASE, SIGN_OFF, IDENTITY, LOST_CALL)
}
