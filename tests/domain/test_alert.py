"""Alerts: each has a title and one plain sentence."""

import pytest

from payouts.domain.alert import Alert


def test_the_list_is_closed() -> None:
    assert {alert.value for alert in Alert} == {
        "account_paused",
        "everything_paused",
        "unknown_needs_a_person",
        "orphan_found",
        "identity_differs",
        "records_unreadable",
        "undocumented_status",
        "approval_void",
        "clock_wrong",
        "submission_stopped",
        "late_answer",
        "witness_away",
    }


@pytest.mark.parametrize("alert", Alert)
def test_each_has_a_title_and_one_sentence(alert: Alert) -> None:
    assert 5 < len(alert.label) < 60
    assert not alert.label.endswith(".")
    assert alert.sentence.endswith(".")
    assert alert.sentence.count(".") == 1


def test_no_two_are_called_alike() -> None:
    assert len({alert.label for alert in Alert}) == len({alert.sentence for alert in Alert}) == len(Alert)
