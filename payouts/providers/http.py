"""One hardened HTTP line per account. It sends each request once, and knows whether anything of it left."""

import ssl
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.util.retry import Retry

from payouts.domain.errors import CountersignError
from payouts.providers.connection import PlainPool, SecurePool, Stage, TimedCall

MAX_BODY = 1024 * 1024
# A server that silently closed an idle connection would turn the next POST into a false unknown.
MAX_IDLE = 20.0
TRUSTED = DEFAULT_CA_BUNDLE_PATH  # certifi's bundle, named outright: no variable of the environment can replace it


@dataclass(frozen=True)
class Reply:
    """A whole answer, as received."""

    http_status: int
    headers: Mapping[str, str]
    body: bytes
    duration_ms: int


class NotOpened(CountersignError):
    """No connection came about: not a byte of the request has left."""

    def __init__(self, message: str, duration_ms: int) -> None:
        super().__init__(message)
        self.code = "connection_not_opened"
        self.message = message
        self.duration_ms = duration_ms


class Lost(CountersignError):
    """The request left, at least in part, and no whole answer came back."""

    def __init__(
        self, code: str, message: str, duration_ms: int, http_status: int | None = None, partial: bytes = b""
    ) -> None:
        super().__init__(message)
        self.code = code  # timeout, connection_lost, too_large
        self.message = message
        self.duration_ms = duration_ms
        self.http_status = http_status
        self.partial = partial


class Line:
    """A kept-alive connection to one host, used by one thread at a time.

    TLS is verified against certifi's bundle; the environment is not trusted; nothing is redirected,
    repeated, decompressed or remembered. `seconds` is the deadline over connecting, sending and reading.
    """

    def __init__(self, base_url: str, *, seconds: float) -> None:
        self._base_url = base_url
        self._seconds = seconds
        self._session = _session()
        self._turn = threading.Lock()
        self._last_used = time.monotonic()

    def call(
        self, method: str, path: str, *, body: bytes, headers: Mapping[str, str], began: float | None = None
    ) -> Reply:
        """Send one request. Raises NotOpened if provably nothing left, Lost if no whole answer came back.

        The deadline counts from `began`, a reading of `time.monotonic()`, where it is given.
        """
        request = requests.Request(method, self._base_url + path, data=body, headers=dict(headers))
        prepared = self._session.prepare_request(request)
        with self._turn:
            if time.monotonic() - self._last_used > MAX_IDLE:
                self.hang_up()
            reply = self._exchange(prepared, began)
            self._last_used = time.monotonic()
        if isinstance(reply, Reply):
            return reply
        raise reply  # here, not in the except block: the cause holds the request, and so the signature

    def hang_up(self) -> None:
        """Close the connection, as after an answer that made no sense; the next call opens a new one."""
        self._session.close()

    def close(self) -> None:
        self._session.close()

    def _exchange(self, request: requests.PreparedRequest, began: float | None) -> Reply | NotOpened | Lost:
        with TimedCall(self._seconds, began=began) as call:
            try:
                return self._read(request, call)
            except Exception as error:  # once a byte has left, whatever breaks leaves the outcome open
                self.hang_up()
                return _failure(call, error)

    def _read(self, request: requests.PreparedRequest, call: TimedCall) -> Reply:
        response = self._session.send(
            request,
            stream=True,
            timeout=call.remaining(),
            verify=TRUSTED,
            allow_redirects=False,
            proxies={},
        )
        call.http_status = response.status_code
        while piece := response.raw.read1(65_536, decode_content=False):
            call.body += piece
            if len(call.body) > MAX_BODY:
                raise _TooLarge
        call.remaining()  # a connection cut by the watchdog can look like the end of the answer
        return Reply(response.status_code, response.headers, bytes(call.body), call.duration_ms)


class _TooLarge(Exception):
    pass


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """None, always. Given a target, requests reads and decompresses a redirect's body without a limit."""


class _Adapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=_tls())
        self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}


def _session() -> requests.Session:
    session = _Session()
    session.trust_env = False  # no proxies, no .netrc, no CA bundle from the environment
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.clear()
    session.headers.update({"User-Agent": "countersign/1", "Accept": "application/json", "Accept-Encoding": "identity"})
    adapter = _Adapter(
        pool_connections=1, pool_maxsize=1, max_retries=Retry(0, read=False, respect_retry_after_header=False)
    )
    session.adapters.clear()
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    return session


def _tls() -> ssl.SSLContext:
    """A context that verifies; unlike the ready-made ones it does not write keys to SSLKEYLOGFILE."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.hostname_checks_common_name = False
    return context


def _failure(call: TimedCall, error: Exception) -> NotOpened | Lost:
    if call.stage is not Stage.SENDING:
        return NotOpened(call.stage.value, call.duration_ms)
    if isinstance(error, _TooLarge):
        return _lost(call, "too_large", f"The answer is longer than {MAX_BODY} bytes.")
    if call.overdue:  # a read's own timeout is never shorter than what was left of the call
        return _lost(call, "timeout", "No whole answer came before the deadline.")
    return _lost(call, "connection_lost", call.stage.value)


def _lost(call: TimedCall, code: str, message: str) -> Lost:
    return Lost(code, message, call.duration_ms, call.http_status, bytes(call.body))
