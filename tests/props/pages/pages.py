"""What tests do on the screens: where a page is, and what one says."""

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from payouts.models import PersonSession
from tests.props.cast import code_of
from tests.props.trail import everything, told


def page_of(thing: Model) -> str:
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_change", args=[thing.pk])


def act_on(thing: Model, act: str) -> str:
    """The address of an act on it."""
    return reverse(f"admin:{thing._meta.app_label}_{thing._meta.model_name}_{act}", args=[thing.pk])


def list_of(name: str) -> str:
    """The address of a list, by its model as the URL names have it."""
    return reverse(f"admin:{name}_changelist")


def business() -> Any:
    """Every row that an act could change, the sessions aside: a request renews its own."""
    return everything(but=frozenset({PersonSession}))


@contextmanager
def untouched() -> Iterator[None]:
    """Meanwhile nothing is written, not even to the trail, but sessions."""
    before = business()
    with told() as events:
        yield
    assert events == []
    assert business() == before


def words(page: Any) -> str:
    """What a person reads on the page: no tags, no entities, single spaces."""
    text = re.sub(r"<(script|style|head)\b.*?</\1>", " ", page.content.decode(), flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).split())


def hidden(page: Any) -> dict[str, str]:
    """The hidden values of the page's forms, as a browser would send them back; the site's own token aside."""
    found = {}
    for tag in re.findall(r'<input type="hidden"[^>]*>', page.content.decode()):
        values = dict(re.findall(r'(name|value)="([^"]*)"', tag))
        found[values["name"]] = html.unescape(values.get("value", ""))
    found.pop("csrfmiddlewaretoken", None)
    return found


def objected_to(page: Any) -> str:
    """The sentence in the page's objection; empty where there is none."""
    found = re.search(r'<h2 id="objection">.*?</h2>\s*<p>(.*?)</p>', page.content.decode(), re.DOTALL)
    return html.unescape(found[1]) if found else ""


def filled(user: User, fields: dict[str, str]) -> dict[str, str]:
    """The fields with a code that the person's app shows now, where they ask for one."""
    return fields | ({"code": code_of(user)} if "code" in fields else {})


def strict(client: Client) -> Client:
    """The same browser, without the leniency towards missing CSRF tokens that tests usually have."""
    client.handler.enforce_csrf_checks = True
    return client
