"""The simulator in a thread on a loopback port, for tests; it keeps connections alive as providers do."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.test import run_wsgi_app

from demo.simulator.book import Book
from demo.simulator.faults.scripted import Faults
from demo.simulator.site import Simulator


class Running(NamedTuple):
    """A simulator that takes calls."""

    url: str
    book: Book
    faults: Faults


@contextmanager
def serve(simulator: Simulator) -> Iterator[Running]:
    """Serve until the block ends; the URL has no trailing slash."""
    server = make_server("127.0.0.1", 0, simulator, threaded=True, request_handler=_KeepAlive)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield Running(f"http://127.0.0.1:{server.server_port}", simulator.book, simulator.faults)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _KeepAlive(WSGIRequestHandler):
    """Werkzeug's handler closes every connection after one answer, so the exchange is done here."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # head and body are two writes: 40 ms apart otherwise

    def run_wsgi(self) -> None:
        environ = self.make_environ()
        chunked = environ.get("wsgi.input_terminated", False)
        length = -1 if chunked else int(self.headers.get("Content-Length", 0))
        # Read whole, whatever becomes of it: the rest would be taken for the next request.
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(length))
        parts, status, headers = run_wsgi_app(self.server.app, environ)
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        for part in parts:
            self.wfile.write(part)

    def log(self, type: str, message: str, *args: object) -> None:
        """Tests read the book, not a log."""
