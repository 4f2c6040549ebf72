"""The templates: what a strict policy forbids is not in them, and what people must not miss is."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import User

from payouts.domain.people.roles import Role
from payouts.models import Address, Withdrawal
from tests.conftest import SignIn
from tests.props.cast import Cast

TEMPLATES = sorted((Path(settings.BASE_DIR) / "templates").rglob("*.html"))


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_has_no_inline_script_style_or_data_address(path: Path) -> None:
    text = path.read_text()
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|data:|javascript:", text)


def test_the_style_sheet_asks_nobody_else_for_anything() -> None:
    text = (Path(settings.BASE_DIR) / "backoffice/static/backoffice/countersign.css").read_text()
    assert not re.search(r"url\(|@import", text)


@pytest.mark.django_db
def test_the_form_for_roles_starts_with_those_the_person_holds(sign_in: SignIn, cast: Cast, colleague: User) -> None:
    page = sign_in(cast.administrator).get(f"/auth/user/{colleague.pk}/roles/").content.decode()
    ticked = re.findall(r'name="roles" value="([^"]+)"[^>]*checked', page)
    assert ticked == [Role.REQUESTER.value]


@pytest.mark.django_db
def test_the_page_of_approval_shows_the_whole_address_and_carries_the_digest(
    sign_in: SignIn, cast: Cast, payee: Address, waiting: Withdrawal
) -> None:
    page = sign_in(cast.first_approver).get(f"/payouts/withdrawal/{waiting.pk}/approve/").content.decode()
    assert f'name="digest" value="{waiting.proposal.digest}"' in page
    shown = re.search(r'class="terms-address">(.*?)</p>', page, re.DOTALL)
    assert shown
    assert re.sub(r"<[^>]+>", "", shown[1]).strip() == payee.address


@pytest.mark.django_db
def test_people_without_the_screen_get_a_page_that_says_so_in_words(sign_in: SignIn, cast: Cast) -> None:
    answer = sign_in(cast.requester).get("/auth/user/")
    assert answer.status_code == 403
    assert "Your roles do not include" in answer.content.decode()
