"""A person at a browser, as far as forms go: signs in, opens pages, fills in forms, all over HTTP."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests


class Page(HTMLParser):
    """The parts of a page that the road needs: hidden fields, data attributes of the main part, and all its text."""

    def __init__(self, response: requests.Response) -> None:
        super().__init__()
        self.status = response.status_code
        self.url = response.url
        self.hidden: dict[str, str] = {}
        self.facts: dict[str, str] = {}
        self.links: list[str] = []
        self.text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.text))
        self.feed(response.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag == "input" and attributes.get("type") == "hidden":
            self.hidden[attributes.get("name", "")] = attributes.get("value", "")
        if tag == "a":
            self.links.append(attributes.get("href", ""))
        if tag == "main":
            self.facts = {name[5:]: value for name, value in attributes.items() if name.startswith("data-")}


class Browser:
    """One person's browser, with cookies of its own."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._session = requests.Session()
        self._session.trust_env = False

    def open(self, path: str) -> Page:
        """The page at this path, after any redirects."""
        return Page(self._session.get(urljoin(self.base_url, path), timeout=30))

    def submit(self, page: Page, **fields: str) -> Page:
        """POST the page's form to its own address, hidden fields included."""
        return self._post(page.url, page.url, page.hidden | fields)

    def send(self, path: str, **fields: str) -> Page:
        """POST a form that has no hidden fields to this path, as a page of the same site does."""
        return self._post(urljoin(self.base_url, path), urljoin(self.base_url, "/"), fields)

    def _post(self, url: str, shown: str, form: dict[str, str]) -> Page:
        headers = {"Referer": shown, "Origin": self.base_url}
        return Page(self._session.post(url, data=form, headers=headers, timeout=30))
