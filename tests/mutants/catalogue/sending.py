"""Bugs between a claim and what is recorded of its call."""

from tests.mutants.catalogue.mutant import mutant

ANSWER = "payouts/workflow/sending/answer.py"
CLAIMED = "payouts/workflow/unknown/claimed.py"
CUSTOMER = "payouts/guards/sending/customer.sql"
RESEND = "payouts/workflow/unknown/resend.py"
SUBMISSION = "payouts/workflow/sending/submission.py"

SENDING = [
    mutant(
        "claim-without-lock",
        "Two workers claim in one account at the same time.",
        (SUBMISSION, "Account.objects.locked_named(account_name)", "Account.objects.get(name=account_name)"),
        tests="tests/races/test_acts.py",
    ),
    mutant(
        "claimed-although-cancelled",
        "What was cancelled while the worker waited for the lock is treated as if it could still be sent.",
        (
            SUBMISSION,
            "    if withdrawal.status != Status.APPROVED:\n        return None",
            "    if False:\n        return None",
        ),
        tests="tests/races/test_acts.py tests/workflow/sending/test_submission.py",
    ),
    mutant(
        "late-worker-sends",
        "A worker that was held up after its claim sends, although the call was given up.",
        (
            SUBMISSION,
            "fresh = Submission.objects.in_hand().filter(pk=submission.pk, claimed_at__gt=Now() - BEGIN_WITHIN)",
            "fresh = Submission.objects.filter(pk=submission.pk)",
        ),
        tests="tests/worker/test_held_up.py",
    ),
    mutant(
        "gone-worker-sends",
        "A worker that was taken for gone sends, although its account goes on without it.",
        (
            SUBMISSION,
            "fresh = Submission.objects.in_hand().filter(pk=submission.pk, ",
            "fresh = Submission.objects.open().filter(pk=submission.pk, ",
        ),
        tests="tests/workflow/sending/test_worker_gone.py",
    ),
    mutant(
        "gone-although-there",
        "Whoever has a call in hand is taken for gone.",
        (SUBMISSION, " or not is_gone(call.worker):", ":"),
        tests="tests/workflow/sending/test_worker_gone.py tests/workflow/sending/test_submission.py",
    ),
    mutant(
        "all-of-them-left",
        "Whatever ends worker after worker goes through everything that is approved.",
        (SUBMISSION, "if account.submissions.left_behind().exists() or not", "if not"),
        tests="tests/workflow/sending/test_worker_gone.py",
    ),
    mutant(
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
    mutant(
        "paused-worker-sends",
        "A worker that claimed before the account was paused sends after it.",
        (SUBMISSION, ".exclude(Exists(paused)).exists()", ".exists()"),
        tests="tests/worker/test_stopping.py tests/worker/test_held_up.py",
    ),
    mutant(
        "quiet-worker-sends",
        "A worker that claimed before the provider asked to be left alone sends after it.",
        (SUBMISSION, "too_soon | Q(account__quiet_until__gt=Now())", "too_soon"),
        tests="tests/worker/test_held_up.py",
    ),
    mutant(
        "promise-from-the-row",
        "What a provider promises is read from the account's row, which somebody may have written.",
        (RESEND, "    if not promises.resend_allowed:\n        return None\n", ""),
        (RESEND, "promised=promises.resend_allowed and withdrawal", "promised=withdrawal"),
        tests="tests/worker/test_promises.py",
    ),
    mutant(
        "decimals-from-the-row",
        "How many decimals an amount may have is read from the coin's row alone.",
        ("payouts/preview.py", "    promised(order.provider).check_amount(order)\n", ""),
        tests="tests/worker/test_promises.py",
    ),
    mutant(
        "record-claimed-per-account",
        "One record of a provider completes a payment in each of two accounts of one customer.",
        (CLAIMED, "filter(theirs | earlier)", "none()"),
        (CUSTOMER, "IF countersign_is_of_another_account(account, told, asked) THEN", "IF false THEN"),
        tests="tests/workflow/sending/test_customers.py",
    ),
    mutant(
        "paid-by-its-transaction-as-well",
        "One payment ends two things: one by the provider's id, the other by the transaction that its record tells.",
        (CLAIMED, "return bool(spellings(names) & spellings(transactions))", "return False"),
        (CUSTOMER, "    IF it.provider_id <> told THEN\n", "    IF false THEN\n"),
        tests="tests/workflow/unknown/test_one_payment.py",
    ),
    mutant(
        "an-accepted-answer-is-lost",
        "The provider's yes names an id that a lost call has, and is not written down.",
        (ANSWER, "not claimed.is_taken(withdrawal, answer.provider_id) and ", ""),
        tests="tests/workflow/unknown/test_one_payment.py",
    ),
    mutant(
        "files-by-the-row",
        "A file tells what became of a payment although the provider is asked, because somebody wrote so into the row.",
        (
            "payouts/workflow/sending/promised.py",
            "return not _of(account).can_look_up",
            "return not account.can_look_up",
        ),
        tests="tests/workflow/sending/test_promised.py",
    ),
    mutant(
        "anothers-payment-an-orphan",
        "The review of one account takes the payments of the customer's other account for orphans and pauses it.",
        ("payouts/workflow/days/day.py", ", *self.others]", "]"),
        tests="tests/workflow/days/test_elsewhere.py",
    ),
    mutant(
        "equals-per-account",
        "An equal payment of the same customer leaves through another account while one is under way or unknown.",
        (
            "payouts/models/withdrawals/queries.py",
            "(Q(account__customer=customer) | unsaid)",
            "Q(account__customer=customer)",
        ),
        (
            "payouts/guards/withdrawals/withdrawal.sql",
            "(SELECT FROM countersign_neighbours(NEW.account_id)) THEN",
            "(SELECT 1 WHERE false) THEN",
        ),
        tests="tests/workflow/sending/test_customers.py",
    ),
    mutant(
        "equals-not-waited-for",
        "Two accounts of one customer claim equal payments at the same time, and one of them fails instead of waiting.",
        ("payouts/models/withdrawals/queries.py", "held.annotate(equals_held=_THEIR_EQUALS, ", "held.annotate("),
        tests="tests/races/test_customers.py",
    ),
    mutant(
        "stale-look-counts",
        "What a worker read before it was held up counts as a second look.",
        (
            "payouts/workflow/unknown/looking.py",
            "case Absent() if withdrawal.looks.filter(looked_at__gt=one.asked_at).exists():",
            "case Absent() if False:",
        ),
        tests="tests/worker/reconcile/test_reconcile.py",
    ),
    mutant(
        "fitting-record-overlooked",
        "People may call unpaid what a record fits that the review read and no look has tied yet.",
        (
            "payouts/workflow/unknown/contradiction.py",
            "return _fits_yet(withdrawals) if verdict is Verdict.NOT_PAID else None",
            "return None",
        ),
        tests="tests/workflow/unknown/test_finding.py",
    ),
    mutant(
        "pending-record-overlooked",
        "People may call unpaid what the provider's own record says is under way.",
        (
            "payouts/workflow/unknown/contradiction.py",
            "if verdict is Verdict.NOT_PAID and resolving.may_still",
            "if False and resolving.may_still",
        ),
        tests="tests/workflow/unknown/test_finding.py",
    ),
    mutant(
        "unread-day-signed",
        "A day is signed off whose records nobody has read.",
        ("payouts/domain/days/reviewing.py", "            _not_compared(facts),\n", ""),
        tests="tests/workflow/days/test_sign_off.py",
    ),
    mutant(
        "called-once-for-ever",
        "People who were called while it was unknown are not called again when it was accepted and nothing shows it.",
        (
            "payouts/workflow/unknown/looking.py",
            "filter(event=Event.ALERT_RAISED, at__gte=withdrawal.status_changed_at)",
            "filter(event=Event.ALERT_RAISED)",
        ),
        tests="tests/worker/reconcile/test_reconcile.py",
    ),
    mutant(
        "wrong-clock-asks",
        "A worker whose clock is wrong asks for records, and what it is told stops the account for all.",
        ("payouts/worker/reconcile.py", "return not clock.may_send(account.name, by=this_worker())", "return False"),
        tests="tests/worker/test_wrong_clocks.py",
    ),
    mutant(
        "unsendable-is-unknown",
        "An order that could not be made into a request counts as perhaps paid.",
        ("payouts/worker/dispatch.py", "except InvalidValue:", "except ZeroDivisionError:"),
        tests="tests/worker/test_held_up.py",
    ),
    mutant(
        "doubtful-code-refused",
        "A code that the provider's own pages contradict each other about ends it as not paid.",
        ("payouts/providers/zoomex/v1.py", "10007: Meaning(Outcome.UNKNOWN", "10007: Meaning(Outcome.REFUSED"),
        tests="tests/providers/zoomex/test_provider.py",
    ),
    mutant(
        "no-fence",
        "An answer is written over a call that was closed already.",
        (
            ANSWER,
            "return Submission.objects.open().filter(pk=submission.pk).update(**columns) == 1",
            "return Submission.objects.filter(pk=submission.pk).update(**columns) == 1",
        ),
        tests="tests/workflow/sending/test_submission.py tests/worker/test_held_up.py",
    ),
    mutant(
        "late-answer-moves",
        "An answer that comes after the call was given up moves the withdrawal all the same.",
        (
            ANSWER,
            "                _keep_late(withdrawal, submission, answer, by=by)\n",
            "                _settle(withdrawal, answer, by=by)\n",
        ),
        tests="tests/workflow/sending/test_submission.py tests/worker/test_held_up.py",
    ),
    mutant(
        "unknown-is-sent-again",
        "An unknown outcome goes back to where it is sent from.",
        (
            ANSWER,
            "move(withdrawal, Status.UNKNOWN, by=by, why=code, next_look_at=look_at, **error)",
            "move(withdrawal, Status.APPROVED, by=by, why=code)",
        ),
        tests="tests/worker/test_dispatch.py",
    ),
    mutant(
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
    mutant(
        "pace-per-process",
        "Each process keeps its own time between two calls.",
        (
            SUBMISSION,
            "Wait(turn.claim_in) if turn.claim_in > 0 else time.monotonic() + turn.call_in",
            "time.monotonic()",
        ),
        tests="tests/workflow/sending/test_submission.py tests/worker/test_dispatch.py",
    ),
    mutant(
        "call-not-waited-for",
        "A claim that came ahead is called ahead.",
        ("payouts/worker/dispatch.py", "    _sleep_until(claimed.due)\n", ""),
        tests="tests/worker/test_dispatch.py",
    ),
    mutant(
        "answer-not-tried-again",
        "An answer is forgotten when the database is away for a moment.",
        (
            "payouts/worker/dispatch.py",
            "            if time.monotonic() > give_up_at:\n",
            "            if True:\n",
        ),
        tests="tests/worker/test_dispatch.py",
    ),
    mutant(
        "second-call-in-the-database",
        "The database takes a second call for one withdrawal.",
        (
            "payouts/migrations/0001_tables.py",
            "('outcome', 'not_executed'), _negated=True), ('is_resend', False)",
            "('outcome', 'open')), ('is_resend', False)",
        ),
        tests="tests/guards/sending/test_submission.py",
    ),
]
