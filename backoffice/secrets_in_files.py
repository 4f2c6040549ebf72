"""Provider accounts from the environment, or from the files that the environment names."""

import re
from collections.abc import Mapping
from pathlib import Path

_ACCOUNT_PREFIX = "PROVIDER_ACCOUNT_"
_VARIABLE = re.compile(rf"{_ACCOUNT_PREFIX}([A-Z0-9][A-Z0-9_]{{0,31}}?)(_FILE)?")


def account_secrets(environment: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """(URL by account name in lower case, fault by variable). A fault never repeats the variable's value.

    From PROVIDER_ACCOUNT_<NAME> or PROVIDER_ACCOUNT_<NAME>_FILE; empty ones count as not set. Raises nothing: settings
    are read before anything could say so in a sentence, and the start-up checks report the faults.
    """
    found: dict[str, str] = {}
    faults: dict[str, str] = {}
    for variable, value in sorted(environment.items()):
        if not variable.startswith(_ACCOUNT_PREFIX) or not value:
            continue
        match = _VARIABLE.fullmatch(variable)
        name = match[1].lower() if match else ""
        if match is None:
            faults[variable] = "the account's name must be 1 to 32 capital letters, digits or underscores."
        elif name in found:
            faults[variable] = "the account is given twice, as a URL and as a file."
        else:
            try:
                found[name] = _content(value) if match[2] else value.strip()
            except (OSError, ValueError) as err:
                faults[variable] = f"its file cannot be read ({type(err).__name__})."
    return found, faults


def _content(path: str) -> str:
    return Path(path).read_text(encoding="utf-8").strip()
