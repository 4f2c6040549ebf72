"""docs/refusals.md says every sentence by which something is refused, as the code says it."""

from tests.documents import refusals


def test_the_list_of_refusals_is_what_the_code_says() -> None:
    assert refusals.PAGE.read_text() == refusals.page(), "python -m tests.documents.refusals"


def test_a_sentence_that_is_passed_on_is_found_as_well() -> None:
    """Some functions take code and sentence, some name the sentence first."""
    found = dict(refusals.objections())
    assert found["own_request"]
    assert "again" in found["asked_again_already"]
    assert ("empty", "The file is empty.") in set(refusals.wrong_values())
