"""Tables, named constraints and querysets that speak as operators do. Rows are written by `workflow` only."""

from payouts.models.audit import AuditEvent
from payouts.models.days.review import Orphan, SignOff
from payouts.models.days.statement import Evidence, Statement
from payouts.models.decisions.approval import Approval
from payouts.models.decisions.presence import PresenceProof
from payouts.models.decisions.proposal import Proposal
from payouts.models.people.authenticator import Authenticator, RecoveryDevice
from payouts.models.people.authority import Authority
from payouts.models.people.person import hold, hold_as_they_are, person
from payouts.models.people.session import PersonSession
from payouts.models.people.throttle import Throttle
from payouts.models.recipients.address import Address
from payouts.models.sending.account import Account, Asset
from payouts.models.sending.identity import IdentityChange
from payouts.models.sending.lost_call import LostCall
from payouts.models.sending.submission import Submission
from payouts.models.sending.witness_link import WitnessLink
from payouts.models.stopping.pause import Pause
from payouts.models.unknown.lost import LostFinding, LostProof
from payouts.models.unknown.record import Look, ProviderRecord
from payouts.models.unknown.resolution import Resolution, ResolutionLine
from payouts.models.withdrawals.withdrawal import Withdrawal

__all__ = [
    "Account",
    "Address",
    "Approval",
    "Asset",
    "AuditEvent",
    "Authenticator",
    "Authority",
    "Evidence",
    "IdentityChange",
    "Look",
    "LostCall",
    "LostFinding",
    "LostProof",
    "Orphan",
    "Pause",
    "PersonSession",
    "PresenceProof",
    "Proposal",
    "ProviderRecord",
    "RecoveryDevice",
    "Resolution",
    "ResolutionLine",
    "SignOff",
    "Statement",
    "Submission",
    "Throttle",
    "Withdrawal",
    "WitnessLink",
    "hold",
    "hold_as_they_are",
    "person",
]
