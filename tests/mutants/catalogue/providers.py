"""Bugs in what the provider is told, and in what its answer means."""

from tests.mutants.catalogue.mutant import mutant

HTTP = "payouts/providers/http.py"
ZOOMEX = "payouts/providers/zoomex/provider.py"
SWAPSPACE = "payouts/providers/swapspace/provider.py"
JSON = "payouts/providers/json_over_http.py"

PROVIDERS = [
    # -- what the provider is told --
    mutant(
        "reference-per-attempt",
        "Each attempt has a reference of its own: the provider cannot tell a repetition.",
        (ZOOMEX, '"requestId": order.reference,', '"requestId": __import__("uuid").uuid4().hex,'),
        tests="tests/providers/zoomex/test_provider.py",
    ),
    mutant(
        "reference-not-as-stored",
        "What is sent has another reference than what is stored.",
        (ZOOMEX, "v1.signed(fields, self", 'v1.signed({**fields, "requestId": __import__("uuid").uuid4().hex}, self'),
        tests="tests/providers/test_contract.py",
    ),
    mutant(
        "derived-again",
        "What is sent is derived once more from the order, and not what the claim stored.",
        (
            "payouts/worker/dispatch.py",
            "        return provider.submit(claimed.instruction, began=began)\n",
            "        from dataclasses import replace\n\n"
            "        again = fields_to_send(claimed.submission.withdrawal.order())\n"
            "        return provider.submit(replace(claimed.instruction, fields=again), began=began)\n",
        ),
        tests="tests/worker/test_what_is_sent.py",
    ),
    mutant(
        "resent-although-different",
        "What would be said otherwise by now is sent once more all the same.",
        ("payouts/workflow/unknown/resend.py", "and body != first:", "and False:"),
        tests="tests/worker/test_what_is_sent.py",
    ),
    mutant(
        "account-not-compared",
        "An order of one account is sent through another.",
        (
            JSON,
            "if (instruction.provider, instruction.account) != (self.name, self.credentials.account):",
            "if False:",
        ),
        tests="tests/providers/test_contract.py",
    ),
    mutant(
        "redirect-followed",
        "The signed order is sent again to wherever a redirect points.",
        (HTTP, "allow_redirects=False,", "allow_redirects=True,"),
        (
            HTTP,
            "def get_redirect_target(self, resp: requests.Response) -> None:",
            "def _unused(self, resp: object) -> None:",
        ),
        tests="tests/providers/http/test_lost.py",
    ),
    mutant(
        "blind-retry",
        "The HTTP library repeats what it could not send.",
        (HTTP, "Retry(0, read=False,", "Retry(3, read=3, allowed_methods=None,"),
        tests="tests/providers/http/test_lost.py",
    ),
    # -- what its answer means --
    mutant(
        "timeout-is-refused",
        "A call without an answer counts as a no, although it may have been paid.",
        (
            JSON,
            "return Unknown(failure.code, failure.message, evidence)",
            "return Refused(failure.code, failure.message, evidence)",
        ),
        tests="tests/providers/test_contract.py tests/providers/test_against_simulator.py",
    ),
    mutant(
        "lost-is-not-executed",
        "A connection that broke after the request had left counts as one that never opened.",
        (HTTP, "if call.stage is not Stage.SENDING:", "if call.http_status is None:"),
        tests="tests/providers/http/test_lost.py",
    ),
    mutant(
        "page-is-accepted",
        "A gateway's page under HTTP 200 counts as a yes.",
        (SWAPSPACE, 'Interpretation(Outcome.UNKNOWN, "unreadable"', 'Interpretation(Outcome.ACCEPTED, "unreadable"'),
        tests="tests/providers/swapspace/test_provider.py",
    ),
    mutant(
        "status-is-refused",
        "An HTTP status that is not documented counts as a no.",
        (
            SWAPSPACE,
            'Interpretation(Outcome.UNKNOWN, f"HTTP {http_status}"',
            'Interpretation(Outcome.REFUSED, f"HTTP {http_status}"',
        ),
        tests="tests/providers/swapspace/test_provider.py",
    ),
    mutant(
        "duplicate-is-refused",
        "The provider's word that it has this order already counts as a no.",
        ("payouts/providers/zoomex/v1.py", "10014: Meaning(Outcome.UNKNOWN,", "10014: Meaning(Outcome.REFUSED,"),
        tests="tests/providers/zoomex/test_provider.py",
    ),
]
