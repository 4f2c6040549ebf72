"""`script/demo code NAME`: a one-time code of one of the demo's people, good for long enough to be used."""

import os
import sys
from pathlib import Path

import django
import environ

ENVIRONMENT_FILE = Path(__file__).resolve().parents[1] / "var" / "demo" / "environment"


def main() -> int:
    """Print the code; 1, with a sentence, when the demo does not run here or has nobody of that name."""
    if len(sys.argv) != 2:
        return _fail("usage: script/demo code NAME")
    if "DEMO" not in os.environ and not join(ENVIRONMENT_FILE):
        return _fail("The demo does not run here: start script/demo first.")
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    django.setup()
    return _print(sys.argv[1])


def join(environment: Path) -> bool:
    """Read the running demo's environment from the file; False without the file, which a demo that stops removes."""
    if environment.exists():
        environ.Env.read_env(environment, overwrite=True)
    return environment.exists()


def _print(name: str) -> int:
    from demo.codes import NotTheDemo, next_code
    from payouts.models import Authenticator

    try:
        print(next_code(name, patience=35))
    except NotTheDemo as err:
        return _fail(str(err))
    except Authenticator.DoesNotExist:
        return _fail(f"Nobody called {name} has an authenticator here.")
    return 0


def _fail(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
