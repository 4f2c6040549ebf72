"""The forms of acts: a wrong code or a poor reason stays on the page, and nothing happens."""

import pytest
from django.contrib.auth.models import User

from payouts.audit import Event
from payouts.models import PresenceProof
from tests.conftest import SignIn
from tests.props.cast import Cast
from tests.props.pages.cases import CASES, WITH_CODE, WITH_REASON, Case, Thing, form_of, status_of
from tests.props.pages.pages import act_on, strict, words
from tests.props.pages.visits import wrong_code
from tests.props.trail import told

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("case", WITH_CODE, ids=str)
def test_without_a_right_code_the_page_stays_and_says_so(case: Case, cast: Cast, thing: Thing, sign_in: SignIn) -> None:
    it, user = thing(case), getattr(cast, case.by)
    client, before, proofs = sign_in(user), status_of(it), PresenceProof.objects.count()
    for typed in (wrong_code(user), "", "12345", "1234567", "abcdef"):
        answer = client.post(act_on(it, case.name), form_of(case, it, user) | {"code": typed})
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == {"code"}
        assert str(answer.context["form"].errors["code"][0]) in words(answer)
    assert status_of(it) == before
    assert PresenceProof.objects.count() == proofs


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
def test_without_a_good_reason_the_page_stays_and_says_so(
    case: Case, cast: Cast, thing: Thing, sign_in: SignIn
) -> None:
    it, user = thing(case), getattr(cast, case.by)
    client, before = sign_in(user), status_of(it)
    for reason in ("", "  ", "no", "...", "x" * 501, "nul\x00", "bidi\u202etext", "two\nlines"):
        answer = client.post(act_on(it, case.name), form_of(case, it, user) | {"reason": reason})
        assert answer.status_code == 422
        assert answer.context["form"].errors.keys() == {"reason"}
        assert str(answer.context["form"].errors["reason"][0]) in words(answer)
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
