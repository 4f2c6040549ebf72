"""The alerts: a closed list of what people have to be told at once, each with a title and a sentence."""

from enum import StrEnum

from payouts.domain.people.roles import Role


class Alert(StrEnum):
    """One kind of alert. The runbook has a chapter of the same title for each."""

    ACCOUNT_PAUSED = "account_paused"
    EVERYTHING_PAUSED = "everything_paused"
    UNKNOWN_NEEDS_A_PERSON = "unknown_needs_a_person"
    ORPHAN_FOUND = "orphan_found"  # also partners that differ
    RECORDS_UNREADABLE = "records_unreadable"
    UNDOCUMENTED_STATUS = "undocumented_status"
    CLOCK_WRONG = "clock_wrong"
    IDENTITY_DIFFERS = "identity_differs"
    SUBMISSION_STOPPED = "submission_stopped"
    APPROVAL_VOID = "approval_void"
    LATE_ANSWER = "late_answer"
    WITNESS_AWAY = "witness_away"

    @property
    def label(self) -> str:
        """The alert's title, in the mail's subject and in the runbook."""
        return _TITLES_AND_SENTENCES[self][0]

    @property
    def tells(self) -> frozenset[Role]:
        """Who is told of it beside the addresses of ALERTS_TO, because the next step is theirs."""
        return frozenset({Role.APPROVER}) if self is Alert.APPROVAL_VOID else frozenset()

    @property
    def sentence(self) -> str:
        """What happened, in a sentence for the mail."""
        return _TITLES_AND_SENTENCES[self][1]


_TITLES_AND_SENTENCES = {
    Alert.ACCOUNT_PAUSED: (
        "An account is paused",
        "Nothing is paid from this account until people have read the reason and released it.",
    ),
    Alert.EVERYTHING_PAUSED: (
        "All payments are paused",
        "Nothing is paid from any account until two people have released it.",
    ),
    Alert.UNKNOWN_NEEDS_A_PERSON: (
        "A payment's outcome is unknown",
        "A payment may or may not have been made, and the provider's records do not tell: two people have to find out.",
    ),
    Alert.ORPHAN_FOUND: (
        "A payment and the provider's records disagree",
        "The provider lists a payment that is not ours, lists one differently, or lacks one that we hold for paid.",
    ),
    Alert.RECORDS_UNREADABLE: (
        "The provider's records cannot be read",
        "For some hours nobody could compare what was paid with what the provider recorded.",
    ),
    Alert.UNDOCUMENTED_STATUS: (
        "The provider uses a word we do not know",
        "The provider describes a payment with a word it has not documented, so we count it as not finished.",
    ),
    Alert.CLOCK_WRONG: (
        "A machine's clock is wrong",
        "Our clock differs from the provider's; while it is a second ahead or far behind, that machine pays nothing.",
    ),
    Alert.IDENTITY_DIFFERS: (
        "A machine has another key, customer or host for an account",
        "That machine pays nothing from the account until two people have accepted what it has, or it is put right.",
    ),
    Alert.SUBMISSION_STOPPED: (
        "An approved payment was stopped",
        "The last check before sending found that it is not what was approved or cannot be sent, so nothing was sent.",
    ),
    Alert.APPROVAL_VOID: (
        "An approval does not count any more",
        "Somebody who asked for or approved a payment lost access or a role: it is approved anew, or cancelled.",
    ),
    Alert.WITNESS_AWAY: (
        "The witness cannot be reached",
        "The place outside the database that is told of each payment cannot be used, so nothing is paid until it can.",
    ),
    Alert.LATE_ANSWER: (
        "An answer came too late",
        "A provider's answer arrived after the payment had been counted as unknown: it is kept, and changed nothing.",
    ),
}
