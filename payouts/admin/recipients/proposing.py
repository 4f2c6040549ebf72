"""Proposing an address: choose an account, then write the recipient down."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from payouts.admin.shell.listing import person_of, user_of
from payouts.domain.errors import InvalidValue, NotPermitted
from payouts.domain.people.roles import Act, role_objection
from payouts.domain.recipients.kind import Kind
from payouts.domain.withdrawals.fingerprint import ROOM
from payouts.models import Account, Asset
from payouts.preview import title
from payouts.workflow.recipients import address_book


class ProposalForm(forms.Form):
    """An entry of one account. What is wrong is said at its field; nothing is stripped or corrected."""

    kind = forms.ChoiceField(widget=forms.RadioSelect, label="Kind of address")
    area_code = forms.CharField(
        required=False,
        max_length=8,
        strip=False,
        label="Area code",
        help_text="For phones only: digits, for example 44",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    address = forms.CharField(
        max_length=254,
        strip=False,
        help_text="Paste it whole. It is checked, and never corrected.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "class": "wide mono"}),
    )
    coins = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, label="Coins it may receive")
    label = forms.CharField(max_length=80, strip=False, help_text="How colleagues will recognise it.")
    owner = forms.CharField(max_length=120, strip=False, help_text="Who is paid: a company's or a person's name.")
    fingerprint = forms.BooleanField(
        required=False,
        label="Tell equal amounts apart",
        help_text="For providers whose records do not carry our reference: two equal payments that are under way "
        "could not be told apart there. A fingerprint, 1 to 99 units of the coin’s last decimal, is added to each "
        "amount, and approvers approve the whole. Without it, an equal payment waits until the one before is known.",
    )
    cautions_ticked = forms.BooleanField(required=False, label="I have compared every character with its source")

    def __init__(self, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        kinds = [kind for kind in Kind if account.takes(kind)]
        _choose(self.fields["kind"], [(kind.value, kind.label) for kind in kinds])
        coins = _coins(account, kinds)
        _choose(self.fields["coins"], [(coin, coin) for coin in sorted(coins)])
        if max(coins.values(), default=0) < ROOM:
            del self.fields["fingerprint"]
        if Kind.PHONE not in kinds:
            del self.fields["area_code"]

    def clean(self) -> dict[str, Any]:
        """Ask the workflow's own check, so that page and workflow cannot differ."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        cleaned["proposal"] = self._proposal(cleaned)
        try:
            address_book.check(cleaned["proposal"])
        except InvalidValue as err:
            self.add_error(err.field if err.field in self.fields else None, err.message)
        return cleaned

    def _proposal(self, cleaned: dict[str, Any]) -> address_book.Draft:
        return address_book.Draft(
            account=self.account,
            kind=Kind(cleaned["kind"]),
            area_code=cleaned.get("area_code", ""),
            address=cleaned["address"],
            coins=tuple(cleaned["coins"]),
            label=cleaned["label"],
            owner=cleaned["owner"],
            fingerprint=cleaned.get("fingerprint", False),
            cautions_ticked=frozenset({"no_checksum"} if cleaned["cautions_ticked"] else ()),
        )

    @property
    def caution_wanted(self) -> bool:
        """Whether to show the box to tick: only once an address without a checksum was posted."""
        return "cautions_ticked" in self.errors or bool(self.is_bound and self.data.get("cautions_ticked"))


def _choose(field: forms.Field, choices: list[tuple[str, str]]) -> None:
    field.choices = choices  # type: ignore[attr-defined]
    if len(choices) == 1:
        field.initial = choices[0][0]


def _coins(account: Account, kinds: list[Kind]) -> dict[str, int]:
    """The coins that are offered, each with the most decimals that it takes on one of the networks."""
    networks = {kind.network for kind in kinds}
    assets = Asset.objects.filter(provider=account.provider, network__in=networks, enabled=True)
    return dict(assets.order_by("decimals").values_list("coin", "decimals"))


def proposing_view(request: HttpRequest) -> HttpResponse:
    """Without ?account= a choice of accounts; with it the form; POST proposes."""
    objection = role_objection(person_of(request), Act.PROPOSE_ADDRESS)
    if objection is not None:
        raise PermissionDenied(objection.message)
    account = Account.objects.filter(name=request.GET.get("account", "")).first()
    if account is None:
        return _choice(request)
    form = ProposalForm(account, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            entry = address_book.propose(form.cleaned_data["proposal"], by=user_of(request))
        except NotPermitted as err:
            raise PermissionDenied(err.objection.message) from err
        messages.success(request, "Proposed. Another person has to activate it before anybody can be paid.")
        return redirect("admin:payouts_address_change", entry.pk)
    context = {
        **admin.site.each_context(request),
        "title": f"Propose an address for {account.name}",
        "form": form,
        "account": account,
        "provider_title": title(account.provider),
    }
    return render(request, "payouts/recipients/propose.html", context, status=422 if form.errors else 200)


def _choice(request: HttpRequest) -> HttpResponse:
    accounts = [(account, title(account.provider), _kinds(account)) for account in Account.objects.all()]
    context = {**admin.site.each_context(request), "title": "Propose an address", "accounts": accounts}
    return render(request, "payouts/recipients/choose_account.html", context)


def _kinds(account: Account) -> str:
    return ", ".join(kind.label for kind in Kind if account.takes(kind))
