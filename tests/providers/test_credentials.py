"""Account URLs: what is read, what is refused, and that no complaint repeats a secret."""

import pytest

from payouts.providers.base import Credentials, Provider
from payouts.providers.credentials import InvalidAccount, is_loopback, parse_account
from payouts.providers.registry import PROVIDERS

CANARY = "cAnArY"
HOST = "openapi.zoomex.com"


def parse(url: str, name: str = "treasury") -> Credentials:
    return parse_account(name, url, providers=PROVIDERS)


def test_a_whole_url_is_read() -> None:
    read = parse(f"zoomex://ke%2By:s%2F%3F%40%25cret@{HOST}?recv_window=3000&timeout=7")
    assert (read.account, read.provider) == ("treasury", "zoomex")
    assert (read.key, read.secret) == ("ke+y", "s/?@%cret")
    assert read.base_url == f"https://{HOST}"
    assert read.options == {"recv_window": "3000", "timeout": "7", "customer": ""}


def test_the_customer_is_the_merchant_code_or_what_people_say() -> None:
    assert parse("swapspace://100119:s@api.swapspace.ai").customer == "100119"
    assert parse(f"zoomex://k:s@{HOST}?customer=1000001").customer == "1000001"
    assert parse(f"zoomex://k:s@{HOST}").customer == ""


@pytest.mark.parametrize("customer", ["a%20b", "a%0A", "%C3%A9", "x" * 65, "a/b"])
def test_a_customer_is_named_plainly(customer: str) -> None:
    with pytest.raises(InvalidAccount, match="customer must be at most 64 letters"):
        parse(f"zoomex://k:s@{HOST}?customer={customer}")


def test_options_left_out_get_their_defaults() -> None:
    assert parse(f"zoomex://k:s@{HOST}").options == {"recv_window": "5000", "timeout": "20", "customer": ""}
    assert parse("swapspace://100119:s@api.swapspace.ai").options == {"content": "json", "timeout": "20"}


def test_white_space_around_the_url_is_left_off() -> None:
    assert parse(f"zoomex://k:s@{HOST}\n").base_url == f"https://{HOST}"


@pytest.mark.parametrize(
    ("url", "base_url"),
    [
        ("zoomex+http://k:s@localhost:8001", "http://localhost:8001"),
        ("zoomex+http://k:s@127.8.9.10", "http://127.8.9.10"),
        ("swapspace+http://1:s@[::1]:8001", "http://[::1]:8001"),
        ("swapspace://1:s@127.0.0.1", "https://127.0.0.1"),
    ],
)
def test_loopback_hosts_may_do_without_tls(url: str, base_url: str) -> None:
    assert parse(url).base_url == base_url
    assert is_loopback(parse(url))


@pytest.mark.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS)
def test_every_known_host_is_taken_over_tls_only(provider: type[Provider]) -> None:
    for host in provider.hosts:
        read = parse(f"{provider.name}://1:s@{host}:8443")
        assert read.base_url == f"https://{host}:8443"
        assert not is_loopback(read)
        with pytest.raises(InvalidAccount, match="loopback hosts only"):
            parse(f"{provider.name}+http://1:s@{host}")


@pytest.mark.parametrize(
    ("url", "complaint"),
    [
        (f"zoomex://k:{CANARY}@openapi.zoomex.com.example.org", "the host must be openapi"),
        (f"zoomex://k:{CANARY}@api.swapspace.ai", "the host must be openapi"),
        (f"zoomex://k:{CANARY}@{HOST}.", "the host must be openapi"),
        (f"zoomex://k:{CANARY}@127.0.0.1.example.org", "the host must be openapi"),
        (f"zoomex+http://k:{CANARY}@10.0.0.1", "loopback hosts only"),
        (f"zoomex+http://k:{CANARY}@0.0.0.0", "loopback hosts only"),
        (f"zoomex+http://k:{CANARY}@localhost.example.org", "loopback hosts only"),
        (f"https://k:{CANARY}@{HOST}", "must begin with one of swapspace://, zoomex://"),
        (f"zoomex+https://k:{CANARY}@{HOST}", "must begin with"),
        (f"zoomex:k:{CANARY}@{HOST}", "must begin with"),
        (CANARY, "must begin with"),
        ("", "must begin with"),
        (f"zoomex://{CANARY}@{HOST}", "API_SECRET is missing"),
        (f"zoomex://{CANARY}:@{HOST}", "API_SECRET is missing"),
        (f"zoomex://:{CANARY}@{HOST}", "API_KEY is missing"),
        (f"swapspace://100119@{HOST}", "ACCESS_KEY is missing"),
        (f"zoomex://{HOST}", "API_KEY is missing"),
        (f"zoomex://k:{CANARY}@", "the host is missing"),
        (f"zoomex://k:{CANARY}@{HOST}/", "nothing may follow the host"),
        (f"zoomex://k:{CANARY}@{HOST}/v1", "nothing may follow the host"),
        (f"zoomex://k:{CANARY}@{HOST}#part", "nothing may follow the host"),
        (f"zoomex://k:{CANARY}@{HOST}#", "nothing may follow the host"),
        (f"zoomex://k:{CANARY}/{CANARY}@{HOST}", "malformed"),
        (f"zoomex://k:{CANARY}?{CANARY}@{HOST}", "malformed"),
        (f"zoomex://k:{CANARY}@{CANARY}/x@{HOST}", "nothing may follow the host"),
        (f"zoomex://k:{CANARY}@{HOST}:{CANARY}", "malformed"),
        (f"zoomex://k:{CANARY}@{HOST}:70000", "malformed"),
        (f"zoomex://k:{CANARY}@[::1", "malformed"),
        (f"zoomex://k:{CANARY}%zz@{HOST}", "two hex digits"),
        (f"zoomex://k:{CANARY}%ff@{HOST}", "not UTF-8"),
        (f"zoomex://k:{CANARY} x@{HOST}", "white space"),
        (f"zoomex://k:{CANARY}%0d%0a@{HOST}", "API_SECRET must be"),
        (f"zoomex://k%26{CANARY}:s@{HOST}", "API_KEY must be"),
        (f"zoomex://k%3D{CANARY}:s@{HOST}", "API_KEY must be"),
        (f"swapspace://{CANARY}:s@api.swapspace.ai", "MERCHANT_CODE must be a number"),
        (f"swapspace://0123:{CANARY}@api.swapspace.ai", "MERCHANT_CODE must be a number"),
        (f"swapspace://1234567:{CANARY}@api.swapspace.ai", "MERCHANT_CODE must be a number"),
        (f"zoomex://k:{CANARY}@{HOST}?{CANARY}=1", "known are customer, recv_window, timeout"),
        (f"zoomex://k:{CANARY}@{HOST}?content=json", "known are customer, recv_window, timeout"),
        (f"zoomex://k:{CANARY}@{HOST}?timeout", "name=value"),
        (f"zoomex://k:{CANARY}@{HOST}?timeout=5&timeout=6", "given twice"),
        (f"zoomex://k:{CANARY}@{HOST}?timeout=0", "from 1 to 30"),
        (f"zoomex://k:{CANARY}@{HOST}?timeout=31", "from 1 to 30"),
        (f"zoomex://k:{CANARY}@{HOST}?timeout=1.5", "from 1 to 30"),
        (f"zoomex://k:{CANARY}@{HOST}?timeout=%D9%A3", "from 1 to 30"),
        (f"zoomex://k:{CANARY}@{HOST}?recv_window=999", "from 1000 to 60000"),
        (f"zoomex://k:{CANARY}@{HOST}?recv_window=60001", "from 1000 to 60000"),
        (f"zoomex://k:{CANARY}@{HOST}?recv_window=", "from 1000 to 60000"),
        ("swapspace://1:s@api.swapspace.ai?content=xml", "json or form"),
    ],
)
def test_a_wrong_url_is_refused_without_repeating_it(url: str, complaint: str) -> None:
    with pytest.raises(InvalidAccount, match=complaint) as refused:
        parse(url)
    error: BaseException | None = refused.value
    assert "treasury" in str(error)
    while error is not None:  # nor may a chained exception lead back to it
        assert CANARY not in str(error)
        error = error.__context__


@pytest.mark.parametrize("name", ["", "Treasury", "a b", "a.b", "ä", "a" * 33, "a\n"])
def test_a_wrong_account_name_is_refused(name: str) -> None:
    with pytest.raises(InvalidAccount, match="a name is 1 to 32"):
        parse(f"zoomex://k:s@{HOST}", name)


@pytest.mark.parametrize("name", ["a", "desk-2_b", "0", "a" * 32])
def test_a_right_account_name_is_taken(name: str) -> None:
    assert parse(f"zoomex://k:s@{HOST}", name).account == name


def test_neither_key_nor_secret_is_in_the_repr() -> None:
    shown = repr(parse(f"zoomex://{CANARY}1:{CANARY}2@{HOST}"))
    assert CANARY not in shown
    assert HOST in shown
