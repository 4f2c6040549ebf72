"""The places that a person may go to; what one may not see is not offered."""

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse

from payouts.admin.shell.listing import person_of, user_of
from payouts.domain.people.roles import Act
from payouts.models import Withdrawal


@dataclass(frozen=True)
class Place:
    """One entry of the navigation."""

    title: str
    url: str
    is_here: bool
    badge: str = ""


_PLACES = [
    ("Withdrawals", "payouts_withdrawal_changelist", Act.VIEW_WITHDRAWALS),
    ("Unknown", "payouts_resolution_changelist", Act.PROPOSE_RESOLUTION),
    ("Reconciliation", "payouts_reconciliation", Act.VIEW_RECONCILIATION),
    ("Address book", "payouts_address_changelist", Act.VIEW_ADDRESSES),
    ("Accounts", "payouts_account_changelist", Act.VIEW_ACCOUNTS),
    ("People", "auth_user_changelist", Act.VIEW_PEOPLE),
    ("Audit trail", "payouts_auditevent_changelist", Act.VIEW_AUDIT),
]


def navigation(request: HttpRequest) -> list[Place]:
    """The desk, then each list that the person's roles include."""
    me = person_of(request)
    home = reverse("admin:index")
    places = [Place("Desk", home, request.path == home, _waiting(request))]
    for title, name, act in _PLACES:
        url = reverse(f"admin:{name}")
        if me.may(act):
            badge = _unknown() if title == "Unknown" else ""
            places.append(Place(title, url, request.path.startswith(url), badge))
    return places


def _waiting(request: HttpRequest) -> str:
    """How many withdrawals wait for this person's approval, as a badge; "" for none."""
    if not person_of(request).may(Act.APPROVE):
        return ""
    return _up_to_nine(Withdrawal.objects.approvable_by(user_of(request)))


def _unknown() -> str:
    """How many withdrawals are unknown, as a badge; "" for none."""
    return _up_to_nine(Withdrawal.objects.unknown())


def _up_to_nine(rows: QuerySet[Withdrawal]) -> str:
    number = len(rows.order_by().values_list("pk")[:10])
    return "" if number == 0 else "9+" if number > 9 else str(number)
