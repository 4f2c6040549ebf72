"""The simulator with an answer that takes its time: `gunicorn benchmarks.latency`, SIMULATOR_LATENCY in seconds.

The call is received and decided at once, as at a provider far away; only the caller learns of it later.
"""

import os
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

LATENCY = "SIMULATOR_LATENCY"


def application(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
    """The simulator's, after the latency."""
    from demo.simulator import wsgi  # when served: it reads its customers from the environment

    answer = wsgi.application(environ, start_response)
    if environ["REQUEST_METHOD"] == "POST":
        time.sleep(float(os.environ.get(LATENCY, "0")))
    return answer
