"""Every act in every status that it is not for: a sentence on the page, and nothing happens."""

import pytest

from payouts.models import PresenceProof
from tests.conftest import SignIn
from tests.props.cast import Cast, code_of
from tests.props.pages.cases import CASES, OBJECTIONS, Case, Thing, all_statuses, form_of, put, status_of
from tests.props.pages.pages import act_on, business, objected_to, page_of
from tests.props.trail import told

pytestmark = pytest.mark.django_db

WRONG_STATUSES = [
    pytest.param(case, status, id=f"{case}-{status}")
    for case in CASES
    for status in all_statuses(case)
    if status not in case.statuses
]


@pytest.mark.parametrize(("case", "status"), WRONG_STATUSES)
def test_an_act_at_the_wrong_time_has_no_button_says_why_and_does_nothing(
    case: Case, status: str, cast: Cast, thing: Thing, sign_in: SignIn
) -> None:
    it, user = thing(case), getattr(cast, case.by)
    put(it, status)
    client, form = sign_in(user), form_of(case, it, user)
    assert f'href="{act_on(it, case.name)}"' not in client.get(page_of(it)).content.decode()
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


def test_a_role_that_does_not_exist_makes_no_difference_to_an_objection(cast: Cast, sign_in: SignIn) -> None:
    me = cast.administrator
    answer = sign_in(me).post(act_on(me, "roles"), {"roles": "Kings", "code": code_of(me)})
    assert answer.status_code == 409
    assert "Another administrator" in objected_to(answer)
