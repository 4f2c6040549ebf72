"""Bugs in what is told outside the database, and in what a database that went back in time does."""

from tests.mutants.catalogue.mutant import mutant

RULES = "payouts/domain/sending/witness.py"
WITNESSED = "payouts/workflow/sending/witnessed.py"
DISPATCH = "payouts/worker/dispatch.py"
BACK_IN_TIME = "tests/worker/witness/test_back_in_time.py"

WITNESS = [
    mutant(
        "number-not-compared",
        "The witness takes calls in any order, and another call of the same number.",
        (RULES, "    return entry.serial == (last.serial if last else 0) + 1\n", "    return True\n"),
        tests="tests/domain/sending/test_witness.py tests/witness/test_contract.py",
    ),
    mutant(
        "told-after-the-byte",
        "The witness is told of a call after it was made.",
        (DISPATCH, "    if not _told(claimed):\n        return NOT_WITNESSED\n", ""),
        (
            DISPATCH,
            "        return provider.submit(claimed.instruction, began=began)\n",
            "        answer = provider.submit(claimed.instruction, began=began)\n"
            "        _told(claimed)\n"
            "        return answer\n",
        ),
        tests="tests/worker/witness/test_witnessing.py",
    ),
    mutant(
        "event-not-compared",
        "A claim does not ask whether the trail is what the witness knows of it.",
        (WITNESSED, " and same_call and there):", " and same_call):"),
        tests=BACK_IN_TIME,
    ),
    mutant(
        "founded-too-late",
        "A first witness is founded although calls were made that it does not know.",
        (WITNESSED, "    return not (Submission.objects.exists() or LostCall.objects.exists())\n", "    return True\n"),
        tests="tests/worker/witness/test_witnessing.py",
    ),
    mutant(
        "answer-without-call",
        "An answer whose call has no row any more is dropped.",
        (DISPATCH, "            witnessing.heard(claimed, answer, by=this_worker())\n", ""),
        tests=BACK_IN_TIME,
    ),
    mutant(
        "another-witness",
        "A worker sends with whatever witness it finds.",
        (WITNESSED, "    if not (same_witness and ", "    if not ("),
        tests="tests/worker/witness/test_witnessing.py",
    ),
    mutant(
        "another-server",
        "A claim does not ask whether the rows are still on the server that they remember.",
        (WITNESSED, " and same_server and ", " and "),
        tests="tests/worker/witness/test_another_server.py",
    ),
    mutant(
        "release-of-anything",
        "A release covers differences that nobody saw.",
        (
            "payouts/workflow/sending/went_back.py",
            "    return over.proposal_id if accepts_this_witness or over.code == token(known, left) else None\n",
            "    return over.proposal_id\n",
        ),
        tests=BACK_IN_TIME,
    ),
]
