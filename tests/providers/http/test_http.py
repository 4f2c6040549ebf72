"""The line against servers that answer: exactly what is sent, and what comes back. Real sockets on loopback."""

import socket
import threading

import pytest

from payouts.providers import http
from tests.props.providers.calls import BODY, answer_all, line_to, post
from tests.props.providers.lines import Peer, StartServer


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
    with line_to(server.url) as line:
        for _ in range(3):
            post(line)
    assert server.connections == 1
    assert len(server.received) == 3


def test_over_tls_it_is_kept_as_well(raw_server: StartServer, trusting: None) -> None:
    server = raw_server(answer_all, tls=True)
    with line_to(server.tls_url) as line:
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
    closed = threading.Event()

    def once(peer: Peer) -> None:
        peer.request()
        peer.answer()
        peer.sock.shutdown(socket.SHUT_RDWR)  # on loopback its FIN has arrived when this returns
        closed.set()

    server = raw_server(once)
    with line_to(server.url) as line:
        post(line)
        assert closed.wait(60)
        assert post(line).http_status == 200
    assert server.connections == 2


def test_what_a_server_says_unasked_is_not_taken_for_the_next_answer(raw_server: StartServer) -> None:
    read, said = threading.Event(), threading.Event()

    def talkative(peer: Peer) -> None:
        while peer.request():
            peer.answer(b"first")
            read.wait(60)
            peer.answer(b"smuggled")
            said.set()

    server = raw_server(talkative)
    with line_to(server.url) as line:
        assert post(line).body == b"first"
        read.set()
        assert said.wait(60)
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
    with line_to(server.url) as line:
        threads = [threading.Thread(target=post, args=(line,)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert server.connections == 1
    assert len(server.received) == 4
