"""Who may open which address: the site's own list of addresses against one table. A new address without a row fails."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse

from payouts.domain.people.roles import Role
from payouts.models import Account, Address, Withdrawal
from payouts.workflow.recipients import address_book
from payouts.workflow.stopping.pause import pause_account
from tests.conftest import SignIn
from tests.props.accounts.identities import another_key
from tests.props.cast import Cast, person_with, proposal, raised
from tests.props.days import covering, days_ago, orphan_of
from tests.props.findings import PICTURE, lost, proposed
from tests.props.rows.lost import lost_call, lost_finding_row, over
from tests.props.rows.sql import insert

pytestmark = pytest.mark.django_db

R, P, K, U, A = Role.REQUESTER, Role.APPROVER, Role.KEEPER, Role.AUDITOR, Role.ADMINISTRATOR
ALL = {R, P, K, U, A}
PAYING = {R, P, K, U}


@dataclass(frozen=True)
class Row:
    """What a GET answers to these roles; everybody else gets 403, or what `others` says."""

    answer: int
    roles: set[Role]
    others: int = 403


# name of the address -> who gets what
TABLE: dict[str, Row] = {
    "index": Row(200, ALL),
    "login": Row(302, ALL, others=200),
    "logout": Row(405, ALL, others=405),
    "enrol": Row(302, ALL),
    "enrol_begin": Row(302, ALL),
    "enrol_qr": Row(302, ALL),
    "security": Row(200, ALL),
    "password_change": Row(200, ALL),
    "recovery_codes": Row(200, ALL),
    "authenticator_change": Row(200, ALL),
    "authenticator_new": Row(302, ALL),
    "end_other_sessions": Row(405, ALL),
    "payouts_withdrawal_changelist": Row(200, PAYING),
    "payouts_withdrawal_new": Row(200, {R}),
    "payouts_withdrawal_change": Row(200, PAYING),
    "payouts_withdrawal_approve": Row(200, {P}),
    "payouts_withdrawal_reject": Row(200, {P}),
    "payouts_withdrawal_cancel": Row(200, PAYING),  # only to the person who asked it offers the form
    "payouts_address_changelist": Row(200, PAYING),
    "payouts_address_propose": Row(200, {R, K}),
    "payouts_address_change": Row(200, PAYING),
    "payouts_address_activate": Row(200, {K}),
    "payouts_address_decline": Row(200, {K}),  # and to the proposer
    "payouts_address_revoke": Row(200, {K}),
    "payouts_resolution_changelist": Row(200, PAYING),
    "payouts_resolution_accepted": Row(200, PAYING),
    "payouts_resolution_propose": Row(200, {R, P}),
    "payouts_resolution_change": Row(200, PAYING),
    "payouts_resolution_confirm": Row(200, {P}),
    "payouts_resolution_decline": Row(200, {P}),  # and to the one who found it
    "payouts_lostcall_changelist": Row(200, PAYING),
    "payouts_lostcall_change": Row(200, PAYING),
    "payouts_lostcall_say": Row(200, {R, P}),
    "payouts_lostcall_try": Row(200, {R, P}),
    "payouts_lostfinding_change": Row(200, PAYING),
    "payouts_lostfinding_confirm": Row(200, {P}),
    "payouts_lostfinding_decline": Row(200, {P}),  # and to the one who found it
    "payouts_evidence_download": Row(200, PAYING),
    "payouts_reconciliation": Row(200, PAYING),
    "payouts_day_change": Row(200, PAYING),
    "payouts_day_sign-off": Row(200, {P, U}),
    "payouts_orphan_changelist": Row(200, PAYING),
    "payouts_orphan_change": Row(200, PAYING),
    "payouts_orphan_close": Row(200, {P}),
    "payouts_statement_changelist": Row(200, PAYING),
    "payouts_statement_new": Row(200, {R, P}),
    "payouts_statement_map": Row(404, {R, P}),  # somebody else's file
    "payouts_statement_change": Row(200, PAYING),
    "payouts_account_changelist": Row(200, ALL),
    "payouts_account_change": Row(200, ALL),
    "payouts_account_pause": Row(200, ALL - {U}),
    "payouts_identitychange_changelist": Row(200, ALL),
    "payouts_identitychange_change": Row(200, ALL),
    "payouts_identitychange_accept": Row(200, {A}),
    "payouts_identitychange_decline": Row(200, {A}),
    "payouts_pause_changelist": Row(200, ALL),
    "payouts_pause_everything": Row(200, ALL - {U}),
    "payouts_pause_change": Row(200, ALL),
    "payouts_pause_release": Row(200, {P, A}),
    "payouts_asset_changelist": Row(200, ALL),
    "payouts_auditevent_changelist": Row(200, {U}),
    "auth_user_changelist": Row(200, {U, A}),
    "auth_user_invite": Row(200, {A}),
    "auth_user_change": Row(200, {U, A}),
    "auth_user_roles": Row(200, {A}),
    "auth_user_unblock": Row(200, {A}),
    "auth_user_end-sessions": Row(200, {A}),
    "auth_user_deactivate": Row(200, {A}),
    "auth_user_reactivate": Row(200, {A}),
    "": Row(404, ALL),  # everything else below the site
    "admin_password_reset": Row(200, ALL, others=200),
    "password_reset_done": Row(200, ALL, others=200),
    "password_reset_confirm": Row(410, ALL, others=410),  # no such link
    "password_reset_complete": Row(200, ALL, others=200),
}


def patterns() -> Iterator[URLPattern]:
    waiting: list[Any] = list(get_resolver().url_patterns)
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, URLResolver):
            waiting += entry.url_patterns
        else:
            yield entry


@pytest.fixture
def subjects(cast: Cast, payee: Address) -> dict[str, Any]:
    """What the addresses with a place for something are about."""
    finding = lost_finding_row(over(cast, payee), cast.second_requester)
    insert("lostfinding", **finding)
    return {
        "payouts_withdrawal": raised(cast, payee).pk,
        "payouts_withdrawal_new": payee.pk,
        "payouts_address": address_book.propose(proposal(payee.account), by=cast.second_requester).pk,
        "payouts_resolution": (found := proposed(cast, lost(cast, payee), attachment=PICTURE)).pk,
        "payouts_lostcall": lost_call(payee.account).pk,
        "payouts_lostfinding": finding["id"],
        "payouts_evidence": found.evidence_id,
        "payouts_day": f"treasury/{days_ago(1)}",
        "payouts_orphan": orphan_of(payee.account).pk,
        "payouts_statement": covering(Account.objects.get(name="merchant"), cast.requester, days_ago(1)).pk,
        "payouts_statement_map": found.evidence_id,
        "payouts_account": payee.account_id,
        "payouts_identitychange": another_key(payee.account).pk,
        "payouts_pause": pause_account(payee.account_id, reason="Looking into it", by=cast.keeper).pk,
        "auth_user": cast.second_requester.pk,
    }


def path_of(name: str, subjects: dict[str, Any]) -> str:
    """The address of that name."""
    if not name:
        return "/no/such/page/"
    if name == "password_reset_confirm":
        return reverse(name, args=["1", "1"])
    namespace = "" if name.startswith(("password_reset", "admin_password")) else "admin:"
    try:
        return reverse(namespace + name)
    except NoReverseMatch:
        return reverse(namespace + name, args=[subjects.get(name) or subjects[name.rpartition("_")[0]]])


def visitors(cast: Cast, sign_in: SignIn) -> Iterator[tuple[frozenset[Role], Client]]:
    """One person per role, and two without any."""
    for role in Role:
        yield frozenset({role}), sign_in(person_with(f"only-{role.name.lower()}", role))
    for user in (cast.outsider, cast.superuser):
        yield frozenset(), sign_in(user)


def test_every_address_of_the_site_has_a_row_and_every_row_an_address() -> None:
    assert {pattern.name or "" for pattern in patterns()} == set(TABLE)


def test_everybody_gets_what_the_table_says(cast: Cast, subjects: dict[str, Any], sign_in: SignIn) -> None:
    surprises = []
    for roles, client in visitors(cast, sign_in):
        for name, row in TABLE.items():
            expected = row.answer if roles & row.roles else row.others
            found = client.get(path_of(name, subjects)).status_code
            if found != expected:
                surprises.append((name, *roles, found, expected))
    assert surprises == []


def test_whoever_may_not_read_may_not_post(cast: Cast, subjects: dict[str, Any], sign_in: SignIn) -> None:
    surprises = []
    for roles, client in visitors(cast, sign_in):
        for name, row in TABLE.items():
            if row.others == 403 and not roles & row.roles:
                found = client.post(path_of(name, subjects), {"reason": "because", "code": "000000"}).status_code
                if found != 403:
                    surprises.append((name, *roles, found))
    assert surprises == []


def test_roles_add_up(cast: Cast, subjects: dict[str, Any], sign_in: SignIn) -> None:
    client = sign_in(person_with("both", Role.APPROVER, Role.ADMINISTRATOR))
    for name, row in TABLE.items():
        expected = row.answer if {P, A} & row.roles else row.others
        assert client.get(path_of(name, subjects)).status_code == expected, name


def test_being_staff_or_having_djangos_own_permissions_opens_nothing(
    cast: Cast, subjects: dict[str, Any], sign_in: SignIn
) -> None:
    from django.contrib.auth.models import Permission

    User.objects.filter(pk=cast.outsider.pk).update(is_staff=True)
    cast.outsider.user_permissions.set(Permission.objects.all())
    client = sign_in(User.objects.get(pk=cast.outsider.pk))
    for name, row in TABLE.items():
        assert client.get(path_of(name, subjects)).status_code == row.others, name


DJANGOS_OWN = (
    "add/", "{pk}/change/", "{pk}/delete/", "{pk}/history/", "{pk}/password/", "autocomplete/", "export/",
)  # fmt: skip


@pytest.mark.parametrize("path", ["jsi18n/", "autocomplete/", "password_change/", "password_change/done/",
                                  "r/1/1/", "payouts/", "auth/", "auth/group/", "otp_totp/totpdevice/",
                                  "otp_static/staticdevice/", "procrastinate/procrastinatejob/", "admin/",
                                  "sessions/", "doc/", "i18n/setlang/"])  # fmt: skip
def test_what_django_would_offer_and_we_do_not_is_not_there(path: str, sign_in: SignIn) -> None:
    client = sign_in(person_with("ada", *Role))
    assert client.get(f"/{path}").status_code == 404
    assert client.post(f"/{path}").status_code == 404


@pytest.mark.parametrize("model", ["payouts/withdrawal", "payouts/address", "payouts/account", "payouts/asset",
                                   "payouts/auditevent", "auth/user", "payouts/resolution",
                                   "payouts/evidence"])  # fmt: skip
def test_nothing_is_added_changed_or_deleted_by_djangos_own_pages(
    model: str, cast: Cast, payee: Address, sign_in: SignIn
) -> None:
    raised(cast, payee)
    client = sign_in(person_with("ada", *Role))
    for pk in (Withdrawal.objects.get().pk, payee.pk, payee.account_id, cast.keeper.pk):
        for path in DJANGOS_OWN:
            assert client.get(f"/{model}/{path.format(pk=pk)}").status_code == 404
            assert client.post(f"/{model}/{path.format(pk=pk)}").status_code == 404
