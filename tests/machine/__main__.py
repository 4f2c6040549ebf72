"""`python -m tests.machine --steps N --seed S`: as test_machine.py, for longer, on a PostgreSQL of its own."""

import argparse
import os
import secrets
import sys
import time

from demo.embedded import EmbeddedPostgres


def main() -> int:
    """0 when every promise held; otherwise what broke is shown, with the way to do the same again."""
    parser = argparse.ArgumentParser(prog="python -m tests.machine", description=__doc__)
    parser.add_argument("--steps", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(10**6))
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    with EmbeddedPostgres(f"machine-{asked.seed}", throwaway=True) as url:
        os.environ["DATABASE_URL"] = url
        _set_up()
        _run(asked.steps, asked.seed)
    return 0


def _set_up() -> None:
    import tests.props.environment  # noqa: F401  the settings of the tests

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    import django
    from django.conf import settings
    from django.core.management import call_command

    django.setup()
    from tests.props.cast import FAST_HASHER

    settings.PASSWORD_HASHERS = [FAST_HASHER]
    call_command("migrate", verbosity=0)


def _run(steps: int, seed: int) -> None:
    from tests.machine.run import run

    begun, cpu = time.monotonic(), time.process_time()
    taken = run(steps, seed)
    seconds = time.monotonic() - begun
    print(f"{taken} steps in {seconds:.0f} s, {time.process_time() - cpu:.0f} s of this process: every promise held")


if __name__ == "__main__":
    sys.exit(main())
