"""The seeded bugs: what each breaks, as replacements of exact text, and the test files that catch it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Change:
    """One replacement; the old text stands in the file exactly once."""

    file: str
    old: str
    new: str


@dataclass(frozen=True)
class Mutant:
    """One bug, as somebody could make it in good faith."""

    name: str
    breaks: str
    changes: tuple[Change, ...]
    tests: tuple[str, ...]


def _mutant(name: str, breaks: str, *changes: tuple[str, str, str], tests: str) -> Mutant:
    return Mutant(name, breaks, tuple(Change(*change) for change in changes), tuple(tests.split()))


ANSWER = "payouts/workflow/sending/answer.py"
SUBMISSION = "payouts/workflow/sending/submission.py"
POLICY = "payouts/domain/withdrawals/policy.py"
HTTP = "payouts/providers/http.py"
ZOOMEX = "payouts/providers/zoomex/provider.py"
SWAPSPACE = "payouts/providers/swapspace/provider.py"
JSON = "payouts/providers/json_over_http.py"
WITHDRAWALS = "payouts/models/withdrawals/queries.py"

MUTANTS = [
    # -- what the provider is told --
    _mutant(
        "reference-per-attempt",
        "Each attempt has a reference of its own: the provider cannot tell a repetition.",
        (ZOOMEX, '"requestId": order.reference,', '"requestId": __import__("uuid").uuid4().hex,'),
        tests="tests/providers/zoomex/test_provider.py",
    ),
    _mutant(
        "account-not-compared",
        "An order of one account is sent through another.",
        (JSON, "if (order.provider, order.account) != (self.name, self.credentials.account):", "if False:"),
        tests="tests/providers/test_contract.py",
    ),
    _mutant(
        "redirect-followed",
        "The signed order is sent again to wherever a redirect points.",
        (HTTP, "allow_redirects=False,", "allow_redirects=True,"),
        (
            HTTP,
            "def get_redirect_target(self, resp: requests.Response) -> None:",
            "def _unused(self, resp: object) -> None:",
        ),
        tests="tests/providers/test_http.py",
    ),
    _mutant(
        "blind-retry",
        "The HTTP library repeats what it could not send.",
        (HTTP, "Retry(0, read=False,", "Retry(3, read=3, allowed_methods=None,"),
        tests="tests/providers/test_http.py",
    ),
    # -- what its answer means --
    _mutant(
        "timeout-is-refused",
        "A call without an answer counts as a no, although it may have been paid.",
        (
            JSON,
            "return Unknown(failure.code, failure.message, evidence)",
            "return Refused(failure.code, failure.message, evidence)",
        ),
        tests="tests/providers/test_contract.py tests/providers/test_against_simulator.py",
    ),
    _mutant(
        "lost-is-not-executed",
        "A connection that broke after the request had left counts as one that never opened.",
        (HTTP, "if call.stage is not Stage.SENDING:", "if call.http_status is None:"),
        tests="tests/providers/test_http.py",
    ),
    _mutant(
        "page-is-accepted",
        "A gateway's page under HTTP 200 counts as a yes.",
        (SWAPSPACE, 'Verdict(Outcome.UNKNOWN, "unreadable"', 'Verdict(Outcome.ACCEPTED, "unreadable"'),
        tests="tests/providers/swapspace/test_provider.py",
    ),
    _mutant(
        "status-is-refused",
        "An HTTP status that is not documented counts as a no.",
        (SWAPSPACE, 'Verdict(Outcome.UNKNOWN, f"HTTP {http_status}"', 'Verdict(Outcome.REFUSED, f"HTTP {http_status}"'),
        tests="tests/providers/swapspace/test_provider.py",
    ),
    _mutant(
        "duplicate-is-refused",
        "The provider's word that it has this order already counts as a no.",
        ("payouts/providers/zoomex/v1.py", "10014: Meaning(Outcome.UNKNOWN,", "10014: Meaning(Outcome.REFUSED,"),
        tests="tests/providers/zoomex/test_provider.py",
    ),
    # -- claim, call, record --
    _mutant(
        "claim-without-lock",
        "Two workers claim in one account at the same time.",
        (SUBMISSION, "            account = Account.objects.locked(account.pk)\n", ""),
        tests="tests/races/test_acts.py",
    ),
    _mutant(
        "claimed-although-cancelled",
        "What was cancelled while the worker waited for the lock is treated as if it could still be sent.",
        (
            SUBMISSION,
            "    if withdrawal.status != Status.APPROVED:\n        return None",
            "    if False:\n        return None",
        ),
        tests="tests/races/test_acts.py tests/workflow/sending/test_submission.py",
    ),
    _mutant(
        "late-worker-sends",
        "A worker that was held up after its claim sends, although the call was given up.",
        (
            SUBMISSION,
            "fresh = Submission.objects.in_hand().filter(pk=submission.pk, claimed_at__gt=Now() - BEGIN_WITHIN)",
            "fresh = Submission.objects.filter(pk=submission.pk)",
        ),
        tests="tests/worker/test_dispatch.py",
    ),
    _mutant(
        "gone-worker-sends",
        "A worker that was taken for gone sends, although its account goes on without it.",
        (
            SUBMISSION,
            "fresh = Submission.objects.in_hand().filter(pk=submission.pk, ",
            "fresh = Submission.objects.open().filter(pk=submission.pk, ",
        ),
        tests="tests/workflow/sending/test_worker_gone.py",
    ),
    _mutant(
        "gone-although-there",
        "Whoever has a call in hand is taken for gone.",
        (SUBMISSION, " or not is_gone(call.worker):", ":"),
        tests="tests/workflow/sending/test_worker_gone.py tests/workflow/sending/test_submission.py",
    ),
    _mutant(
        "all-of-them-left",
        "Whatever ends worker after worker goes through everything that is approved.",
        (SUBMISSION, "if account.submissions.left_behind().exists() or not", "if not"),
        tests="tests/workflow/sending/test_worker_gone.py",
    ),
    _mutant(
        "gone-means-unpaid",
        "A call whose worker is gone is taken back to be sent again.",
        (
            "payouts/workflow/sending/worker_gone.py",
            "    Submission.objects.filter(pk=submission.pk).update(worker_gone_at=Now())\n",
            "    from payouts.domain.withdrawals.status import Status\n"
            "    from payouts.workflow.withdrawals.transition import move\n\n"
            "    Submission.objects.filter(pk=submission.pk).update(outcome='not_executed', answered_at=Now())\n"
            "    move(submission.withdrawal, Status.APPROVED, by=by)\n",
        ),
        tests="tests/workflow/sending/test_worker_gone.py",
    ),
    _mutant(
        "paused-worker-sends",
        "A worker that claimed before the account was paused sends after it.",
        (SUBMISSION, ".exclude(Exists(paused)).exists()", ".exists()"),
        tests="tests/worker/test_stopping.py tests/worker/test_dispatch.py",
    ),
    _mutant(
        "quiet-worker-sends",
        "A worker that claimed before the provider asked to be left alone sends after it.",
        (SUBMISSION, "return fresh.exclude(account__quiet_until__gt=Now())", "return fresh"),
        tests="tests/worker/test_dispatch.py",
    ),
    _mutant(
        "stale-look-counts",
        "What a worker read before it was held up counts as a second look.",
        (
            "payouts/workflow/unknown/looking.py",
            "case Absent() if withdrawal.looks.filter(looked_at__gt=one.asked_at).exists():",
            "case Absent() if False:",
        ),
        tests="tests/worker/test_reconcile.py",
    ),
    _mutant(
        "fitting-record-overlooked",
        "People may call unpaid what a record fits that the review read and no look has tied yet.",
        (
            "payouts/workflow/unknown/contradiction.py",
            "return _fits_yet(withdrawals) if verdict is Verdict.NOT_PAID else None",
            "return None",
        ),
        tests="tests/workflow/unknown/test_resolution.py",
    ),
    _mutant(
        "pending-record-overlooked",
        "People may call unpaid what the provider's own record says is under way.",
        (
            "payouts/workflow/unknown/contradiction.py",
            "if verdict is Verdict.NOT_PAID and resolving.may_still",
            "if False and resolving.may_still",
        ),
        tests="tests/workflow/unknown/test_resolution.py",
    ),
    _mutant(
        "unread-day-signed",
        "A day is signed off whose records nobody has read.",
        ("payouts/domain/days/reviewing.py", "            _not_compared(facts),\n", ""),
        tests="tests/workflow/days/test_sign_off.py",
    ),
    _mutant(
        "called-once-for-ever",
        "People who were called while it was unknown are not called again when it was accepted and nothing shows it.",
        (
            "payouts/workflow/unknown/looking.py",
            "filter(event=Event.ALERT_RAISED, at__gte=withdrawal.status_changed_at)",
            "filter(event=Event.ALERT_RAISED)",
        ),
        tests="tests/worker/test_reconcile.py",
    ),
    _mutant(
        "wrong-clock-asks",
        "A worker whose clock is wrong asks for records, and what it is told stops the account for all.",
        ("payouts/worker/reconcile.py", "return not clock.may_send(account.name, by=this_worker())", "return False"),
        tests="tests/worker/test_reconcile.py",
    ),
    _mutant(
        "unsendable-is-unknown",
        "An order that could not be made into a request counts as perhaps paid.",
        ("payouts/worker/dispatch.py", "except InvalidValue:", "except ZeroDivisionError:"),
        tests="tests/worker/test_dispatch.py",
    ),
    _mutant(
        "doubtful-code-refused",
        "A code that the provider's own pages contradict each other about ends it as not paid.",
        ("payouts/providers/zoomex/v1.py", "10007: Meaning(Outcome.UNKNOWN", "10007: Meaning(Outcome.REFUSED"),
        tests="tests/providers/zoomex/test_provider.py",
    ),
    _mutant(
        "no-fence",
        "An answer is written over a call that was closed already.",
        (
            ANSWER,
            "return Submission.objects.open().filter(pk=submission.pk).update(**columns) == 1",
            "return Submission.objects.filter(pk=submission.pk).update(**columns) == 1",
        ),
        tests="tests/workflow/sending/test_submission.py tests/worker/test_dispatch.py",
    ),
    _mutant(
        "late-answer-moves",
        "An answer that comes after the call was given up moves the withdrawal all the same.",
        (
            ANSWER,
            "                _keep_late(withdrawal, submission, answer, by=by)\n",
            "                _settle(withdrawal, answer, by=by)\n",
        ),
        tests="tests/workflow/sending/test_submission.py tests/worker/test_dispatch.py",
    ),
    _mutant(
        "unknown-is-sent-again",
        "An unknown outcome goes back to where it is sent from.",
        (
            ANSWER,
            "move(withdrawal, Status.UNKNOWN, by=by, why=code, next_look_at=look_at, **error)",
            "move(withdrawal, Status.APPROVED, by=by, why=code)",
        ),
        tests="tests/worker/test_dispatch.py",
    ),
    _mutant(
        "audit-apart",
        "A move and its event are written in two transactions.",
        (
            "payouts/workflow/withdrawals/transition.py",
            "    audit.record(Event.STATUS_MOVED, by=by, about=withdrawal, old=old, new=to, why=why)\n",
            "    from django.db import transaction\n\n"
            "    facts = {'old': old, 'new': to, 'why': why}\n"
            "    transaction.on_commit(lambda: audit.record(Event.STATUS_MOVED, by=by, about=withdrawal, **facts))\n",
        ),
        tests="tests/workflow/withdrawals/test_transition.py",
    ),
    _mutant(
        "pace-per-process",
        "Each process keeps its own time between two calls.",
        (SUBMISSION, "seconds = account.seconds_until_next_call(ahead=CLAIM_AHEAD)", "seconds = 0.0"),
        tests="tests/workflow/sending/test_submission.py tests/worker/test_dispatch.py",
    ),
    _mutant(
        "call-not-waited-for",
        "A claim that came ahead is called ahead.",
        ("payouts/worker/dispatch.py", "    _sleep_until(due)\n", ""),
        tests="tests/worker/test_dispatch.py",
    ),
    _mutant(
        "answer-not-tried-again",
        "An answer is forgotten when the database is away for a moment.",
        (
            "payouts/worker/dispatch.py",
            "            if time.monotonic() > give_up_at:\n",
            "            if True:\n",
        ),
        tests="tests/worker/test_dispatch.py",
    ),
    _mutant(
        "second-call-in-the-database",
        "The database takes a second call for one withdrawal.",
        (
            "payouts/migrations/0001_tables.py",
            "('outcome', 'not_executed'), _negated=True), ('is_resend', False)",
            "('outcome', 'open')), ('is_resend', False)",
        ),
        tests="tests/guards/sending/test_submission.py",
    ),
    # -- what was approved --
    _mutant(
        "approval-not-bound",
        "Approvals count whatever they name.",
        (
            POLICY,
            "matching = sum(1 for digest in approved_digests if digest == facts.order_digest)",
            "matching = sum(1 for digest in approved_digests)",
        ),
        tests="tests/domain/withdrawals/test_policy.py",
    ),
    _mutant(
        "difference-overlooked",
        "What would be sent is not compared with what was asked for.",
        (POLICY, "    if facts.order_digest != facts.digest:\n", "    if False:\n"),
        tests="tests/domain/withdrawals/test_policy.py",
    ),
    _mutant(
        "requester-counts",
        "The quorum counts the requester's own approval.",
        (POLICY, "len(facts.approved_by - {facts.requested_by})", "len(facts.approved_by)"),
        tests="tests/domain/withdrawals/test_policy.py",
    ),
    _mutant(
        "own-request-approved",
        "Requesters approve what they asked for.",
        (POLICY, "            _own_request(facts, person),\n", ""),
        tests="tests/domain/withdrawals/test_policy.py",
    ),
    _mutant(
        "revoked-is-paid",
        "What was approved before its address was revoked is paid.",
        (
            WITHDRAWALS,
            "expires_at__gt=Now(), address__status=AddressStatus.ACTIVE).exclude(Exists(paused))",
            "expires_at__gt=Now()).exclude(Exists(paused))",
        ),
        (
            POLICY,
            "            _equal_in_flight(facts),\n            _address_objection(facts.address_status),\n",
            "            _equal_in_flight(facts),\n",
        ),
        tests="tests/workflow/sending/test_submission.py",
    ),
    _mutant(
        "proof-used-twice",
        "One proof of presence serves for several acts.",
        (
            "payouts/workflow/decisions/presence.py",
            "if unused.update(used_at=timezone.now()) != 1:",
            "if not unused.exists():",
        ),
        tests="tests/workflow/decisions/test_approval.py",
    ),
    _mutant(
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
    _mutant(
        "record-claimed-twice",
        "One record of the provider settles two withdrawals.",
        (
            "payouts/domain/unknown/matching.py",
            "        if record.provider_id not in claimed_ids\n        and matches(",
            "        if matches(",
        ),
        tests="tests/domain/unknown/test_matching.py",
    ),
    _mutant(
        "one-look-is-enough",
        "Looking once proves that nothing is there, and the order is sent again.",
        (
            "payouts/domain/unknown/looking.py",
            "    return looks.last_absent_at - looks.first_absent_at >= apart\n",
            "    return True\n",
        ),
        tests="tests/domain/unknown/test_looking.py",
    ),
    _mutant(
        "blind-provider-resends",
        "An unknown order is sent again although its provider does not promise that one reference pays once.",
        ("payouts/domain/unknown/looking.py", "if not looks.promised or looks.resent", "if looks.resent"),
        tests="tests/domain/unknown/test_looking.py",
    ),
    _mutant(
        "finding-confirmed-alone",
        "Who says what became of a withdrawal confirms it as well.",
        ("payouts/domain/unknown/resolving.py", "            _own_finding(facts, person),\n", ""),
        tests="tests/domain/unknown/test_resolving.py",
    ),
    # -- stopping --
    _mutant(
        "pause-overlooked",
        "Withdrawals leave through an account that is paused.",
        (
            WITHDRAWALS,
            "address__status=AddressStatus.ACTIVE).exclude(Exists(paused))",
            "address__status=AddressStatus.ACTIVE)",
        ),
        (POLICY, "            _paused(facts),\n", ""),
        tests="tests/worker/test_stopping.py tests/workflow/stopping/test_pause.py",
    ),
    _mutant(
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
