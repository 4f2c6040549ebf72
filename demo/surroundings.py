"""What the demo's programs find in their environment: made-up keys, and two accounts at the simulator."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MERCHANT_CODE = "100105"
MASTER_UID = "1000001"
KEYS = "secret_key", "second_factor_key", "zoomex_key", "zoomex_secret", "swapspace_key"
COINS = {"USDT": "250000", "USDC": "100000", "BTC": "5", "ETH": "50"}


@dataclass(frozen=True)
class Surroundings:
    """Where the demo's parts are, and the keys that they share."""

    database_url: str
    web_url: str
    simulator_url: str
    keys: Mapping[str, str]
    witness: Path  # the file that is told of each payment

    def variables(self) -> dict[str, str]:
        """The environment of manage.py, the worker and the web server."""
        simulator = self.simulator_url.removeprefix("http://")
        zoomex = f"{self.keys['zoomex_key']}:{self.keys['zoomex_secret']}@{simulator}"
        swapspace = f"{MERCHANT_CODE}:{self.keys['swapspace_key']}@{simulator}"
        return {
            "DATABASE_URL": self.database_url,
            "SECRET_KEY": self.keys["secret_key"],
            "SECOND_FACTOR_KEY": self.keys["second_factor_key"],
            "ENV_FILE": os.devnull,  # what stands in .env is for something else
            "DEMO": "on",
            "DEBUG": "off",
            "HTTPS_ONLY": "off",
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "SITE_URL": self.web_url,
            "WITNESS_URL": f"file:{self.witness.resolve()}",
            "SIMULATOR_URL": self.simulator_url,
            "NOT_PAID_AFTER_MINUTES": "1",
            "LOOK_AGAIN_AFTER_SECONDS": "65",  # nobody who rehearses an incident wants to wait five minutes
            "PROVIDER_ACCOUNT_TREASURY": f"zoomex+http://{zoomex}?customer={MASTER_UID}",
            "PROVIDER_ACCOUNT_MERCHANT": f"swapspace+http://{swapspace}",
        }

    def simulator_variables(self, book: Path, going_back: Path | None = None) -> dict[str, str]:
        """The simulator's environment: who may call, with which balances, and the file that keeps the orders.

        Also where it asks for the database to go back in time, if there is one that can.
        """
        zoomex = {
            "api_key": self.keys["zoomex_key"],
            "api_secret": self.keys["zoomex_secret"],
            "balances": COINS,
            "recipients": "*",
            "user_id": MASTER_UID,
        }
        swapspace = {"code": MERCHANT_CODE, "access_key": self.keys["swapspace_key"], "balances": COINS}
        customers = {"zoomex": [zoomex], "swapspace": [swapspace]}
        told = {"SIMULATOR_CUSTOMERS": json.dumps(customers), "SIMULATOR_BOOK": str(book.resolve())}
        return told | ({"SIMULATOR_GOING_BACK": str(going_back.resolve())} if going_back else {})


def inherited() -> dict[str, str]:
    """The caller's environment, without what would bring real accounts or other settings into the demo."""
    foreign = "PROVIDER_ACCOUNT_", "SIMULATOR_", "DJANGO_", "GUNICORN_", "WEB_CONCURRENCY", "DATABASE_URL"
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return kept | {"DJANGO_SETTINGS_MODULE": "backoffice.settings", "PYTHONUNBUFFERED": "1"}


def kept_keys(path: Path) -> dict[str, str]:
    """The keys in that file; made at the first start and kept, because the database holds what they encrypt."""
    if not path.exists():
        write_private(path, json.dumps({name: secrets.token_hex(32) for name in KEYS}))
    found: dict[str, str] = json.loads(path.read_text())
    return found


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone can read, from the first byte on."""
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(mode=0o600, exist_ok=False)
    unfinished.write_text(text)
    unfinished.rename(path)
