"""The name of a process: PostgreSQL keeps it whole, and no two are alike."""

import os

import pytest
from django.db import connection

from backoffice.process_name import process_name


@pytest.mark.django_db
@pytest.mark.parametrize("host", ["payouts-1", "h" * 200, "bücher rechner", ""])
def test_a_session_bears_it_whole(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getpid", lambda: 4_194_304)  # the highest that Linux gives
    name = process_name(host)
    with connection.cursor() as cursor:
        cursor.execute("SHOW application_name")
        (before,) = cursor.fetchone()
        cursor.execute("SELECT set_config('application_name', %s, false)", [name])
        cursor.execute("SHOW application_name")
        assert cursor.fetchone() == (name,)
        cursor.execute("SELECT set_config('application_name', %s, false)", [before])


def test_two_processes_of_one_number_on_one_host_have_two_names() -> None:
    assert process_name("payouts") != process_name("payouts")
