"""A PostgreSQL server that comes with the checkout: no service to install, no port to open.

For the demo and the tests, and for nothing else. With DATABASE_URL set, neither of them uses it.
"""

from backoffice.embedded.account import UntrustedPath
from backoffice.embedded.home import AlreadyRunning
from backoffice.embedded.server import DidNotStart, EmbeddedPostgres

__all__ = ["AlreadyRunning", "DidNotStart", "EmbeddedPostgres", "UntrustedPath"]
