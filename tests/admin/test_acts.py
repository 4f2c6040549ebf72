"""Every act on a withdrawal, an address and a person: by whom, in which status, with which code, and what refuses it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.db.models import Model
from django.utils import timezone

from payouts.audit import Event
from payouts.domain.roles import Act
from payouts.domain.status import AddressStatus, Status
from payouts.models import Address, PresenceProof, Withdrawal
from payouts.workflow import address_book
from tests.admin.pages import act_on, business, filled, hidden, objected_to, page_of, strict, words
from tests.backoffice.visits import wrong_code
from tests.cast import Cast, approve, code_of, proof_of, proposal, raised
from tests.conftest import SignIn
from tests.guards import forge
from tests.trail import told, unchanged

pytestmark = pytest.mark.django_db

NOBODY = UUID(int=7)


@dataclass(frozen=True)
class Case:
    """An act: on what, by whom, how its form is filled, what it is for, and what it does."""

    name: str
    on: str  # a fixture
    by: str  # of the cast
    statuses: frozenset[str]  # those that it is for
    result: str
    says: str
    event: Event
    fields: dict[str, str] = field(default_factory=dict)
    missing: Any = NOBODY

    def __str__(self) -> str:
        return f"{self.on}-{self.name}"


WAITING, APPROVED = Status.AWAITING_APPROVAL.value, Status.APPROVED.value
BEFORE_CLAIM = frozenset({WAITING, APPROVED})
REASON = {"reason": "The invoice was withdrawn"}
CODE = {"code": ""}

CASES = [
    Case("approve", "waiting", "first_approver", frozenset({WAITING}), WAITING, "Approved.",
         Event.WITHDRAWAL_APPROVED, CODE | {"digest": ""}),
    Case("reject", "waiting", "first_approver", BEFORE_CLAIM, "rejected", "Rejected.", Event.STATUS_MOVED, REASON),
    Case("cancel", "waiting", "requester", BEFORE_CLAIM, "cancelled", "Cancelled.", Event.STATUS_MOVED, REASON),
    Case("activate", "proposed", "keeper", frozenset({"proposed"}), "active", "Active.", Event.ADDRESS_ACTIVATED, CODE),
    Case("decline", "proposed", "keeper", frozenset({"proposed"}), "declined", "Declined.",
         Event.ADDRESS_DECLINED, REASON),
    Case("revoke", "payee", "keeper", frozenset({"active"}), "revoked", "Revoked.", Event.ADDRESS_REVOKED, REASON),
    Case("roles", "colleague", "administrator", frozenset({"in"}), "in", "Roles changed.",
         Event.ROLES_CHANGED, CODE | {"roles": "Auditors"}, missing=0),
    Case("unblock", "colleague", "administrator", frozenset({"in"}), "in", "Unblocked.",
         Event.SIGN_IN_UNBLOCKED, CODE, missing=0),
    Case("end-sessions", "colleague", "administrator", frozenset({"in", "out"}), "in", "Sessions ended",
         Event.SESSIONS_ENDED, missing=0),
    Case("deactivate", "colleague", "administrator", frozenset({"in"}), "out", "Deactivated.",
         Event.PERSON_DEACTIVATED, CODE, missing=0),
    Case("reactivate", "left", "administrator", frozenset({"out"}), "in", "Reactivated.",
         Event.PERSON_REACTIVATED, CODE, missing=0),
]  # fmt: skip
WITH_CODE = [case for case in CASES if "code" in case.fields]
WITH_REASON = [case for case in CASES if "reason" in case.fields]


@pytest.fixture
def waiting(cast: Cast, payee: Address) -> Withdrawal:
    """A withdrawal of the requester's that nobody has approved yet."""
    return raised(cast, payee)


@pytest.fixture
def proposed(cast: Cast, payee: Address) -> Address:
    """An entry that waits for its second person."""
    return address_book.propose(proposal(payee.account), by=cast.requester)


@pytest.fixture
def colleague(cast: Cast) -> User:
    """Somebody whom administrators look after."""
    return cast.second_requester


@pytest.fixture
def left(colleague: User) -> User:
    """Somebody who was deactivated."""
    User.objects.filter(pk=colleague.pk).update(is_active=False)
    return colleague


Thing = Callable[[Case], Model]


@pytest.fixture
def thing(request: pytest.FixtureRequest) -> Thing:
    """`thing(case)` is what the act is on."""

    def made(case: Case) -> Model:
        found = request.getfixturevalue(case.on)
        assert isinstance(found, Model)
        return found

    return made


def status_of(thing: Model) -> str:
    """Where it stands now."""
    thing.refresh_from_db()
    if isinstance(thing, User):
        return "in" if thing.is_active else "out"
    assert isinstance(thing, Withdrawal | Address)
    return thing.status


def put(thing: Model, status: str) -> None:
    """Set it to the status, past every guard."""
    if isinstance(thing, User):
        User.objects.filter(pk=thing.pk).update(is_active=status == "in")
    else:
        forge(thing, status=status, **(_columns(thing) if status in ("active", "refused") else {}))


def _columns(thing: Model) -> dict[str, Any]:
    """What the database wants to know besides."""
    if isinstance(thing, Withdrawal):
        return {"error_code": "10001"}
    keeper = User.objects.get(username="second_keeper")
    proof = proof_of(keeper, Act.ACTIVATE_ADDRESS, str(thing.pk))
    return {"activated_by": keeper, "activated_at": timezone.now(), "activation_proof": proof}


def form_of(case: Case, thing: Model, user: User) -> dict[str, str]:
    """The act's form, filled rightly."""
    fields = filled(user, case.fields)
    return fields | ({"digest": thing.digest} if isinstance(thing, Withdrawal) and "digest" in fields else {})


def all_statuses(case: Case) -> list[str]:
    """Every status that the act's thing can have."""
    if case.missing == 0:
        return ["in", "out"]
    return [s.value for s in (Status if case.on == "waiting" else AddressStatus)]


WRONG_STATUSES = [
    pytest.param(case, status, id=f"{case}-{status}")
    for case in CASES
    for status in all_statuses(case)
    if status not in case.statuses
]


# -- permitted --


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_act_is_done_and_leads_back_to_the_page(case: Case, cast: Cast, thing: Thing, sign_in: SignIn) -> None:
    it, user = thing(case), getattr(cast, case.by)
    client = sign_in(user)
    url = act_on(it, case.name)
    page = client.get(url)
    assert page.status_code == 200
    assert objected_to(page) == ""
    with told() as events:
        answer = client.post(url, hidden(page) | form_of(case, it, user))
    assert (answer.status_code, answer.get("Location")) == (302, page_of(it))
    assert case.says in words(client.get(page_of(it)))
    assert status_of(it) == case.result
    assert [(event.event, event.actor) for event in events] == [(case.event, user)]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_may_be_done_now_has_a_button_on_the_page(
    case: Case, cast: Cast, thing: Thing, sign_in: SignIn
) -> None:
    it, user = thing(case), getattr(cast, case.by)
    assert f'href="{act_on(it, case.name)}"' in sign_in(user).get(page_of(it)).content.decode()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_opening_an_act_changes_nothing(case: Case, cast: Cast, thing: Thing, sign_in: SignIn) -> None:
    it, user = thing(case), getattr(cast, case.by)
    client = sign_in(user)
    before = business()
    with told() as events:
        for method in (client.get, client.head, client.options):
            method(act_on(it, case.name), {"reason": "x" * 10, "code": code_of(user), "roles": "Auditors"})
    assert events == []
    assert business() == before


@pytest.mark.parametrize("case", WITH_CODE, ids=str)
def test_a_code_makes_the_session_a_new_one(case: Case, cast: Cast, thing: Thing, sign_in: SignIn) -> None:
    it, user = thing(case), getattr(cast, case.by)
    client = sign_in(user)
    before = client.session.session_key
    client.post(act_on(it, case.name), form_of(case, it, user))
    assert client.session.session_key != before
    assert client.get("/").status_code == 200


# -- by somebody else --


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_acts_without_signing_in(case: Case, method: str, thing: Thing, client: Any) -> None:
    it = thing(case)
    with unchanged():
        answer = getattr(client, method)(act_on(it, case.name), case.fields, secure=True)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/login/")


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_acts_without_a_role_for_it(
    case: Case, method: str, cast: Cast, thing: Thing, sign_in: SignIn
) -> None:
    it = thing(case)
    for name in ("auditor", "outsider", "superuser"):
        user = getattr(cast, name)
        if name == "auditor" and case.name == "cancel":
            continue  # not a matter of roles: only the person who asked can, and the page says so
        client = sign_in(user)
        before = business()
        with told() as events:
            answer = getattr(client, method)(act_on(it, case.name), form_of(case, it, user))
        assert answer.status_code == 403
        assert words(answer)
        assert business() == before
        assert [event.event for event in events][-1:] == [Event.ACCESS_DENIED]
        assert {event.event for event in events} <= {Event.ACCESS_DENIED, *OBJECTIONS}


OBJECTIONS = {
    Event.APPROVAL_OBJECTED,
    Event.REJECT_OBJECTED,
    Event.CANCEL_OBJECTED,
    Event.ADDRESS_OBJECTED,
    Event.PEOPLE_OBJECTED,
}


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_act_on_what_is_not_there_is_not_found(
    case: Case, method: str, cast: Cast, thing: Thing, sign_in: SignIn
) -> None:
    it = thing(case)
    url = act_on(it, case.name).replace(str(it.pk), str(case.missing))
    answer = getattr(sign_in(getattr(cast, case.by)), method)(url, case.fields)
    assert answer.status_code == 404


# -- at the wrong time --


@pytest.mark.parametrize(("case", "status"), WRONG_STATUSES)
def test_an_act_at_the_wrong_time_says_why_and_does_nothing(
    case: Case, status: str, cast: Cast, thing: Thing, sign_in: SignIn
) -> None:
    it, user = thing(case), getattr(cast, case.by)
    put(it, status)
    client, form = sign_in(user), form_of(case, it, user)
    shown = objected_to(client.get(act_on(it, case.name)))
    proofs = PresenceProof.objects.count()
    with told() as events:
        answer = client.post(act_on(it, case.name), form)
    assert answer.status_code == 409
    assert objected_to(answer) == shown
    assert shown.endswith(".")
    assert status_of(it) == status
    assert PresenceProof.objects.count() == proofs
    assert [event.event for event in events if event.event not in OBJECTIONS] == []
    assert len(events) == 1


@pytest.mark.parametrize(("case", "status"), WRONG_STATUSES)
def test_what_may_not_be_done_now_has_no_button(
    case: Case, status: str, cast: Cast, thing: Thing, sign_in: SignIn
) -> None:
    it, user = thing(case), getattr(cast, case.by)
    put(it, status)
    page = sign_in(user).get(page_of(it))
    assert page.status_code == 200
    assert f'href="{act_on(it, case.name)}"' not in page.content.decode()


@pytest.mark.parametrize("name", ["roles", "unblock", "deactivate", "reactivate"])
def test_no_administrator_acts_on_themselves(name: str, cast: Cast, sign_in: SignIn) -> None:
    me = cast.administrator
    client = sign_in(me)
    shown = objected_to(client.get(act_on(me, name)))
    assert "Another administrator" in shown
    before = business()
    answer = client.post(act_on(me, name), {"code": code_of(me), "roles": "Approvers"})
    assert answer.status_code == 409
    assert objected_to(answer) == shown
    assert business() == before
    assert client.get("/").status_code == 200


def test_ending_ones_own_sessions_keeps_the_one_in_use(cast: Cast, sign_in: SignIn) -> None:
    here, there = sign_in(cast.administrator), sign_in(cast.administrator)
    assert here.post(act_on(cast.administrator, "end-sessions")).status_code == 302
    assert (here.get("/").status_code, there.get("/").status_code) == (200, 302)


# -- wrongly filled --


@pytest.mark.parametrize("case", WITH_CODE, ids=str)
@pytest.mark.parametrize("code", ["wrong", "", "12345", "1234567", "abcdef", "１２３４５６"])
def test_without_a_right_code_the_page_stays_and_says_so(
    case: Case, code: str, cast: Cast, thing: Thing, sign_in: SignIn
) -> None:
    it, user = thing(case), getattr(cast, case.by)
    before = status_of(it)
    typed = wrong_code(user) if code == "wrong" else code
    answer = sign_in(user).post(act_on(it, case.name), form_of(case, it, user) | {"code": typed})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"code"}
    assert str(answer.context["form"].errors["code"][0]) in words(answer)
    assert status_of(it) == before
    assert not PresenceProof.objects.filter(person=user).exists()


@pytest.mark.parametrize("case", WITH_CODE, ids=str)
def test_a_code_is_good_for_one_act(case: Case, cast: Cast, thing: Thing, sign_in: SignIn) -> None:
    it, user = thing(case), getattr(cast, case.by)
    client, form = sign_in(user), form_of(case, it, user)
    elsewhere = cast.second_administrator
    if isinstance(it, User):
        assert client.post(act_on(elsewhere, "unblock"), {"code": form["code"]}).status_code == 302
    else:
        client.post("/security/recovery-codes/", {"code": form["code"]})
    before = status_of(it)
    answer = client.post(act_on(it, case.name), form)
    assert answer.status_code == 422
    assert "was used already" in words(answer)
    assert status_of(it) == before


@pytest.mark.parametrize("case", WITH_REASON, ids=str)
@pytest.mark.parametrize("reason", ["", "  ", "no", "...", "x" * 501, "nul\x00", "bidi\u202etext", "two\nlines"])
def test_without_a_good_reason_the_page_stays_and_says_so(
    case: Case, reason: str, cast: Cast, thing: Thing, sign_in: SignIn
) -> None:
    it, user = thing(case), getattr(cast, case.by)
    before = status_of(it)
    answer = sign_in(user).post(act_on(it, case.name), {"reason": reason})
    assert answer.status_code == 422
    assert answer.context["form"].errors.keys() == {"reason"}
    assert status_of(it) == before


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_act_needs_the_pages_own_token(case: Case, cast: Cast, thing: Thing, sign_in: SignIn) -> None:
    it, user = thing(case), getattr(cast, case.by)
    client, before = strict(sign_in(user)), status_of(it)
    with told() as events:
        answer = client.post(act_on(it, case.name), form_of(case, it, user))
    assert answer.status_code == 403
    assert status_of(it) == before
    assert [event.event for event in events] == [Event.ACCESS_DENIED]


# -- what changed meanwhile --


def test_approving_an_old_digest_is_refused(cast: Cast, waiting: Withdrawal, sign_in: SignIn) -> None:
    form = {"code": code_of(cast.first_approver), "digest": "0" * 64}
    with told() as events:
        answer = sign_in(cast.first_approver).post(act_on(waiting, "approve"), form)
    assert answer.status_code == 409
    assert "showed something else" in objected_to(answer)
    assert not waiting.approvals.exists()
    assert [(event.event, event.facts["why"]) for event in events] == [(Event.APPROVAL_OBJECTED, "stale_page")]


def test_the_page_carries_the_digest_of_what_it_shows(cast: Cast, waiting: Withdrawal, sign_in: SignIn) -> None:
    page = sign_in(cast.first_approver).get(act_on(waiting, "approve"))
    assert hidden(page) == {"digest": waiting.order().digest()}
    shown = words(page).replace(" ", "")
    for part in (waiting.address.address, "1,250.00USDT", waiting.reference, waiting.purpose.replace(" ", "")):
        assert part in shown


def test_amount_and_address_in_the_post_have_no_effect(cast: Cast, waiting: Withdrawal, sign_in: SignIn) -> None:
    order = waiting.order()
    form = {"code": code_of(cast.first_approver), "digest": waiting.digest}
    swapped = {"amount": "999999", "address": "99999999", "coin": "BTC", "status": "approved", "by": "1"}
    assert sign_in(cast.first_approver).post(act_on(waiting, "approve"), form | swapped).status_code == 302
    waiting = Withdrawal.objects.get(pk=waiting.pk)
    assert waiting.order() == order
    assert waiting.approvals.get().digest == order.digest()
    assert waiting.status == WAITING


def test_what_was_cancelled_meanwhile_is_not_approved(cast: Cast, waiting: Withdrawal, sign_in: SignIn) -> None:
    approver = sign_in(cast.first_approver)
    form = hidden(approver.get(act_on(waiting, "approve")))
    assert sign_in(cast.requester).post(act_on(waiting, "cancel"), REASON).status_code == 302
    answer = approver.post(act_on(waiting, "approve"), form | {"code": code_of(cast.first_approver)})
    assert answer.status_code == 409
    assert objected_to(answer) == "Too late: this withdrawal is already cancelled."
    assert not waiting.approvals.exists()


def test_a_move_lost_to_somebody_faster_reads_as_such(
    cast: Cast, waiting: Withdrawal, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    from payouts.workflow.transition import MovedMeanwhile

    def overtaken(*args: Any, **kwargs: Any) -> None:
        raise MovedMeanwhile

    monkeypatch.setattr("payouts.workflow.approval.move", overtaken)
    answer = sign_in(cast.first_approver).post(act_on(waiting, "reject"), REASON)
    assert answer.status_code == 409
    assert "Somebody else was faster" in objected_to(answer)


def test_a_double_click_on_approve_is_one_approval_and_a_readable_page(
    cast: Cast, waiting: Withdrawal, sign_in: SignIn
) -> None:
    client = sign_in(cast.first_approver)
    form = {"code": code_of(cast.first_approver), "digest": waiting.digest}
    assert client.post(act_on(waiting, "approve"), form).status_code == 302
    again = client.post(act_on(waiting, "approve"), form)
    assert again.status_code == 409
    assert objected_to(again) == "You have approved this one already."
    assert waiting.approvals.count() == 1


def test_the_second_approval_is_the_last(cast: Cast, waiting: Withdrawal, sign_in: SignIn) -> None:
    approve(waiting, cast.first_approver)
    form = {"code": code_of(cast.second_approver), "digest": waiting.digest}
    sign_in(cast.second_approver).post(act_on(waiting, "approve"), form)
    assert status_of(waiting) == APPROVED


def test_nobody_approves_their_own_request_on_the_page(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    both = cast.requester
    both.groups.add(*cast.first_approver.groups.all())
    mine = raised(cast, payee)
    client = sign_in(both)
    assert objected_to(client.get(act_on(mine, "approve"))) == "Somebody else has to approve your request."
    answer = client.post(act_on(mine, "approve"), {"code": code_of(both), "digest": mine.digest})
    assert answer.status_code == 409
    assert objected_to(answer) == "Somebody else has to approve your request."
    assert not mine.approvals.exists()


def test_nothing_is_approved_once_the_address_is_revoked(cast: Cast, waiting: Withdrawal, sign_in: SignIn) -> None:
    approver = sign_in(cast.first_approver)
    form = hidden(approver.get(act_on(waiting, "approve")))
    assert sign_in(cast.keeper).post(act_on(waiting.address, "revoke"), REASON).status_code == 302
    answer = approver.post(act_on(waiting, "approve"), form | {"code": code_of(cast.first_approver)})
    assert answer.status_code == 409
    assert "revoked" in objected_to(answer)


def test_only_the_person_who_asked_can_cancel(cast: Cast, waiting: Withdrawal, sign_in: SignIn) -> None:
    for user in (cast.second_requester, cast.first_approver, cast.auditor):
        answer = sign_in(user).post(act_on(waiting, "cancel"), REASON)
        assert answer.status_code == 409
        assert "Only the person who asked" in objected_to(answer)
    assert status_of(waiting) == WAITING


def test_nobody_activates_their_own_proposal_on_the_page(cast: Cast, payee: Address, sign_in: SignIn) -> None:
    mine = address_book.propose(proposal(payee.account), by=cast.keeper)
    answer = sign_in(cast.keeper).post(act_on(mine, "activate"), {"code": code_of(cast.keeper)})
    assert answer.status_code == 409
    assert "Somebody else has to activate" in objected_to(answer)
    assert status_of(mine) == "proposed"


def test_every_act_that_hangs_on_the_site_is_in_the_table_above() -> None:
    from payouts.admin import addresses, people, withdrawals

    on_the_site = {f"{page.name}" for pages in (withdrawals, addresses, people) for page in pages.ACTS}
    assert on_the_site == {case.name for case in CASES}
