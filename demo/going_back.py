"""The incident that is no provider's: the demo's own database goes back in time. Asked for on the simulator's page.

The simulator writes what is asked for into a directory (`demo/simulator/pages/going_back.py`), and reads there what
was done. The simulator's book and the witness lie outside the database and stay as they are.
"""

from datetime import UTC, datetime
from pathlib import Path

from demo.embedded import EmbeddedPostgres
from demo.simulator.pages.going_back import ASKED, KEPT, PUT_BACK, WENT_BACK

IT_WENT_BACK = """
The database is as it was at {kept}: what was done since is gone from it, and the witness knows.
Nothing is sent. Look at {web_url} (sign in again if you have to):
  the orange line on every page leads to the pause, which shows what is missing;
  Unknown lists each payment that was lost, until two people have found out what became of it;
  then two different people release the pause, approvers or administrators, a code each: carla and theo, say.
"""


class GoingBack:
    """Keeps a copy of the database, and puts it back, when somebody asks for it."""

    def __init__(self, postgres: EmbeddedPostgres, place: Path, web_url: str) -> None:
        self._postgres, self._place, self._web_url = postgres, place, web_url
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        (place / ASKED).unlink(missing_ok=True)  # by somebody who has left

    def do_what_was_asked(self) -> None:
        """Keep or put back, if that was asked for since the last call. Raises DidNotStart."""
        asked = self._place / ASKED
        if not asked.exists():
            return
        if asked.read_text() == PUT_BACK:
            self._put_back()
        else:
            self._keep()
        asked.unlink()

    def _keep(self) -> None:
        self._postgres.keep()
        (self._place / KEPT).write_text(_now())
        (self._place / WENT_BACK).unlink(missing_ok=True)

    def _put_back(self) -> None:
        self._postgres.put_back()
        (self._place / WENT_BACK).write_text(_now())
        kept = (self._place / KEPT).read_text()
        print(IT_WENT_BACK.format(kept=kept, web_url=self._web_url), flush=True)


def _now() -> str:
    return f"{datetime.now(UTC):%H:%M:%S} UTC"
