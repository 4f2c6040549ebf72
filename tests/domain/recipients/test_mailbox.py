"""E-mail addresses: the practical ones, and every way of not being one."""

import pytest

from payouts.domain.errors import InvalidValue
from payouts.domain.recipients.mailbox import check_email

LONGEST_DOMAIN = f"{'b' * 63}.{'c' * 63}.{'d' * 61}"  # 189, and 64 and the @ make 254


def code_of(address: str) -> str:
    with pytest.raises(InvalidValue) as refusal:
        check_email(address)
    assert refusal.value.field == "address"
    assert address not in refusal.value.message
    return refusal.value.code


@pytest.mark.parametrize(
    "address",
    [
        "a@b.co",
        "Ann.Lee+payouts@Example.COM",
        "o'neil_2-x@mail.example.co.uk",
        "1@2.3com",
        "a@xn--bcher-kva.example",
        f"{'a' * 64}@{LONGEST_DOMAIN}",
    ],
)
def test_a_practical_address_is_taken(address: str) -> None:
    check_email(address)


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("Ann Lee <ann@example.com>", "display_name"),
        ("<ann@example.com>", "display_name"),
        (" ann@example.com", "white_space"),
        ("ann@example.com\n", "white_space"),
        ("ann lee@example.com", "white_space"),
        ("ann@ex\u0430mple.com", "not_ascii"),
        ("\u202eann@example.com", "not_ascii"),
        ("\uff41nn@example.com", "not_ascii"),
        ("ann\x00@example.com", "control_character"),
        ("ann.example.com", "no_at"),
        ("ann@lee@example.com", "several_ats"),
        ("@example.com", "no_local"),
        (f"{'a' * 65}@example.com", "local_too_long"),
        ("ann&lee@example.com", "ambiguous_when_signed"),
        ("ann=lee@example.com", "ambiguous_when_signed"),
        ('"ann"@example.com', "local_character"),
        ("ann(lee)@example.com", "local_character"),
        ("mailto:ann@example.com", "local_character"),
        ("ann,bob@example.com", "local_character"),
        (".ann@example.com", "local_dots"),
        ("ann.@example.com", "local_dots"),
        ("ann..lee@example.com", "local_dots"),
        ("ann@", "no_domain"),
        ("ann@example", "no_dot"),
        ("ann@.example.com", "domain_dots"),
        ("ann@example.com.", "domain_dots"),
        ("ann@example..com", "domain_dots"),
        ("ann@exa_mple.com", "domain_character"),
        ("ann@example.com&amount", "domain_character"),
        ("ann@[127.0.0.1]", "domain_character"),
        (f"ann@{'b' * 64}.com", "label_too_long"),
        ("ann@-example.com", "label_hyphen"),
        ("ann@example-.com", "label_hyphen"),
        ("ann@127.0.0.1", "numeric_domain"),
        (f"{'a' * 64}@{LONGEST_DOMAIN}e", "too_long"),
    ],
)
def test_every_bad_form_has_its_own_code(address: str, code: str) -> None:
    assert code_of(address) == code


def test_a_wrong_character_of_the_domain_is_counted_from_the_start_of_the_address() -> None:
    with pytest.raises(InvalidValue, match=r'^Character 8 is "_" \(LOW LINE\)'):
        check_email("ann@exa_mple.com")
