"""Provider accounts from the environment, or from the files that the environment names."""

import re
from collections.abc import Mapping
from pathlib import Path

_VARIABLE = re.compile(r"^PROVIDER_ACCOUNT_([A-Z0-9][A-Z0-9_]{0,31}?)(_FILE)?$")


def account_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Account name (lower case) to its URL, from PROVIDER_ACCOUNT_<NAME> or PROVIDER_ACCOUNT_<NAME>_FILE.

    Raises OSError when a named file cannot be read.
    """
    found: dict[str, str] = {}
    for variable, value in sorted(environment.items()):
        match = _VARIABLE.match(variable)
        if match and value:
            name, is_file = match.groups()
            found[name.lower()] = Path(value).read_text().strip() if is_file else value.strip()
    return found
