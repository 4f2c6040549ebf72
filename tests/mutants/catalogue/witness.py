"""Bugs in what is told outside the database, and in what a database that went back in time does."""

from tests.mutants.catalogue.mutant import mutant

RULES = "payouts/domain/sending/witness.py"
WITNESSED = "payouts/workflow/sending/witnessed.py"
DISPATCH = "payouts/worker/dispatch.py"
BACK_IN_TIME = "tests/worker/witness/test_back_in_time.py"
LOST_CALLS = "tests/workflow/unknown/test_lost_call.py"

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
    mutant(
        "lost-call-is-no-reason",
        "What a lost call may have paid is asked for again before two people have found out.",
        (
            "payouts/workflow/withdrawals/request.py",
            "    return Lost.UNDECIDED if verdicts - {Verdict.NOT_PAID} else Lost.NOTHING\n",
            "    return Lost.NOTHING\n",
        ),
        (
            "payouts/guards/withdrawals/withdrawal.sql",
            " AND NOT EXISTS (SELECT 1 FROM payouts_submission WHERE id = lost.id)",
            " AND false",
        ),
        tests=f"{LOST_CALLS} {BACK_IN_TIME}",
    ),
    mutant(
        "not-paid-against-its-record",
        "People say of a lost call that it was not paid, although a record of what was sent says that it arrived.",
        (
            "payouts/domain/unknown/lost_call.py",
            "        if contradicts(record.status, paid=False):\n",
            "        if False:\n",
        ),
        ("payouts/guards/unknown/kind.sql", "record.status = 'completed' OR ", ""),
        tests=f"{LOST_CALLS} tests/domain/unknown/test_lost_call.py",
    ),
    mutant(
        "proof-of-anything",
        "Whatever a person writes is taken for what a lost call sent.",
        ("payouts/domain/unknown/lost_order.py", "if whole.hexdigest() == self.lost.digest:", "if whole:"),
        ("payouts/guards/unknown/lostproof.sql", " <> its.digest THEN", " = '' THEN"),
        tests=f"{LOST_CALLS} tests/domain/unknown/test_lost_order.py",
    ),
]
