"""Bugs in what was approved, in finding out what became of it, and in stopping."""

from tests.mutants.catalogue.mutant import mutant

POLICY = "payouts/domain/withdrawals/policy.py"
PROPOSAL = "payouts/domain/decisions/proposal.py"
WITHDRAWALS = "payouts/models/withdrawals/queries.py"

DECIDING = [
    # -- what was approved --
    mutant(
        "approval-not-bound",
        "Approvals count whatever they name.",
        (PROPOSAL, "if said == digest and person not in", "if person not in"),
        tests="tests/domain/withdrawals/test_policy.py",
    ),
    mutant(
        "difference-overlooked",
        "What would be sent is not compared with what was asked for.",
        (POLICY, "    if facts.order_digest != facts.digest or ", "    if "),
        tests="tests/domain/withdrawals/test_policy.py",
    ),
    mutant(
        "authority-not-compared",
        "What somebody approved counts whatever was taken away from them since.",
        (
            "payouts/models/decisions/approval.py",
            '_STANDS = Q(authority=number_of("approver_id")) & Q(',
            "_STANDS = Q(",
        ),
        (
            "payouts/guards/decisions/approval.sql",
            "              AND authority = countersign_authority(approver_id)\n",
            "",
        ),
        tests="tests/workflow/withdrawals/test_standing.py",
    ),
    mutant(
        "authority-asked-at-the-claim-alone",
        "What is taken away between a claim and its call stops nothing.",
        ("payouts/workflow/sending/submission.py", "    fresh = fresh.filter(_STOOD_BEHIND)\n", ""),
        tests="tests/workflow/withdrawals/test_standing.py",
    ),
    mutant(
        "requester-gone-pays",
        "What somebody asked for who may not any more is paid.",
        (POLICY, "return None if facts.requester_stands else REQUESTER_GONE", "return None"),
        tests="tests/workflow/withdrawals/test_standing.py",
    ),
    mutant(
        "reset-keeps-authority",
        "What was approved with a second factor that others had to reset still counts.",
        ("payouts/workflow/people/second_factor.py", "        Authority.objects.end(user)", "        pass"),
        tests="tests/workflow/withdrawals/test_standing.py",
    ),
    mutant(
        "seed-of-anybody",
        "A second factor's seed that was copied to another person's row makes the first one's codes.",
        ("payouts/models/people/authenticator.py", 'f"{self.user_id}:{self.key}"', "self.key"),
        tests="tests/guards/people/test_authenticator.py",
    ),
    mutant(
        "terms-from-the-row",
        "How many digits a code has, and how long it works, is what a row of the database says.",
        (
            "payouts/models/people/authenticator.py",
            "return terms == (DIGITS, STEP, START, TOLERANCE, DRIFT) and bool(",
            "return bool(",
        ),
        tests="tests/guards/people/test_authenticator.py",
    ),
    mutant(
        "people-not-held",
        "A claim does not hold the people that it rests on.",
        ("payouts/models/withdrawals/queries.py", ", people_held=_ITS_PEOPLE", ""),
        tests="tests/races/test_authority.py",
    ),
    mutant(
        "requester-counts",
        "The quorum counts the requester's own approval.",
        (PROPOSAL, "if said == digest and person not in self.excluded", "if said == digest"),
        tests="tests/domain/decisions/test_proposal.py",
    ),
    mutant(
        "own-request-approved",
        "Requesters approve what they asked for.",
        (
            "payouts/domain/decisions/deciding.py",
            "words.excluded if person.id in facts.excluded else None",
            "None",
        ),
        tests="tests/domain/withdrawals/test_policy.py",
    ),
    mutant(
        "revoked-is-paid",
        "What was approved before its address was revoked is paid.",
        (
            WITHDRAWALS,
            ".filter(expires_at__gt=Now(), address__status=AddressStatus.ACTIVE)\n            .exclude(Exists(paused))",
            ".filter(expires_at__gt=Now())\n            .exclude(Exists(paused))",
        ),
        (
            POLICY,
            "            _equal_in_flight(facts),\n            not_active(facts.address_status),\n",
            "            _equal_in_flight(facts),\n",
        ),
        tests="tests/workflow/sending/test_submission.py",
    ),
    mutant(
        "proof-used-twice",
        "One proof of presence serves for several acts.",
        (
            "payouts/workflow/decisions/presence.py",
            "if unused.update(used_at=timezone.now()) != 1:",
            "if not unused.exists():",
        ),
        tests="tests/workflow/decisions/test_approval.py",
    ),
    mutant(
        "code-accepted-twice",
        "A one-time code is checked without a lock on its device.",
        (
            "payouts/workflow/decisions/presence.py",
            "not django_otp.verify_token(by, device.persistent_id, code)",
            "not device.verify_token(code)",
        ),
        tests="tests/races/test_double_posts.py",
    ),
    # -- finding out --
    mutant(
        "record-claimed-twice",
        "One record of the provider settles two withdrawals.",
        (
            "payouts/domain/unknown/matching.py",
            "        if record.provider_id not in claimed_ids\n        and matches(",
            "        if matches(",
        ),
        tests="tests/domain/unknown/test_matching.py",
    ),
    mutant(
        "one-look-is-enough",
        "Looking once proves that nothing is there, and the order is sent again.",
        (
            "payouts/domain/unknown/looking.py",
            "    return looks.last_absent_at - looks.first_absent_at >= apart\n",
            "    return True\n",
        ),
        tests="tests/domain/unknown/test_looking.py",
    ),
    mutant(
        "blind-provider-resends",
        "An unknown order is sent again although its provider does not promise that one reference pays once.",
        ("payouts/domain/unknown/looking.py", "if not looks.promised or looks.resent", "if looks.resent"),
        tests="tests/domain/unknown/test_looking.py",
    ),
    mutant(
        "finding-confirmed-alone",
        "Who says what became of a withdrawal confirms it as well.",
        ("payouts/workflow/unknown/resolution.py", "frozenset({by.pk, *(", "frozenset({*("),
        tests="tests/workflow/unknown/test_finding.py tests/workflow/unknown/test_resolution.py",
    ),
    # -- stopping --
    mutant(
        "pause-overlooked",
        "Withdrawals leave through an account that is paused.",
        (
            WITHDRAWALS,
            "address__status=AddressStatus.ACTIVE)\n            .exclude(Exists(paused))",
            "address__status=AddressStatus.ACTIVE)",
        ),
        (POLICY, "            _paused(facts),\n", ""),
        tests="tests/worker/test_stopping.py tests/workflow/stopping/test_pause.py",
    ),
    mutant(
        "equal-payments-at-once",
        "Two equal payments are under way, and no record can tell which was made.",
        (
            WITHDRAWALS,
            "return approved.may_leave().exclude(Exists(equal)).order_by",
            "return approved.may_leave().order_by",
        ),
        (POLICY, "            _equal_in_flight(facts),\n", ""),
        tests="tests/worker/test_dispatch.py",
    ),
]
