"""Evidence: kept whole with its hash under a safe name, taken by those who may, and told of both times."""

import hashlib
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction

from payouts.audit import Event
from payouts.domain.errors import InvalidValue
from payouts.models import Evidence
from payouts.workflow.unknown import evidence
from tests.props.cast import Cast
from tests.props.findings import PICTURE
from tests.props.trail import objected, told, unchanged


@pytest.fixture
def kept(cast: Cast) -> Evidence:
    """A picture that the requester attached."""
    return evidence.keep("../secret/panel.png", PICTURE.content, by=cast.requester)


def test_a_file_is_kept_whole_with_its_hash(cast: Cast) -> None:
    with told() as events:
        kept = evidence.keep("../secret/panel.png", PICTURE.content, by=cast.requester)
    kept.refresh_from_db()
    assert (kept.name, kept.media_type, kept.size) == ("panel.png", "image/png", len(PICTURE.content))
    assert bytes(kept.content) == PICTURE.content
    assert kept.sha256 == hashlib.sha256(PICTURE.content).hexdigest()
    assert [(event.event, event.actor, event.facts["sha256"]) for event in events] == [
        (Event.EVIDENCE_ADDED, cast.requester, kept.sha256)
    ]


@pytest.mark.parametrize(("name", "content"), [("x.html", b"<script>"), ("x.png", b"<script>"), ("x.pdf", b"")])
def test_what_is_not_evidence_is_not_kept(cast: Cast, name: str, content: bytes) -> None:
    with unchanged(), pytest.raises(InvalidValue) as caught:
        evidence.keep(name, content, by=cast.requester)
    assert caught.value.field == "evidence"


@pytest.mark.parametrize("name", ["requester", "first_approver", "keeper", "auditor"])
def test_who_may_see_withdrawals_takes_it_and_the_trail_says_so(cast: Cast, kept: Evidence, name: str) -> None:
    reader: User = getattr(cast, name)
    with told() as events:
        assert bytes(evidence.take(kept.pk, by=reader).content) == PICTURE.content
    assert [(event.event, event.actor, event.subject_id) for event in events] == [
        (Event.EVIDENCE_TAKEN, reader, str(kept.pk))
    ]


@pytest.mark.parametrize("name", ["administrator", "outsider", "superuser"])
def test_others_do_not(cast: Cast, kept: Evidence, name: str) -> None:
    reader = getattr(cast, name)
    with objected("no_role", Event.REVIEW_OBJECTED, by=reader):
        evidence.take(kept.pk, by=reader)


def test_what_is_not_there_is_not_taken(cast: Cast) -> None:
    with unchanged(), pytest.raises(Evidence.DoesNotExist):
        evidence.take(uuid4(), by=cast.requester)


def test_evidence_never_changes(kept: Evidence) -> None:
    for change in (lambda: Evidence.objects.update(name="other.png"), kept.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
