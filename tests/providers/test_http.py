"""The line against servers that mean no good: real sockets on loopback, short deadlines."""

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from payouts.providers import connection, http
from payouts.providers.http import Line, Lost, NotOpened, Reply
from tests.props.providers.lines import Peer, StartServer

SECONDS = 0.3
SLACK = 1.0  # for a busy machine; what drips or hangs here would go on for longer
BODY = b'{"amount":1000}'


@contextmanager
def line_to(url: str, seconds: float = SECONDS) -> Iterator[Line]:
    line = Line(url, seconds=seconds)
    yield line
    line.close()


def post(line: Line, body: bytes = BODY, *, began: float | None = None) -> Reply:
    headers = {"Content-Type": "application/json", "X-Sign": "s"}
    return line.call("POST", "/pay", body=body, headers=headers, began=began)


def lost(url: str, seconds: float = SECONDS) -> Lost:
    """What a call to a server that gives no whole answer comes to; never later than its deadline."""
    began = time.monotonic()
    with line_to(url, seconds) as line, pytest.raises(Lost) as raised:
        post(line)
    assert time.monotonic() - began < seconds + SLACK
    return raised.value


def not_opened(url: str, seconds: float = SECONDS) -> NotOpened:
    """The same for a call of which nothing can have left."""
    began = time.monotonic()
    with line_to(url, seconds) as line, pytest.raises(NotOpened) as raised:
        post(line)
    assert time.monotonic() - began < seconds + SLACK
    assert raised.value.code == "connection_not_opened"
    return raised.value


def answer_all(peer: Peer) -> None:
    while peer.request():
        peer.answer()


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch, certificate: Path) -> None:
    """For this test, the raw server's certificate stands in for certifi's bundle."""
    monkeypatch.setattr(http, "TRUSTED", str(certificate))


# --- what is sent, and what comes back


def test_exactly_the_body_goes_out_with_no_header_that_nobody_asked_for(raw_server: StartServer) -> None:
    server = raw_server(answer_all)
    with line_to(server.url) as line:
        reply = post(line)
    assert (reply.http_status, reply.body) == (200, b'{"code":200}')
    assert 0 <= reply.duration_ms < 300
    [received] = server.received
    head, _, body = received.partition(b"\r\n\r\n")
    assert body == BODY
    first, *headers = head.decode().split("\r\n")
    assert first == "POST /pay HTTP/1.1"
    assert dict(header.split(": ") for header in headers) == {
        "Host": f"127.0.0.1:{server.port}",
        "User-Agent": "countersign/1",
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
        "X-Sign": "s",
        "Content-Length": str(len(BODY)),
    }


def test_the_connection_is_kept_for_the_next_call(raw_server: StartServer) -> None:
    server = raw_server(answer_all)
    with line_to(server.url, 2) as line:
        for _ in range(3):
            post(line)
    assert server.connections == 1
    assert len(server.received) == 3


def test_over_tls_it_is_kept_as_well(raw_server: StartServer, trusting: None) -> None:
    server = raw_server(answer_all, tls=True)
    with line_to(server.tls_url, 2) as line:
        post(line)
        post(line)
    assert server.connections == 1
    assert len(server.received) == 2


def test_a_chunked_answer_is_read_whole_and_the_connection_kept(raw_server: StartServer) -> None:
    def chunks(peer: Peer) -> None:
        while peer.request():
            peer.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")

    server = raw_server(chunks)
    with line_to(server.url) as line:
        assert post(line).body == b"hello world"
        assert post(line).body == b"hello world"
    assert server.connections == 1


def test_an_idle_connection_is_not_trusted_with_a_post(
    raw_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = raw_server(answer_all)
    with line_to(server.url) as line:
        post(line)
        monkeypatch.setattr(http, "MAX_IDLE", 0.0)
        post(line)
    assert server.connections == 2


def test_a_connection_that_the_server_closed_is_not_used_again(raw_server: StartServer) -> None:
    def once(peer: Peer) -> None:
        peer.request()
        peer.answer()

    server = raw_server(once)
    with line_to(server.url) as line:
        post(line)
        time.sleep(0.02)  # let the server's FIN arrive
        assert post(line).http_status == 200
    assert server.connections == 2


def test_what_a_server_says_unasked_is_not_taken_for_the_next_answer(raw_server: StartServer) -> None:
    def talkative(peer: Peer) -> None:
        while peer.request():
            peer.answer(b"first")
            time.sleep(0.01)
            peer.answer(b"smuggled")

    server = raw_server(talkative)
    with line_to(server.url) as line:
        assert post(line).body == b"first"
        time.sleep(0.05)
        assert post(line).body == b"first"
    assert server.connections == 2


def test_after_hanging_up_a_new_connection_is_made(raw_server: StartServer) -> None:
    server = raw_server(answer_all)
    with line_to(server.url) as line:
        post(line)
        line.hang_up()
        post(line)
    assert server.connections == 2


def test_no_cookie_is_kept(raw_server: StartServer) -> None:
    def baker(peer: Peer) -> None:
        while peer.request():
            peer.answer(b"{}", "Set-Cookie: a=b; Path=/")

    server = raw_server(baker)
    with line_to(server.url) as line:
        post(line)
        post(line)
    assert b"cookie" not in server.received[1].lower()


def test_two_threads_take_turns(raw_server: StartServer) -> None:
    server = raw_server(answer_all)
    with line_to(server.url, 2) as line:
        threads = [threading.Thread(target=post, args=(line,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert server.connections == 1
    assert len(server.received) == 4


# --- answers that never become whole


def test_silence_ends_at_the_deadline(raw_server: StartServer) -> None:
    server = raw_server(lambda peer: (peer.request(), peer.gone.wait(5)))
    failure = lost(server.url)
    assert (failure.code, failure.http_status, failure.partial) == ("timeout", None, b"")
    assert failure.duration_ms >= 290
    assert server.connections == 1  # sent once


@pytest.mark.parametrize("tls", [False, True])
def test_a_head_dripped_byte_by_byte_does_not_outlast_the_deadline(
    raw_server: StartServer, trusting: None, tls: bool
) -> None:
    def drip(peer: Peer) -> None:
        peer.request()
        peer.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: today\r\n\r\n{}")

    server = raw_server(drip, tls=tls)
    failure = lost(server.tls_url if tls else server.url)
    assert (failure.code, failure.http_status) == ("timeout", None)


@pytest.mark.parametrize(
    ("tls", "head"),
    [
        (False, b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n"),
        (False, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n32\r\n"),
        (False, b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"),
        (True, b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n"),
        (True, b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\nConnection: close\r\n\r\n"),
    ],
)
def test_a_body_dripped_byte_by_byte_does_not_outlast_the_deadline(
    raw_server: StartServer, trusting: None, tls: bool, head: bytes
) -> None:
    def drip(peer: Peer) -> None:
        peer.request()
        peer.send(head)
        peer.drip(b'{"code":200,"msg":"' + b"x" * 31)

    server = raw_server(drip, tls=tls)
    failure = lost(server.tls_url if tls else server.url)
    assert (failure.code, failure.http_status) == ("timeout", 200)
    assert failure.partial.startswith(b'{"c')


def test_the_deadline_also_holds_on_a_kept_connection(raw_server: StartServer) -> None:
    def tiring(peer: Peer) -> None:
        peer.request()
        peer.answer()
        peer.request()
        peer.drip(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20)

    server = raw_server(tiring)
    with line_to(server.url) as line:
        post(line)
        began = time.monotonic()
        with pytest.raises(Lost, match="deadline"):
            post(line)
    assert time.monotonic() - began < SECONDS + SLACK
    assert server.connections == 1


def test_endless_interim_answers_do_not_outlast_the_deadline(raw_server: StartServer) -> None:
    def continue_for_ever(peer: Peer) -> None:
        peer.request()
        while not peer.gone.wait(0.01):
            peer.send(b"HTTP/1.1 100 Continue\r\n\r\n")

    assert lost(raw_server(continue_for_ever).url).code == "timeout"


def test_a_server_that_does_not_read_is_a_lost_answer(raw_server: StartServer) -> None:
    server = raw_server(lambda peer: peer.gone.wait(5))
    with line_to(server.url) as line, pytest.raises(Lost, match="deadline"):
        post(line, b"x" * 20_000_000)


def test_a_connection_cut_before_the_status_is_lost(raw_server: StartServer) -> None:
    server = raw_server(lambda peer: peer.request())
    failure = lost(server.url)
    assert (failure.code, failure.http_status) == ("connection_lost", None)
    assert (server.connections, len(server.received)) == (1, 1)  # and not sent again


def test_a_connection_reset_before_the_status_is_lost(raw_server: StartServer) -> None:
    def reset(peer: Peer) -> None:
        peer.request()
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")

    server = raw_server(reset)
    assert lost(server.url).code == "connection_lost"
    assert server.connections == 1


@pytest.mark.parametrize(
    "head",
    ["Content-Length: 100\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n64\r\n"],
    ids=["length", "chunked"],
)
def test_a_connection_cut_in_the_body_is_lost_with_what_was_read(raw_server: StartServer, head: str) -> None:
    def cut(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n" + head.encode() + b'{"code":200')

    failure = lost(raw_server(cut).url)
    assert (failure.code, failure.http_status) == ("connection_lost", 200)
    assert failure.partial == b'{"code":200'


@pytest.mark.parametrize("answer", [b"SSH-2.0-hello\r\n\r\n", b"\x16\x03\x01\x00", b"HTTP/1.1 abc\r\n\r\n"])
def test_an_answer_that_is_not_http_is_lost(raw_server: StartServer, answer: bytes) -> None:
    def babble(peer: Peer) -> None:
        peer.request()
        peer.send(answer)

    assert lost(raw_server(babble).url).code == "connection_lost"


def test_a_head_without_end_is_lost(raw_server: StartServer) -> None:
    def endless(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n")
        while not peer.gone.is_set():
            peer.send(b"X: " + b"y" * 60_000 + b"\r\n")

    assert lost(raw_server(endless).url, 2).code == "connection_lost"


@pytest.mark.parametrize("declared", [True, False])
def test_an_answer_over_a_mebibyte_is_not_read_on(raw_server: StartServer, declared: bool) -> None:
    def flood(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 99999999\r\n\r\n" if declared else b"\r\n"))
        while not peer.gone.is_set():
            peer.send(b" " * 65_536)

    failure = lost(raw_server(flood).url, 2)
    assert failure.code == "too_large"
    assert 1_048_576 < len(failure.partial) <= 1_048_576 + 65_536


def test_a_mebibyte_is_read(raw_server: StartServer) -> None:
    def large(peer: Peer) -> None:
        peer.request()
        peer.answer(b" " * 1_048_576)

    with line_to(raw_server(large).url, 2) as line:
        assert len(post(line).body) == 1_048_576


@pytest.mark.parametrize("status", ["200 OK", "302 Found"])
def test_a_compressed_answer_is_not_unpacked(raw_server: StartServer, status: str) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)

    def squeeze(peer: Peer) -> None:
        peer.request()
        peer.answer(bomb, "Content-Encoding: gzip", "Location: /", status=status)

    with line_to(raw_server(squeeze).url, 1) as line:
        assert post(line).body == bomb


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(raw_server: StartServer, status: int) -> None:
    elsewhere = raw_server(answer_all)

    def redirect(peer: Peer) -> None:
        peer.request()
        peer.answer(b"moved", f"Location: {elsewhere.url}/", status=f"{status} Moved")

    with line_to(raw_server(redirect).url) as line:
        assert (post(line).http_status, elsewhere.connections) == (status, 0)


def test_the_body_of_a_redirect_is_capped_like_any_other(raw_server: StartServer) -> None:
    def flood(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n")
        while not peer.gone.is_set():
            peer.send(b" " * 65_536)

    assert lost(raw_server(flood).url, 2).code == "too_large"


@pytest.mark.parametrize("status", ["429 Slow down", "503 Busy", "413 Large"])
def test_a_retry_after_is_not_obeyed(raw_server: StartServer, status: str) -> None:
    def busy(peer: Peer) -> None:
        while peer.request():
            peer.answer(b"{}", "Retry-After: 0", status=status)

    server = raw_server(busy)
    with line_to(server.url) as line:
        post(line)
    assert len(server.received) == 1


def test_after_a_lost_answer_the_next_call_has_a_new_connection(raw_server: StartServer) -> None:
    def first_half_then_whole(peer: Peer) -> None:
        peer.request()
        if server.connections == 1:
            peer.send(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"late":')
            peer.gone.wait(5)
        else:
            peer.answer(b"whole")

    server = raw_server(first_half_then_whole)
    with line_to(server.url) as line:
        with pytest.raises(Lost):
            post(line)
        assert post(line).body == b"whole"
    assert server.connections == 2


# --- calls of which nothing left


def test_a_refused_connection_has_sent_nothing(raw_server: StartServer) -> None:
    with socket.socket() as reserved:  # bound, not listening
        reserved.bind(("127.0.0.1", 0))
        failure = not_opened(f"http://127.0.0.1:{reserved.getsockname()[1]}")
    assert "refused" in failure.message


def test_an_unknown_name_has_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_name(*args: object, **kwargs: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", no_such_name)
    assert "resolved" in not_opened("http://api.example.com").message


def test_a_silent_name_server_does_not_outlast_the_deadline(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    over = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: over.wait(5) and [])
    assert "resolved" in not_opened("http://api.example.com").message
    over.set()


def test_a_host_that_swallows_packets_does_not_outlast_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    def swallow(address: object, timeout: float, **kwargs: object) -> socket.socket:
        time.sleep(timeout)
        raise TimeoutError("timed out")

    monkeypatch.setattr(connection, "create_connection", swallow)
    monkeypatch.setattr(connection, "_resolve", lambda *args: ["192.0.2.1", "192.0.2.2", "192.0.2.3"])
    assert "refused, unreachable or too slow" in not_opened("http://api.example.com").message


def test_the_next_address_is_tried_when_the_first_refuses(
    raw_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = raw_server(answer_all)
    monkeypatch.setattr(connection, "_resolve", lambda *args: ["127.0.0.9", "127.0.0.1"])
    with line_to(f"http://localhost:{server.port}") as line:
        assert post(line).http_status == 200


def test_a_certificate_that_nobody_vouches_for_is_not_sent_to(raw_server: StartServer) -> None:
    server = raw_server(answer_all, tls=True)
    assert "TLS" in not_opened(server.tls_url, 2).message
    assert server.received == []


def test_a_certificate_for_another_name_is_not_sent_to(
    raw_server: StartServer, trusting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = raw_server(answer_all, tls=True)
    monkeypatch.setattr(connection, "_resolve", lambda *args: ["127.0.0.1"])
    assert "TLS" in not_opened(f"https://api.example.com:{server.port}", 2).message
    assert server.received == []


def test_a_server_without_tls_is_not_sent_to(raw_server: StartServer) -> None:
    heard: list[bytes] = []

    def plain(peer: Peer) -> None:
        heard.append(peer.sock.recv(65_536))
        peer.send(b"HTTP/1.1 200 OK\r\n\r\n")

    server = raw_server(plain)
    assert "TLS" in not_opened(server.tls_url).message
    assert BODY not in b"".join(heard)


def test_a_handshake_dripped_byte_by_byte_does_not_outlast_the_deadline(raw_server: StartServer) -> None:
    server = raw_server(lambda peer: peer.drip(b"\x16\x03\x03\x40\x00" + b"\x02" * 50))
    assert "TLS" in not_opened(server.tls_url).message


def test_a_request_whose_deadline_passed_before_its_first_byte_is_held_back(
    raw_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the machine slept, or the process was stopped, between connecting and sending."""
    server = raw_server(answer_all)
    watch = connection.Call.watch

    def late(call: connection.Call, fileno: int) -> None:
        watch(call, fileno)
        time.sleep(0.2)

    monkeypatch.setattr(connection.Call, "watch", late)
    not_opened(server.url, 0.3)
    assert server.received == []


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
@pytest.mark.parametrize("kept", [False, True], ids=["new", "kept-alive"])
def test_a_call_that_began_too_long_ago_lets_no_byte_out(
    raw_server: StartServer, trusting: None, kept: bool, tls: bool
) -> None:
    server = raw_server(answer_all, tls=tls)
    with line_to(server.tls_url if tls else server.url, 2) as line:
        if kept:
            post(line)
        with pytest.raises(NotOpened) as raised:
            post(line, began=time.monotonic() - 2.01)
        assert raised.value.code == "connection_not_opened"
        assert len(server.received) == kept
        post(line)  # the next one has its whole time again


def test_what_was_used_up_before_the_call_is_missing_from_its_deadline(raw_server: StartServer) -> None:
    def drip(peer: Peer) -> None:
        peer.request()
        peer.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX: " + b"y" * 50 + b"\r\n\r\n{}")

    server = raw_server(drip)
    began = time.monotonic()
    with line_to(server.url, 60) as line, pytest.raises(Lost) as raised:
        post(line, began=began - 59.7)
    assert time.monotonic() - began < 0.3 + SLACK
    assert raised.value.code == "timeout"
    assert raised.value.duration_ms >= 59_990
    assert len(server.received) == 1


# --- an environment that means no good


def test_a_ca_bundle_from_the_environment_is_not_trusted(
    raw_server: StartServer, monkeypatch: pytest.MonkeyPatch, certificate: Path
) -> None:
    server = raw_server(answer_all, tls=True)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(certificate))
    not_opened(server.tls_url, 2)
    assert server.received == []


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"])
def test_a_proxy_from_the_environment_is_not_asked(
    raw_server: StartServer, monkeypatch: pytest.MonkeyPatch, trusting: None, name: str
) -> None:
    server, tls_server, proxy = (
        raw_server(answer_all),
        raw_server(answer_all, tls=True),
        raw_server(answer_all),
    )
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv(name, proxy.url)
    for url in (server.url, tls_server.tls_url):
        with line_to(url, 2) as line:
            assert post(line).http_status == 200
    assert proxy.connections == 0


def test_a_netrc_adds_no_authorization(
    raw_server: StartServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login eve password x\ndefault login eve password x\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    server = raw_server(answer_all)
    with line_to(server.url) as line:
        post(line)
    assert b"authorization" not in server.received[0].lower()


def test_tls_keys_are_not_logged_to_a_file(
    raw_server: StartServer, monkeypatch: pytest.MonkeyPatch, trusting: None, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    server = raw_server(answer_all, tls=True)
    with line_to(server.tls_url, 2) as line:
        post(line)
    assert not (tmp_path / "keys").exists()


# --- what an error carries


def test_no_failure_leads_back_to_the_request(raw_server: StartServer) -> None:
    def failures() -> Iterator[Exception]:
        yield lost(raw_server(lambda peer: peer.request()).url)
        yield not_opened("http://127.0.0.1:1")

    for failure in failures():
        assert failure.__cause__ is None
        assert failure.__context__ is None
        assert "amount" not in repr(failure)
