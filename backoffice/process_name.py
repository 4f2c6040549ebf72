"""What a process is called: in the trail, and by each of its database sessions."""

import os
import re
import secrets

NOT_PLAIN = re.compile(r"[^!-~]")  # PostgreSQL replaces it in a session's name


def process_name(host: str) -> str:
    """A name that no other process has: plain ASCII, 55 characters at most, of which PostgreSQL would keep 63.

    Drawn in part, since containers share host names and process numbers.
    """
    return f"{NOT_PLAIN.sub('-', host)[:40]}:{os.getpid()}:{secrets.token_hex(3)}"
