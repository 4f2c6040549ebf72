"""A PostgreSQL server that comes with the checkout: no service to install, no port to open.

For the demo and the tests, and for nothing else. With DATABASE_URL set, neither of them uses it.
"""

from demo.embedded.account import UntrustedPath
from demo.embedded.home import AlreadyRunning
from demo.embedded.server import DidNotStart, EmbeddedPostgres

__all__ = ["AlreadyRunning", "DidNotStart", "EmbeddedPostgres", "UntrustedPath"]
