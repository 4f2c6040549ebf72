"""Records: which of a provider's words end a withdrawal."""

from payouts.domain.unknown.record import RecordStatus


def test_only_what_may_still_change_is_not_final() -> None:
    assert {status for status in RecordStatus if not status.is_final} == {RecordStatus.PENDING}
