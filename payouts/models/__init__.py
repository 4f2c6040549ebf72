"""Tables, named constraints and querysets that speak as operators do. Rows are written by `workflow` only."""

from payouts.models.account import Account, Asset
from payouts.models.address import Address
from payouts.models.approval import Approval
from payouts.models.audit import AuditEvent
from payouts.models.authenticator import Authenticator, RecoveryDevice
from payouts.models.person import person
from payouts.models.presence import PresenceProof
from payouts.models.session import PersonSession
from payouts.models.submission import Submission
from payouts.models.throttle import Throttle
from payouts.models.withdrawal import Withdrawal

__all__ = [
    "Account",
    "Address",
    "Approval",
    "Asset",
    "AuditEvent",
    "Authenticator",
    "PersonSession",
    "PresenceProof",
    "RecoveryDevice",
    "Submission",
    "Throttle",
    "Withdrawal",
    "person",
]
