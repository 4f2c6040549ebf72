"""Chromium, a live server, a real worker and the simulators: the product as people use it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.db import connection
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from demo.simulator.customers import parse
from demo.simulator.serve import Running, serve
from demo.simulator.site import Simulator
from payouts.models import Account
from tests.props.cast import PASSWORD, code_of
from tests.props.identities import settled

ROOT = Path(__file__).resolve().parents[2]
KEYS = {"zoomex": ("browser-key", "browser-secret"), "swapspace": ("100105", "browser-access-key")}
SETTLES = {"settles_after": 86_400}  # seconds
PATIENCE = 120_000  # milliseconds; nothing takes so long but on a machine that does much else
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives a browser; one worker of the suite does all of it."""
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """The machine's Chromium; its absence is a failure, never a skip.

    For this package only: Playwright keeps a loop running in the thread, and other tests run loops of their own.
    """
    found = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    assert found, "There is no Chromium: apt-get install chromium, or run script/test --no-browser."
    # Playwright runs a loop in this thread, which Django would take for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def site(request: pytest.FixtureRequest, settings: Settings) -> str:
    """The address of the live server, which speaks plain HTTP on this machine.

    The server is asked for last: its middleware reads the settings when it starts.
    """
    settings.SECURE_SSL_REDIRECT = False
    settings.SECURE_HSTS_SECONDS = 0
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "session", "csrf"
    settings.KNOWN_DEVICE_COOKIE_NAME = "known"
    settings.HTTPS_ONLY = False
    live_server: LiveServer = request.getfixturevalue("live_server")
    return str(live_server.url)


@pytest.fixture
def simulator() -> Iterator[Running]:
    """Both providers, with room for everything; what they accepted stays on its way for as long as a test may take."""
    (zoomex_key, zoomex_secret), (merchant, access_key) = KEYS["zoomex"], KEYS["swapspace"]
    balances = {"USDT": "250000", "ETH": "50"}
    zoomex = {"api_key": zoomex_key, "api_secret": zoomex_secret, "balances": balances, "recipients": "*", **SETTLES}
    swapspace = {"code": merchant, "access_key": access_key, "balances": balances, **SETTLES}
    with serve(Simulator(parse(json.dumps({"zoomex": [zoomex], "swapspace": [swapspace]})))) as running:
        yield running


@pytest.fixture
def worker(site: str, simulator: Running, tmp_path: Path) -> Iterator[None]:
    """A worker process on the test database, as `manage.py worker` starts it."""
    host = simulator.url.removeprefix("http://")
    accounts = {
        "PROVIDER_ACCOUNT_TREASURY": f"zoomex+http://{':'.join(KEYS['zoomex'])}@{host}",
        "PROVIDER_ACCOUNT_MERCHANT": f"swapspace+http://{':'.join(KEYS['swapspace'])}@{host}",
    }
    for name, url in accounts.items():
        settled(Account.objects.get(name=name.removeprefix("PROVIDER_ACCOUNT_").lower()), url)
    environment = os.environ | accounts | {"DATABASE_URL": _test_database(), "HTTPS_ONLY": "off"}
    environment["ALLOWED_HOSTS"] = "localhost"
    environment["WITNESS_URL"] = f"file:{tmp_path / 'witness'}"
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "worker"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
        yield
        process.terminate()
        process.wait(120)


def _test_database() -> str:
    """The URL that a process of its own needs for the database of this test."""
    name = str(connection.settings_dict["NAME"])
    url = os.environ["DATABASE_URL"]
    head, _, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/{name}" + (f"?{query}" if query else "")


class Visitor:
    """A person in front of a browser window."""

    def __init__(self, context: BrowserContext, site: str) -> None:
        self.context = context
        self.site = site
        self.page: Page = context.new_page()
        self.violations: list[str] = []
        self.page.on("console", self._note)

    def _note(self, message: Any) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.violations.append(message.text)

    def go(self, path: str = "/") -> None:
        """Open a page of the site."""
        self.page.goto(self.site + path)

    def sign_in(self, user: User, code: str | None = None) -> None:
        """Name, password and code, in one step."""
        self.go("/login/")
        self.page.get_by_label("Name").fill(user.username)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_label("One-time code").fill(code if code is not None else code_of(user))
        self.page.get_by_role("button", name="Sign in").click()

    def check(self) -> None:
        """No accessibility violation (axe), no blocked inline code, and no sideways scrolling of the page."""
        found = Axe().run(self.page)
        assert found.violations_count == 0, found.generate_report()
        assert self.violations == []
        wide = self.page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")
        assert not wide, f"{self.page.url} scrolls sideways"

    def photograph(self, name: str) -> None:
        """Keep a picture where SCREENSHOTS says, for the documentation."""
        if folder := os.environ.get("SCREENSHOTS"):
            self.page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


class Room:
    """Lets visitors in, each with a browser window of their own."""

    def __init__(self, browser: Browser, site: str) -> None:
        self.browser = browser
        self.site = site
        self.contexts: list[BrowserContext] = []

    def visitor(self, *, dark: bool = False, width: int = 1280, height: int = 900) -> Visitor:
        """A fresh window."""
        scheme: Any = "dark" if dark else "light"
        size: Any = {"width": width, "height": height}
        context = self.browser.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
        context.set_default_timeout(PATIENCE)
        self.contexts.append(context)
        return Visitor(context, self.site)


@pytest.fixture
def room(chromium: Browser, site: str) -> Iterator[Room]:
    """Where visitors come from."""
    room = Room(chromium, site)
    yield room
    for context in room.contexts:
        context.close()
