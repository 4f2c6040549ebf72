"""The line in an environment that means no good: nothing in it changes who is called, or with what."""

from pathlib import Path

import pytest

from tests.props.providers.calls import PLENTY, answer_all, line_to, not_opened, post
from tests.props.providers.lines import StartServer


def test_a_ca_bundle_from_the_environment_is_not_trusted(
    raw_server: StartServer, monkeypatch: pytest.MonkeyPatch, certificate: Path
) -> None:
    server = raw_server(answer_all, tls=True)
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, str(certificate))
    not_opened(server.tls_url, PLENTY)
    assert server.received == []


@pytest.mark.parametrize("name", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"])
def test_a_proxy_from_the_environment_is_not_asked(
    raw_server: StartServer, monkeypatch: pytest.MonkeyPatch, trusting: None, name: str
) -> None:
    server, tls_server, proxy = (
        raw_server(answer_all),
        raw_server(answer_all, tls=True),
        raw_server(answer_all),
    )
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.setenv(name, proxy.url)
    for url in (server.url, tls_server.tls_url):
        with line_to(url) as line:
            assert post(line).http_status == 200
    assert proxy.connections == 0


def test_a_netrc_adds_no_authorization(
    raw_server: StartServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login eve password x\ndefault login eve password x\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    server = raw_server(answer_all)
    with line_to(server.url) as line:
        post(line)
    assert b"authorization" not in server.received[0].lower()


def test_tls_keys_are_not_logged_to_a_file(
    raw_server: StartServer, monkeypatch: pytest.MonkeyPatch, trusting: None, tmp_path: Path
) -> None:
    monkeypatch.setenv("SSLKEYLOGFILE", str(tmp_path / "keys"))
    server = raw_server(answer_all, tls=True)
    with line_to(server.tls_url) as line:
        post(line)
    assert not (tmp_path / "keys").exists()
