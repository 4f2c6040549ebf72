"""The card that lets the database go back in time: it says so to whoever runs the database, by files in a directory.

`asked` holds what somebody wants and vanishes once it was done. `kept` and `went-back` say when that was.
"""

from html import escape
from pathlib import Path

from demo.simulator.pages.browser import template

VARIABLE = "SIMULATOR_GOING_BACK"  # the directory; without it nobody listens, and there is no card
ASKED, KEPT, WENT_BACK = "asked", "kept", "went-back"
KEEP, PUT_BACK = "keep", "put back"

_CARD = template("going_back.html")
_WORDS = {KEEP: "Keep a backup of the database", PUT_BACK: "Put the backup back"}


class CannotBeAsked(Exception):
    """What was asked for cannot be done; the message says why."""


class GoingBack:
    """What was asked for and done, in one directory."""

    def __init__(self, place: Path) -> None:
        self._place = place

    def ask(self, act: str) -> None:
        """Ask for one of the acts. Raises CannotBeAsked."""
        if act not in _WORDS:
            raise CannotBeAsked("There is no such act.")
        if act == PUT_BACK and not self._said(KEPT):
            raise CannotBeAsked("There is no backup of the database yet.")
        unfinished = self._place / "asked.new"
        unfinished.write_text(act)
        unfinished.rename(self._place / ASKED)

    def card(self, path: str) -> str:
        """The card, with what can be asked for now."""
        asked, kept = self._said(ASKED), self._said(KEPT)
        acts = [] if asked else [KEEP, *([PUT_BACK] if kept else [])]
        buttons = "".join(f'<button name="act" value="{act}">{_WORDS[act]}</button>' for act in acts)
        return _CARD.substitute(path=path, stands=escape(self._stands(asked, kept)), buttons=buttons)

    def _stands(self, asked: str, kept: str) -> str:
        if asked:
            return "Under way. Reload this page in a few seconds."
        if went_back := self._said(WENT_BACK):
            return f"At {went_back} the database went back to {kept}."
        return f"Backup of {kept}." if kept else "There is no backup yet."

    def _said(self, name: str) -> str:
        try:
            return (self._place / name).read_text()
        except FileNotFoundError:
            return ""
