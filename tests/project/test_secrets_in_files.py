"""Accounts in the environment: as URLs, as files, and what is wrong with them in words that repeat nothing."""

from pathlib import Path

import pytest

from backoffice.secrets_in_files import account_secrets

URL = "zoomex://canary-key:canary-secret@openapi.zoomex.com"


def test_an_account_is_named_by_its_variable() -> None:
    environment = {"PROVIDER_ACCOUNT_TREASURY_2": f" {URL}\n", "PROVIDER_ACCOUNT_OFF": "", "OTHER": "x"}
    assert account_secrets(environment) == ({"treasury_2": URL}, {})


def test_an_account_can_stand_in_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "treasury"
    secret.write_text(f"{URL}\n")
    assert account_secrets({"PROVIDER_ACCOUNT_TREASURY_FILE": str(secret)}) == ({"treasury": URL}, {})


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"zoomex://caf\xe9")
    for path, kind in {"nowhere": "FileNotFoundError", ".": "IsADirectoryError", "latin": "UnicodeDecodeError"}.items():
        found, faults = account_secrets({"PROVIDER_ACCOUNT_TREASURY_FILE": str(tmp_path / path)})
        assert found == {}
        assert faults == {"PROVIDER_ACCOUNT_TREASURY_FILE": f"its file cannot be read ({kind})."}


def test_a_url_where_a_files_name_belongs_is_not_repeated() -> None:
    _, faults = account_secrets({"PROVIDER_ACCOUNT_TREASURY_FILE": URL})
    assert "canary" not in str(faults)


def test_an_account_given_twice_is_said(tmp_path: Path) -> None:
    (tmp_path / "treasury").write_text("swapspace://1:x@api.swapspace.ai")
    environment = {
        "PROVIDER_ACCOUNT_TREASURY": URL,
        "PROVIDER_ACCOUNT_TREASURY_FILE": str(tmp_path / "treasury"),
    }
    found, faults = account_secrets(environment)
    assert found == {"treasury": URL}
    assert faults.keys() == {"PROVIDER_ACCOUNT_TREASURY_FILE"}


@pytest.mark.parametrize("name", ["", "treasury", "MY-NAME", "_X", "ÄRA", "X" * 33])
def test_a_name_that_would_be_passed_over_is_said(name: str) -> None:
    found, faults = account_secrets({f"PROVIDER_ACCOUNT_{name}": URL})
    assert found == {}
    assert "canary" not in str(faults)
    assert faults.keys() == {f"PROVIDER_ACCOUNT_{name}"}
