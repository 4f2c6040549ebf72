"""Calls of which nothing left the machine, and what tells them from those of which something may have."""

import socket
import threading
import time

import pytest

from payouts.providers import connection
from payouts.providers.http import Lost, NotOpened
from tests.props.providers.calls import BODY, PLENTY, SECONDS, SLACK, answer_all, line_to, not_opened, post
from tests.props.providers.lines import Peer, StartServer


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
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **kwargs: over.wait(60) and [])
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
    assert "TLS" in not_opened(server.tls_url, PLENTY).message
    assert server.received == []


def test_a_certificate_for_another_name_is_not_sent_to(
    raw_server: StartServer, trusting: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = raw_server(answer_all, tls=True)
    monkeypatch.setattr(connection, "_resolve", lambda *args: ["127.0.0.1"])
    assert "TLS" in not_opened(f"https://api.example.com:{server.port}", PLENTY).message
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
    server = raw_server(lambda peer: peer.drip(b"\x16\x03\x03\x40\x00" + b"\x02" * 16_000))
    assert "TLS" in not_opened(server.tls_url).message


def test_a_request_whose_deadline_passed_before_its_first_byte_is_held_back(
    raw_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when the machine slept, or the process was stopped, between connecting and sending."""
    server = raw_server(answer_all)
    watch = connection.TimedCall.watch

    def late(call: connection.TimedCall, fileno: int) -> None:
        watch(call, fileno)
        time.sleep(0.2)

    monkeypatch.setattr(connection.TimedCall, "watch", late)
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
        post(line, began=began - 60 + SECONDS)
    assert time.monotonic() - began < SECONDS + SLACK
    assert raised.value.code == "timeout"
    assert raised.value.duration_ms >= 59_990
    assert len(server.received) == 1
