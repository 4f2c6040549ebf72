"""The line against servers whose answer never becomes whole: real sockets on loopback, short deadlines."""

import gzip
import socket
import time
from collections.abc import Iterator

import pytest

from payouts.providers.http import Lost
from tests.props.providers.calls import PLENTY, SECONDS, SLACK, answer_all, line_to, lost, not_opened, post
from tests.props.providers.lines import Peer, StartServer


def test_silence_ends_at_the_deadline(raw_server: StartServer) -> None:
    server = raw_server(lambda peer: (peer.request(), peer.gone.wait(60)))
    failure = lost(server.url)
    assert (failure.code, failure.http_status, failure.partial) == ("timeout", None, b"")
    assert failure.duration_ms >= 990
    assert server.connections == 1  # sent once


@pytest.mark.parametrize("tls", [False, True])
def test_a_head_dripped_byte_by_byte_does_not_outlast_the_deadline(
    raw_server: StartServer, trusting: None, tls: bool
) -> None:
    def drip(peer: Peer) -> None:
        peer.request()
        peer.drip(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nDate: today\r\n\r\n{}", every=0.2)  # cut in its first word

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
    with line_to(server.url, SECONDS) as line:
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
    server = raw_server(lambda peer: peer.gone.wait(60))
    with line_to(server.url, SECONDS) as line, pytest.raises(Lost, match="deadline"):
        post(line, b"x" * 20_000_000)


def test_a_connection_cut_before_the_status_is_lost(raw_server: StartServer) -> None:
    server = raw_server(lambda peer: peer.request())
    failure = lost(server.url, PLENTY)
    assert (failure.code, failure.http_status) == ("connection_lost", None)
    assert (server.connections, len(server.received)) == (1, 1)  # and not sent again


def test_a_connection_reset_before_the_status_is_lost(raw_server: StartServer) -> None:
    def reset(peer: Peer) -> None:
        peer.request()
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")

    server = raw_server(reset)
    assert lost(server.url, PLENTY).code == "connection_lost"
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

    failure = lost(raw_server(cut).url, PLENTY)
    assert (failure.code, failure.http_status) == ("connection_lost", 200)
    assert failure.partial == b'{"code":200'


@pytest.mark.parametrize("answer", [b"SSH-2.0-hello\r\n\r\n", b"\x16\x03\x01\x00", b"HTTP/1.1 abc\r\n\r\n"])
def test_an_answer_that_is_not_http_is_lost(raw_server: StartServer, answer: bytes) -> None:
    def babble(peer: Peer) -> None:
        peer.request()
        peer.send(answer)

    assert lost(raw_server(babble).url, PLENTY).code == "connection_lost"


def test_a_head_without_end_is_lost(raw_server: StartServer) -> None:
    def endless(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n")
        while not peer.gone.is_set():
            peer.send(b"X: " + b"y" * 60_000 + b"\r\n")

    assert lost(raw_server(endless).url, PLENTY).code == "connection_lost"


@pytest.mark.parametrize("declared", [True, False])
def test_an_answer_over_a_mebibyte_is_not_read_on(raw_server: StartServer, declared: bool) -> None:
    def flood(peer: Peer) -> None:
        peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\n" + (b"Content-Length: 99999999\r\n\r\n" if declared else b"\r\n"))
        while not peer.gone.is_set():
            peer.send(b" " * 65_536)

    failure = lost(raw_server(flood).url, PLENTY)
    assert failure.code == "too_large"
    assert 1_048_576 < len(failure.partial) <= 1_048_576 + 65_536


def test_a_mebibyte_is_read(raw_server: StartServer) -> None:
    def large(peer: Peer) -> None:
        peer.request()
        peer.answer(b" " * 1_048_576)

    with line_to(raw_server(large).url) as line:
        assert len(post(line).body) == 1_048_576


@pytest.mark.parametrize("status", ["200 OK", "302 Found"])
def test_a_compressed_answer_is_not_unpacked(raw_server: StartServer, status: str) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)

    def squeeze(peer: Peer) -> None:
        peer.request()
        peer.answer(bomb, "Content-Encoding: gzip", "Location: /", status=status)

    with line_to(raw_server(squeeze).url) as line:
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

    assert lost(raw_server(flood).url, PLENTY).code == "too_large"


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
            peer.gone.wait(60)
        else:
            peer.answer(b"whole")

    server = raw_server(first_half_then_whole)
    with line_to(server.url, SECONDS) as line:
        with pytest.raises(Lost):
            post(line)
        assert post(line).body == b"whole"
    assert server.connections == 2


def test_no_failure_leads_back_to_the_request(raw_server: StartServer) -> None:
    def failures() -> Iterator[Exception]:
        yield lost(raw_server(lambda peer: peer.request()).url, PLENTY)
        yield not_opened("http://127.0.0.1:1")

    for failure in failures():
        assert failure.__cause__ is None
        assert failure.__context__ is None
        assert "amount" not in repr(failure)
