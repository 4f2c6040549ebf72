"""One code, posted a hundred times at once: a real database, real connections, and one that gets in."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connections
from django.test import Client

from payouts.domain.people.roles import Role
from payouts.models import AuditEvent, Throttle
from payouts.workflow.people import second_factor, throttle
from tests.props.cast import code_of, person_with
from tests.props.pages.visits import browser, sign_in, signed_in

pytestmark = pytest.mark.django_db(transaction=True)

POSTS, AT_ONCE = 100, 10


@pytest.fixture
def ada(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> User:
    """An approver; throttling, which would refuse most posts by itself, waits for nobody and never shuts."""
    monkeypatch.setattr(throttle, "wait_after", lambda *_: timedelta(0))
    monkeypatch.setattr(throttle, "FAILURES_UNTIL_SHUT", 10_000)
    return person_with("ada", Role.APPROVER)


def at_once(post: Callable[[Client], Any], clients: list[Client]) -> list[int]:
    """The statuses of one post per client, in waves that start together."""
    start = Barrier(AT_ONCE)

    def run(client: Client) -> int:
        try:
            start.wait(timeout=60)
            return int(post(client).status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, clients))


def test_one_of_a_hundred_parallel_sign_ins_with_one_code_gets_in(ada: User) -> None:
    code = code_of(ada)
    statuses = at_once(
        lambda client: sign_in(client, ada, code=code), [browser(ip=f"203.0.113.{n}") for n in range(POSTS)]
    )
    assert sorted(statuses) == [302] + [422] * (POSTS - 1)
    assert AuditEvent.objects.filter(event="signed_in").count() == 1


def test_one_of_a_hundred_parallel_sign_ins_with_one_recovery_code_gets_in(ada: User) -> None:
    code = second_factor.renew_recovery_codes(code_of(ada), by=ada)[0]
    statuses = at_once(
        lambda client: sign_in(client, ada, code=code), [browser(ip=f"203.0.113.{n}") for n in range(POSTS)]
    )
    assert sorted(statuses) == [302] + [422] * (POSTS - 1)
    assert second_factor.recovery_codes_left(ada) == 9


def test_one_code_is_used_once_across_tabs_and_pages(ada: User) -> None:
    clients = [signed_in(ada) for _ in range(AT_ONCE)]
    code = code_of(ada)
    statuses = at_once(lambda client: client.post("/security/recovery-codes/", {"code": code}), clients)
    assert sorted(statuses) == [200] + [422] * (AT_ONCE - 1)


def test_parallel_guesses_are_all_counted(ada: User) -> None:
    clients: list[Client] = [browser() for _ in range(3 * AT_ONCE)]
    at_once(lambda client: sign_in(client, ada, password="wrong"), clients)
    assert Throttle.objects.get(door="password:ada:unknown-device").failures == 3 * AT_ONCE


def test_two_set_ups_at_once_leave_one_authenticator(ada: User) -> None:
    newcomer = person_with("newcomer", Role.APPROVER, enrolled=False)
    clients: list[Client] = [signed_in(newcomer) for _ in range(AT_ONCE)]
    at_once(lambda client: client.post("/enrol/begin/"), clients)
    pages = [client.get("/enrol/").content.decode() for client in clients]
    assert sum('class="secret"' in page for page in pages) == 1
