"""Tables, named constraints and querysets that speak as operators do. Rows are written by `workflow` only."""

from payouts.models.account import Account, Asset
from payouts.models.address import Address
from payouts.models.approval import Approval
from payouts.models.audit import AuditEvent
from payouts.models.authenticator import Authenticator, RecoveryDevice
from payouts.models.pause import Pause, Release
from payouts.models.person import hold, person
from payouts.models.presence import PresenceProof
from payouts.models.record import Look, ProviderRecord
from payouts.models.resolution import Resolution, ResolutionLine
from payouts.models.review import Orphan, SignOff
from payouts.models.session import PersonSession
from payouts.models.statement import Evidence, Statement
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
    "Evidence",
    "Look",
    "Orphan",
    "Pause",
    "PersonSession",
    "PresenceProof",
    "ProviderRecord",
    "RecoveryDevice",
    "Release",
    "Resolution",
    "ResolutionLine",
    "SignOff",
    "Statement",
    "Submission",
    "Throttle",
    "Withdrawal",
    "hold",
    "person",
]
