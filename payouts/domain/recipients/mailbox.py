"""E-mail addresses that name a provider's customer: the plain ASCII form of RFC 5321, without oddities."""

import string

from payouts.domain.characters import first_outside, position, refuse_strays
from payouts.domain.errors import InvalidValue

_LETTERS_AND_DIGITS = string.ascii_letters + string.digits
_LOCAL = _LETTERS_AND_DIGITS + "!#$%'*+-/?^_`{|}~."  # RFC 5322 atext and the dot, without & and =
_DOMAIN = _LETTERS_AND_DIGITS + "-."
_LONGEST_ADDRESS, _LONGEST_LOCAL, _LONGEST_LABEL = 254, 64, 63  # RFC 5321, 4.5.3.1; RFC 1035, 2.3.4


def check_email(address: str) -> None:
    """Raises InvalidValue("address", ...) unless it is one bare ASCII e-mail address."""
    if "<" in address or ">" in address:
        raise _invalid("display_name", "Write the address alone, without a name and without angle brackets.")
    refuse_strays("address", address)
    if len(address) > _LONGEST_ADDRESS:
        raise _invalid("too_long", f"An e-mail address has at most {_LONGEST_ADDRESS} characters.")
    if address.count("@") != 1:
        code = "several_ats" if "@" in address else "no_at"
        raise _invalid(code, "An e-mail address has exactly one @, between the name and the domain.")
    local, domain = address.split("@")
    _check_local(local)
    _check_domain(address, domain)


def _check_local(local: str) -> None:
    if not local:
        raise _invalid("no_local", "There is nothing before the @.")
    if len(local) > _LONGEST_LOCAL:
        raise _invalid("local_too_long", f"The part before the @ has more than {_LONGEST_LOCAL} characters.")
    at = first_outside(local, _LOCAL)
    if at is not None and local[at] in "&=":
        message = f"{position(local, at)}. The providers' signed text cannot carry & and = without ambiguity."
        raise _invalid("ambiguous_when_signed", message)
    if at is not None:
        raise _invalid("local_character", f"{position(local, at)}, which cannot stand before the @.")
    if "" in local.split("."):
        raise _invalid("local_dots", "Before the @ a dot stands alone, between two other characters.")


def _check_domain(address: str, domain: str) -> None:
    if not domain:
        raise _invalid("no_domain", "There is nothing after the @.")
    at = first_outside(domain, _DOMAIN)
    if at is not None:
        where = position(address, len(address) - len(domain) + at)
        raise _invalid("domain_character", f"{where}, which a domain cannot have.")
    labels = domain.split(".")
    if "" in labels:
        raise _invalid("domain_dots", "After the @ a dot stands alone, between two other characters.")
    if len(labels) == 1:
        raise _invalid("no_dot", "The domain has no dot. Write the whole domain, for example example.com.")
    if max(map(len, labels)) > _LONGEST_LABEL:
        raise _invalid("label_too_long", f"A part of the domain has more than {_LONGEST_LABEL} characters.")
    if any(label.startswith("-") or label.endswith("-") for label in labels):
        raise _invalid("label_hyphen", "No part of the domain begins or ends with a hyphen.")
    if labels[-1].isdigit():
        raise _invalid("numeric_domain", "The domain ends in a number. Write a name, not an IP address.")


def _invalid(code: str, message: str) -> InvalidValue:
    return InvalidValue("address", code, message)
