"""The entry point under gunicorn, as the demo runs it: one worker, many threads, faults included."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

from tests.props.providers.callers import SWAPSPACE, ZOOMEX

COMMAND = [sys.executable, "-m", "gunicorn", "--bind", "127.0.0.1:0", "--workers", "1", "--threads", "4"]


def start(environment: dict[str, str]) -> subprocess.Popen[str]:
    clean = {name: value for name, value in os.environ.items() if name != "SIMULATOR_CUSTOMERS"}
    return subprocess.Popen(
        [*COMMAND, "demo.simulator.wsgi"], env=clean | environment, stderr=subprocess.PIPE, text=True
    )


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    told = json.dumps({"zoomex": [ZOOMEX], "swapspace": [SWAPSPACE]})
    server = start({"SIMULATOR_CUSTOMERS": told})
    assert server.stderr is not None
    try:
        for line in server.stderr:
            if found := re.search(r"Listening at: (http://\S+)", line):
                break
        else:
            pytest.fail("gunicorn did not start")
        yield found[1]
    finally:
        server.terminate()
        server.communicate(timeout=60)


def script(url: str, fault: str) -> None:
    told = {"provider": "swapspace", "fault": fault, "seconds": 0.05}
    assert requests.post(url + "/faults", json=told, timeout=30).status_code == 201


@pytest.mark.parametrize("fault", ["drop_before_booking", "book_then_drop", "truncated", "hang"])
def test_gunicorn_passes_a_broken_connection_on(url: str, fault: str) -> None:
    script(url, fault)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        requests.post(url + "/admin/api/open/saveWithdraw", json={}, timeout=30)
    assert requests.get(url + "/orders.json", timeout=30).json()["orders"][-1]["fault"] == fault


def test_one_book_serves_every_thread(url: str) -> None:
    before = len(requests.get(url + "/orders.json", timeout=30).json()["orders"])
    for _ in range(8):
        requests.post(url + "/admin/api/open/saveWithdraw", json={}, timeout=30)
    assert len(requests.get(url + "/orders.json", timeout=30).json()["orders"]) == before + 8


def test_without_customers_it_does_not_start() -> None:
    server = start({})
    _, errors = server.communicate(timeout=60)
    assert server.returncode != 0
    assert "SIMULATOR_CUSTOMERS is not set" in errors
