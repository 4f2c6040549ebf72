"""Bugs in who an account is at its provider."""

from tests.mutants.catalogue.mutant import mutant

IDENTITIES = [
    mutant(
        "host-not-in-the-digest",
        "What was approved for one host or customer is sent to another.",
        (
            "payouts/domain/withdrawals/order.py",
            "return canonical(asdict(self))",
            'return canonical({k: v for k, v in asdict(self).items() if k not in ("host", "customer")})',
        ),
        tests="tests/workflow/sending/test_submission.py",
    ),
    mutant(
        "identity-not-compared",
        "A process with another key sends through the account.",
        ("payouts/workflow/sending/submission.py", "may_use(account.identity(), here)", "None"),
        tests="tests/worker/test_identity.py",
    ),
    mutant(
        "client-for-anybody",
        "A process with another host asks the account's provider for records.",
        ("payouts/worker/accounts.py", "    _require_ours(account_name)\n    return found", "    return found"),
        tests="tests/worker/test_identity.py",
    ),
    mutant(
        "records-of-another-customer",
        "Records of another customer seem to say that a payment was not made, and it is sent again.",
        (
            "payouts/models/withdrawals/queries.py",
            "return self.exclude(of_an_earlier_customer)",
            "return self",
        ),
        tests="tests/workflow/sending/test_identity.py",
    ),
    mutant(
        "open-requests-outlive-their-customer",
        "With another customer whose name is unsaid, what was approved for the old one is sent.",
        (
            "payouts/domain/sending/identity.py",
            "return not is_same_customer or (before.host",
            "return (before.host",
        ),
        tests="tests/workflow/sending/test_identity.py",
    ),
]
