"""The settings as the environment makes them, and the documents that have to agree with them."""

import re
import runpy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ROOT / "backoffice" / "settings.py"


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """`read(NAME=value)`: the settings under that environment; None leaves a variable out."""

    def settings(**environment: str | None) -> dict[str, Any]:
        monkeypatch.setenv("ENV_FILE", str(tmp_path / "none"))
        for name, value in environment.items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        return runpy.run_path(str(SETTINGS))

    return settings


def test_what_is_not_said_is_the_safe_choice(read: Any) -> None:
    names = ("DEBUG", "DEMO", "HTTPS_ONLY", "APPROVALS_REQUIRED", "TRUSTED_PROXIES", "ALLOWED_HOSTS", "SECRET_KEY")
    found = read(**dict.fromkeys(names))
    assert {name: found[name] for name in names} == {
        "DEBUG": False,
        "DEMO": False,
        "HTTPS_ONLY": True,
        "APPROVALS_REQUIRED": 2,
        "TRUSTED_PROXIES": 0,
        "ALLOWED_HOSTS": ["localhost", "127.0.0.1"],
        "SECRET_KEY": "",
    }


@pytest.mark.parametrize(
    ("said", "meant"), [("3", 3), (" 1 ", 1), ("0", 0), ("abc", 0), ("-1", 0), ("2.5", 0), ("", 0)]
)
def test_a_number_of_approvals_that_is_no_number_counts_as_none(read: Any, said: str, meant: int) -> None:
    """And is refused by its check, with a hint, instead of a traceback."""
    assert read(APPROVALS_REQUIRED=said)["APPROVALS_REQUIRED"] == meant


@pytest.mark.parametrize(
    ("said", "meant"), [("48", 48), (" 1 ", 1), ("0", 0), ("abc", 0), ("-1", 0), ("1.5", 0), ("nan", 0), ("9" * 30, 0)]
)
def test_a_length_of_time_that_is_no_number_counts_as_none(read: Any, said: str, meant: int) -> None:
    """And is refused by its check, as above."""
    assert read(APPROVE_WITHIN_HOURS=said)["APPROVE_WITHIN"] == timedelta(hours=meant)
    assert read(SEND_WITHIN_MINUTES=said)["SEND_WITHIN"] == timedelta(minutes=meant)


def test_the_sites_address_ends_without_a_slash(read: Any) -> None:
    assert read(SITE_URL="https://pay.example.com/")["SITE_URL"] == "https://pay.example.com"


def test_no_key_has_a_default(read: Any) -> None:
    names = (
        "SECRET_KEY",
        "SECOND_FACTOR_KEY",
        "DATABASE_URL",
        "PROVIDER_ACCOUNT_TREASURY",
        "PROVIDER_ACCOUNT_MERCHANT",
    )
    found = read(**dict.fromkeys(names))
    assert (found["SECRET_KEY"], found["SECOND_FACTOR_KEY"]) == ("", "")
    assert found["DATABASES"] == found["PROVIDER_ACCOUNT_SECRETS"] == {}


def test_cookies_are_bound_to_the_host_over_https(read: Any) -> None:
    found = read(HTTPS_ONLY="on")
    for name in ("SESSION", "CSRF"):
        assert found[f"{name}_COOKIE_NAME"].startswith("__Host-")
        assert found[f"{name}_COOKIE_SECURE"] is found[f"{name}_COOKIE_HTTPONLY"] is True
        assert found[f"{name}_COOKIE_SAMESITE"] == "Lax"
    assert found["SECURE_SSL_REDIRECT"] is True
    assert found["SECURE_HSTS_SECONDS"] >= 365 * 24 * 60 * 60


def test_without_https_no_cookie_promises_it(read: Any) -> None:
    found = read(HTTPS_ONLY="off")
    assert found["SESSION_COOKIE_SECURE"] is found["SECURE_SSL_REDIRECT"] is False
    assert not found["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert found["SECURE_HSTS_SECONDS"] == 0


def test_a_proxys_word_counts_only_where_there_is_one(read: Any) -> None:
    assert "SECURE_PROXY_SSL_HEADER" not in read(TRUSTED_PROXIES="0")
    assert read(TRUSTED_PROXIES="1")["SECURE_PROXY_SSL_HEADER"] == ("HTTP_X_FORWARDED_PROTO", "https")


def test_sessions_end_in_time(read: Any) -> None:
    """OWASP ASVS 5.0, V7.3: idle and absolute, at the figures of NIST's highest level."""
    found = read()
    assert found["SESSION_COOKIE_AGE"] <= 15 * 60
    assert found["SESSION_AGE_LIMIT"] <= 12 * 60 * 60
    assert found["SESSION_EXPIRE_AT_BROWSER_CLOSE"] is found["SESSION_SAVE_EVERY_REQUEST"] is True


def test_nothing_inline_and_nothing_from_elsewhere_may_run(read: Any) -> None:
    directives = read()["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]
    assert directives["default-src"] == ["'self'"]
    for values in directives.values():
        assert set(values) <= {"'self'", "'none'"}
    for name in ("object-src", "base-uri", "frame-ancestors"):
        assert directives[name] == ["'none'"]


def test_log_lines_are_json_and_written_once(read: Any) -> None:
    logging = read()["LOGGING"]
    assert logging["root"]["handlers"] == ["stderr"]
    assert logging["handlers"]["stderr"]["formatter"] == "json"
    assert not any(logger.get("handlers") for logger in logging["loggers"].values())


def test_where_requests_come_from_is_known_before_anything_can_be_refused(read: Any) -> None:
    order = [name.rpartition(".")[2] for name in read()["MIDDLEWARE"]]
    for first, second in (
        ("SecurityMiddleware", "OriginMiddleware"),
        ("OriginMiddleware", "SessionMiddleware"),
        ("AuthenticationMiddleware", "OTPMiddleware"),
        ("OTPMiddleware", "SessionAgeMiddleware"),
        ("SessionAgeMiddleware", "RefusalMiddleware"),
    ):
        assert order.index(first) < order.index(second)


def variables_read() -> set[str]:
    """Every variable that the settings ask for."""
    return set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', SETTINGS.read_text()))


def test_every_variable_is_documented_and_every_documented_one_is_read() -> None:
    example = (ROOT / ".env.example").read_text()
    documented = set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", example, re.MULTILINE))
    accounts = {name for name in documented if name.startswith("PROVIDER_ACCOUNT_")}
    assert accounts
    assert "ENV_FILE" in example  # which cannot be set in the file that it names
    assert documented - accounts == variables_read() - {"ENV_FILE"}


def test_every_dependency_is_pinned_with_its_hashes() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        pins = re.split(r"\n(?=[a-zA-Z0-9])", (ROOT / name).read_text())
        pins = [pin for pin in pins if not pin.startswith("#")]
        assert len(pins) > 5
        for pin in pins:
            assert re.match(r"[\w.\[\]-]+==[\w.]+", pin), pin
            assert "--hash=sha256:" in pin, pin
