"""Clicks at the same instant: one act, an answer to each that its person can use, and no session that escapes."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.conf import settings
from django.db import connections, transaction

from payouts.models import Account, PersonSession
from payouts.models.people.session import SessionStore
from tests.props import cast as props
from tests.props.cast import code_of, person_with
from tests.props.pages.pages import act_on, hidden, page_of
from tests.props.pages.visits import browser, is_in, signed_in
from tests.props.races import in_thread, until_somebody_waits

pytestmark = pytest.mark.django_db(transaction=True)

CLICKS = 30


def test_thirty_clicks_on_approve_are_one_approval_and_nobody_is_signed_out() -> None:
    cast = props.hire()
    it = props.raised(cast, props.active_address(cast, Account.objects.get(name="treasury")))
    client, url = signed_in(cast.first_approver), act_on(it, "approve")
    form = hidden(client.get(url)) | {"code": code_of(cast.first_approver)}
    old, start = client.cookies[settings.SESSION_COOKIE_NAME].value, Barrier(CLICKS)

    def click(_: int) -> Any:
        window = browser()
        window.cookies[settings.SESSION_COOKIE_NAME] = old
        try:
            start.wait(timeout=60)
            answer = window.post(url, form)
            return answer.status_code, answer.get("Location"), is_in(window)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(CLICKS) as pool:
        answers = list(pool.map(click, range(CLICKS)))
    assert it.proposal.approvals.count() == 1
    assert set(answers) <= {(302, page_of(it), True), (409, None, True), (422, None, True)}
    assert (302, page_of(it), True) in answers


def test_a_session_that_is_being_renewed_does_not_escape_its_end() -> None:
    ada = person_with("ada")
    session = SessionStore(signed_in(ada).cookies[settings.SESSION_COOKIE_NAME].value)
    with transaction.atomic():
        session.renew()
        ending = in_thread(lambda: PersonSession.end_all(ada.pk))
        until_somebody_waits()
    ending.join(timeout=60)
    assert not PersonSession.objects.filter(person_id=ada.pk).exists()
