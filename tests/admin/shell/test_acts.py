"""Every act, done by whoever may; and refused to everybody else."""

from typing import Any

import pytest

from payouts.audit import Event
from tests.conftest import SignIn
from tests.props.cast import Cast, code_of
from tests.props.pages.cases import CASES, OBJECTIONS, WITH_CODE, Case, Thing, form_of, status_of
from tests.props.pages.pages import act_on, business, hidden, objected_to, page_of, words
from tests.props.trail import told, unchanged

pytestmark = pytest.mark.django_db


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
    told_of = [(event.event, event.actor) for event in events if event.event not in {Event.ALERT_RAISED, *case.also}]
    assert told_of == [(case.event, user)]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_may_be_done_now_has_a_button_on_the_page(case: Case, cast: Cast, thing: Thing, sign_in: SignIn) -> None:
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
def test_nobody_acts_without_a_role_for_it(case: Case, method: str, cast: Cast, thing: Thing, sign_in: SignIn) -> None:
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


@pytest.mark.parametrize("case", CASES, ids=str)
@pytest.mark.parametrize("method", ["get", "post"])
def test_an_act_on_what_is_not_there_is_not_found(
    case: Case, method: str, cast: Cast, thing: Thing, sign_in: SignIn
) -> None:
    it = thing(case)
    url = act_on(it, case.name).replace(str(it.pk), str(case.missing))
    answer = getattr(sign_in(getattr(cast, case.by)), method)(url, case.fields)
    assert answer.status_code == 404


def test_every_act_that_hangs_on_the_site_is_in_the_table_above() -> None:
    from payouts.admin.people import people
    from payouts.admin.recipients import addresses
    from payouts.admin.sending import accounts, identities
    from payouts.admin.stopping import pauses
    from payouts.admin.unknown import resolutions
    from payouts.admin.withdrawals import withdrawals

    screens = (withdrawals, addresses, accounts, identities, pauses, people, resolutions)
    on_the_site = {page.name for screen in screens for page in screen.ACTS}
    assert on_the_site == {case.name for case in CASES}
