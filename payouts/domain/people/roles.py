"""Who may do which act at all. The rules about one thing are in its room."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from payouts.domain.errors import Objection


class Role(StrEnum):
    """The groups shipped with the product; one person may hold several."""

    REQUESTER = "Requesters"
    APPROVER = "Approvers"
    KEEPER = "Address keepers"
    AUDITOR = "Auditors"
    ADMINISTRATOR = "Administrators"


class Act(StrEnum):
    """Everything a person can do or look at. Being a superuser permits none of it."""

    RAISE = "raise"
    CANCEL = "cancel"
    APPROVE = "approve"
    REJECT = "reject"
    PROPOSE_ADDRESS = "propose_address"
    ACTIVATE_ADDRESS = "activate_address"
    DECLINE_ADDRESS = "decline_address"
    REVOKE_ADDRESS = "revoke_address"
    PROPOSE_RESOLUTION = "propose_resolution"
    CONFIRM_RESOLUTION = "confirm_resolution"
    PROPOSE_LOST_CALL = "propose_lost_call"
    CONFIRM_LOST_CALL = "confirm_lost_call"
    PAUSE = "pause"
    RELEASE = "release"
    ACCEPT_IDENTITY = "accept_identity"
    DECLINE_IDENTITY = "decline_identity"
    ADD_STATEMENT = "add_statement"
    CLOSE_ORPHAN = "close_orphan"
    SIGN_OFF = "sign_off"
    VIEW_WITHDRAWALS = "view_withdrawals"
    VIEW_ADDRESSES = "view_addresses"
    VIEW_ACCOUNTS = "view_accounts"
    VIEW_AUDIT = "view_audit"
    VIEW_RECONCILIATION = "view_reconciliation"
    VIEW_PEOPLE = "view_people"
    MANAGE_PEOPLE = "manage_people"


_PAYING = frozenset({Role.REQUESTER, Role.APPROVER, Role.KEEPER, Role.AUDITOR})
_EVERYBODY = frozenset(Role)

ROLES_FOR: dict[Act, frozenset[Role]] = {
    Act.RAISE: frozenset({Role.REQUESTER}),
    Act.CANCEL: frozenset({Role.REQUESTER}),
    Act.APPROVE: frozenset({Role.APPROVER}),
    Act.REJECT: frozenset({Role.APPROVER}),
    Act.PROPOSE_ADDRESS: frozenset({Role.REQUESTER, Role.KEEPER}),
    Act.ACTIVATE_ADDRESS: frozenset({Role.KEEPER}),
    Act.DECLINE_ADDRESS: frozenset({Role.KEEPER}),
    Act.REVOKE_ADDRESS: frozenset({Role.KEEPER}),
    Act.PROPOSE_RESOLUTION: frozenset({Role.REQUESTER, Role.APPROVER}),
    Act.CONFIRM_RESOLUTION: frozenset({Role.APPROVER}),
    Act.PROPOSE_LOST_CALL: frozenset({Role.REQUESTER, Role.APPROVER}),
    Act.CONFIRM_LOST_CALL: frozenset({Role.APPROVER}),
    Act.PAUSE: _EVERYBODY - {Role.AUDITOR},
    Act.RELEASE: frozenset({Role.APPROVER, Role.ADMINISTRATOR}),
    Act.ACCEPT_IDENTITY: frozenset({Role.ADMINISTRATOR}),
    Act.DECLINE_IDENTITY: frozenset({Role.ADMINISTRATOR}),
    Act.ADD_STATEMENT: frozenset({Role.REQUESTER, Role.APPROVER}),
    Act.CLOSE_ORPHAN: frozenset({Role.APPROVER}),
    Act.SIGN_OFF: frozenset({Role.APPROVER, Role.AUDITOR}),
    Act.VIEW_WITHDRAWALS: _PAYING,
    Act.VIEW_ADDRESSES: _PAYING,
    Act.VIEW_ACCOUNTS: _EVERYBODY,
    Act.VIEW_AUDIT: frozenset({Role.AUDITOR}),
    Act.VIEW_RECONCILIATION: _PAYING,
    Act.VIEW_PEOPLE: frozenset({Role.AUDITOR, Role.ADMINISTRATOR}),
    Act.MANAGE_PEOPLE: frozenset({Role.ADMINISTRATOR}),
}


@dataclass(frozen=True)
class Person:
    """Somebody who acts: the id and the roles, which is all that rules know of a person."""

    id: int
    roles: frozenset[Role]

    def may(self, act: Act) -> bool:
        """Whether one of the person's roles permits the act at all."""
        return bool(self.roles & ROLES_FOR[act])


NO_ROLE = Objection("no_role", "Your roles do not include this. Ask an administrator if they should.")


def role_objection(person: Person, act: Act) -> Objection | None:
    """No role of the person permits the act."""
    return None if person.may(act) else NO_ROLE


def first(objections: Iterable[Objection | None]) -> Objection | None:
    """The first thing there is to say against it."""
    return next((objection for objection in objections if objection is not None), None)
