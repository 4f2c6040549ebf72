"""The forms of a lost call: what became of it, and what may have been sent by it."""

from typing import Any

from django import forms
from django.utils import timezone

from payouts.admin.shell.fields import CheckedField
from payouts.admin.unknown.finding import VERDICT_WORDS
from payouts.domain.errors import InvalidValue
from payouts.domain.money import parse_amount
from payouts.domain.recipients.kind import Kind
from payouts.domain.texts import check_remark
from payouts.domain.unknown import attestation
from payouts.domain.unknown.lost_order import Candidate, Payee
from payouts.models.unknown.resolution import Verdict
from payouts.workflow.unknown.lost_call import Said

_DECIMALS = 18  # of the column: what was sent had no more
_WIDE = {"autocomplete": "off", "spellcheck": "false", "class": "mono"}


class SayForm(forms.Form):
    """What became of it, by what. Nothing is stripped or corrected: what is wrong is said at its field."""

    verdict = forms.ChoiceField(
        label="What became of it", widget=forms.RadioSelect, choices=[(v.value, VERDICT_WORDS[v]) for v in Verdict]
    )
    found_as = CheckedField(
        attestation.check_found_as,
        required=False,
        label="Provider’s id or transaction",
        help_text="Needed where it was paid.",
        widget=forms.TextInput(attrs=_WIDE),
    )
    where_looked = CheckedField(
        attestation.check_where, label="Where you looked", help_text="So that somebody else can look there as well."
    )
    looked_at = forms.DateTimeField(
        label="When you looked",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    note = CheckedField(
        attestation.check_note,
        label="What you saw",
        help_text="Or why it was not paid, in a sentence at least.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["looked_at"].help_text = f"In {timezone.localtime().tzname()}, after it was sent."


def said(cleaned: dict[str, Any]) -> Said:
    """What the form has; fields without an answer get NOT_PAID, now, or ""."""
    return Said(
        verdict=Verdict(cleaned.get("verdict") or Verdict.NOT_PAID),
        found_as=cleaned.get("found_as", ""),
        where_looked=cleaned.get("where_looked", ""),
        looked_at=cleaned.get("looked_at") or timezone.now(),
        note=cleaned.get("note", ""),
    )


class TryForm(forms.Form):
    """What may have been sent, exactly as a request would have it."""

    kind = forms.ChoiceField(label="Kind of payee", choices=[(kind.value, kind.label) for kind in Kind])
    area_code = forms.CharField(
        required=False,
        strip=False,
        max_length=4,
        label="Area code",
        help_text="For phones only.",
        widget=forms.TextInput(attrs=_WIDE),
    )
    address = forms.CharField(strip=False, max_length=254, label="Address", widget=forms.TextInput(attrs=_WIDE))
    coin = forms.CharField(strip=False, max_length=32, label="Coin", help_text="As in USDT.")
    amount = forms.CharField(strip=False, max_length=64, label="Amount", widget=forms.TextInput(attrs=_WIDE))
    remark = CheckedField(
        check_remark, required=False, label="Remark", help_text="As it was sent; often there was none."
    )

    def clean(self) -> dict[str, Any]:
        """With the candidate, where every field is in order."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            amount = parse_amount(cleaned["amount"], coin=cleaned["coin"], decimals=_DECIMALS)
        except InvalidValue as err:
            self.add_error("amount", err.message)
            return cleaned
        payee = Payee(Kind(cleaned["kind"]), cleaned["area_code"], cleaned["address"])
        return cleaned | {"candidate": Candidate(payee, cleaned["coin"], amount, cleaned["remark"])}
