"""Evidence is handed out as it was added, as a file and never as a page."""

from typing import Any
from uuid import uuid4

import pytest

from payouts.audit import Event
from payouts.workflow.unknown import evidence
from tests.conftest import SignIn
from tests.props.cast import Cast
from tests.props.findings import PICTURE
from tests.props.trail import told

pytestmark = pytest.mark.django_db

FILES = [
    ("panel.png", PICTURE.content, "image/png"),
    ("page.txt", b"<script>alert(1)</script>", "text/plain"),
    ("stat\u00e9ment; \"x\".csv", b"id,amount\n=1+1,5\n", "text/csv"),
    ("paper.pdf", b"%PDF-1.7 (a paper)", "application/pdf"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content", "media_type"), FILES)
def test_a_file_comes_as_a_download_and_runs_nothing(
    cast: Cast, sign_in: SignIn, name: str, content: bytes, media_type: str
) -> None:
    kept = evidence.keep(name, content, by=cast.requester)
    with told() as events:
        answer: Any = sign_in(cast.auditor).get(f"/payouts/evidence/{kept.pk}/")
    assert (answer.status_code, answer.content) == (200, content)
    assert answer["Content-Type"] == media_type
    assert answer["Content-Disposition"].startswith("attachment; filename")
    assert '";' not in answer["Content-Disposition"].removesuffix('"')
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    assert [(event.event, event.actor) for event in events] == [(Event.EVIDENCE_TAKEN, cast.auditor)]


def test_there_is_no_list_of_files_and_no_file_that_is_not_there(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.auditor)
    assert client.get("/payouts/evidence/").status_code == 404
    assert client.get(f"/payouts/evidence/{uuid4()}/").status_code == 404


@pytest.mark.parametrize("name", ["administrator", "outsider", "superuser"])
def test_who_may_not_see_withdrawals_sees_no_evidence(cast: Cast, sign_in: SignIn, name: str) -> None:
    kept = evidence.keep("panel.png", PICTURE.content, by=cast.requester)
    answer = sign_in(getattr(cast, name)).get(f"/payouts/evidence/{kept.pk}/")
    assert answer.status_code == 403
    assert PICTURE.content not in answer.content
