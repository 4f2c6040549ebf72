"""Raising a withdrawal: a form for one address, then a preview of exactly what will be sent, then the request."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import admin, messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from payouts.admin.shell.fields import CheckedField
from payouts.admin.shell.listing import person_of, user_of
from payouts.admin.shell.story import terms
from payouts.domain.errors import InvalidValue, NotPermitted, Objection
from payouts.domain.money import parse_amount, plain
from payouts.domain.recipients.book import AddressStatus
from payouts.domain.texts import check_invoice_reference, check_purpose, check_remark
from payouts.domain.withdrawals import policy
from payouts.domain.withdrawals.fingerprint import without
from payouts.domain.withdrawals.status import Status
from payouts.models import Address, Withdrawal
from payouts.preview import fields_to_send, promised
from payouts.workflow.withdrawals import request as requests

_SALT = "countersign.raise"


class RequestForm(forms.Form):
    """What a requester fills in. Nothing is stripped or corrected: what is wrong is said at its field."""

    coin = forms.ChoiceField(widget=forms.RadioSelect)
    amount = forms.CharField(
        max_length=60,
        strip=False,
        help_text="Plain digits with a point, such as 1250.00",
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "class": "money"}),
    )
    purpose = CheckedField(check_purpose, help_text="For the people who approve and audit: what is paid, and why.")
    invoice_reference = CheckedField(check_invoice_reference, required=False, label="Invoice reference")
    remark = CheckedField(
        check_remark,
        required=False,
        help_text="Sent to the provider: letters, digits, spaces and . , - _ / #",
    )
    token = forms.CharField(widget=forms.HiddenInput)
    digest = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, address: Address, person_id: int, *args: Any, again: Withdrawal | None = None, **kwargs: Any
    ) -> None:
        # One coin is no choice; among several, a person chooses and nothing is chosen for them.
        coin = {"coin": address.coins[0]} if len(address.coins) == 1 else {}
        filled = _as_before(again) if again is not None else {}
        kwargs.setdefault("initial", {"token": _new_token(person_id, address, again), **coin, **filled})
        super().__init__(*args, **kwargs)
        self.address = address
        self.person_id = person_id
        if address.fingerprint:
            self.fields["amount"].help_text += ". A fingerprint takes the coin’s last two decimals."
        coins = forms.ChoiceField(widget=forms.RadioSelect, choices=[(coin, coin) for coin in address.coins])
        self.fields["coin"] = coins
        if not address.account.takes_remark:
            del self.fields["remark"]

    def clean(self) -> dict[str, Any]:
        """Ask the workflow's own check, so that page and workflow cannot differ."""
        cleaned: dict[str, Any] = super().clean() or {}
        if self.errors:
            return cleaned
        try:
            cleaned["request"] = self._request(cleaned)
            requests.check(cleaned["request"], self.address)
        except InvalidValue as err:
            self.add_error(err.field if err.field in self.fields else None, err.message)
        except signing.BadSignature:
            self.add_error(None, "This form is too old or was made for something else. Start again.")
        return cleaned

    def _request(self, cleaned: dict[str, Any]) -> requests.Request:
        made = signing.loads(cleaned["token"], salt=_SALT, max_age=12 * 60 * 60)
        if made["person"] != self.person_id or made["address"] != str(self.address.pk):
            raise signing.BadSignature
        asset = self.address.asset(cleaned["coin"])
        known = promised(asset.provider).most_decimals(asset.network, asset.coin) if asset else None
        if asset is None or known is None:  # its row and the provider's code have to know it
            raise InvalidValue("coin", "coin_not_taken", f"{cleaned['coin']} is not offered at present.")
        return requests.Request(
            id=UUID(made["id"]),
            address_id=self.address.pk,
            coin=cleaned["coin"],
            amount=parse_amount(cleaned["amount"], coin=asset.coin, decimals=min(asset.decimals, known)),
            purpose=cleaned["purpose"],
            remark=cleaned.get("remark", ""),
            invoice_reference=cleaned["invoice_reference"],
            retry_of=UUID(made["again"]) if made["again"] else None,
        )


def _new_token(person_id: int, address: Address, again: Withdrawal | None) -> str:
    """A signed token that fixes the withdrawal's id, and which withdrawal it repeats, before the page is shown.

    So a form that is sent twice is one request.
    """
    facts = {
        "id": str(uuid4()),
        "person": person_id,
        "address": str(address.pk),
        "again": str(again.pk if again else ""),
    }
    return signing.dumps(facts, salt=_SALT)


def _as_before(again: Withdrawal) -> dict[str, str]:
    """The earlier request's fields, for a form to begin with; a fingerprint is left out and drawn anew."""
    return {
        "coin": again.coin,
        "amount": plain(without(again.amount, again.fingerprint)),
        "purpose": again.purpose,
        "invoice_reference": again.invoice_reference,
        "remark": again.remark,
    }


def raising_view(request: HttpRequest, address_id: UUID) -> HttpResponse:
    """GET shows the form; POST shows the preview; POST with `raise` raises what the preview showed."""
    address = Address.objects.select_related("account").filter(pk=address_id).first()
    if address is None:
        raise Http404
    again = _again(request)
    objection = policy.may_raise(person_of(request), AddressStatus(address.status)) or _again_objection(request, again)
    if objection is not None and objection.code == "no_role":
        raise PermissionDenied(objection.message)
    form = RequestForm(address, user_of(request).pk, request.POST or None, again=again)
    if objection is None and request.method == "POST" and "edit" not in request.POST and form.is_valid():
        return _raise(request, form) if "raise" in request.POST else _preview(request, form)
    status = 422 if form.is_bound and form.errors else 200
    return _render(request, "payouts/withdrawals/raise.html", form, status=status, objection=objection, again=again)


def _again(request: HttpRequest) -> Withdrawal | None:
    """The withdrawal that is asked for again, by `?again=` and then by the form's token; None for a new request.

    Raises Http404 for one that does not exist.
    """
    try:
        sent = signing.loads(request.POST.get("token", ""), salt=_SALT) if request.method == "POST" else request.GET
    except signing.BadSignature:
        return None  # which the form says
    name = sent.get("again")
    try:
        return Withdrawal.objects.get(pk=UUID(name)) if name else None
    except (ValueError, Withdrawal.DoesNotExist) as err:
        raise Http404 from err


def _again_objection(request: HttpRequest, again: Withdrawal | None) -> Objection | None:
    """Why the withdrawal may not be asked for again, before the form is filled in; None on POST.

    A POST is judged by the workflow, which knows a form that was sent twice.
    """
    if again is None or request.method == "POST":
        return None
    asked_again = requests.asked_again_as(again) is not None
    return policy.may_ask_again(Status(again.status), asked_again=asked_again, lost=requests.lost_call_of(again))


def _preview(request: HttpRequest, form: RequestForm, status: int = 200, **facts: Any) -> HttpResponse:
    asked: requests.Request = form.cleaned_data["request"]
    try:
        withdrawal = requests.draft(asked, form.address, by=user_of(request))
        fields_to_send(withdrawal.order())
    except InvalidValue as err:  # the provider's own limits, such as the length of an amount
        form.add_error(err.field if err.field in form.fields else None, err.message)
        return _render(request, "payouts/withdrawals/raise.html", form, status=422)
    facts |= terms(withdrawal) | {"hidden": _hidden(form, withdrawal.digest)}
    return _render(request, "payouts/shell/preview.html", form, status=status, **facts)


def _hidden(form: RequestForm, digest: str) -> list[tuple[str, str]]:
    """The form's own texts, to be sent again as they were typed."""
    values = {name: str(form.data.get(name, "")) for name in form.fields} | {"digest": digest}
    return list(values.items())


def _raise(request: HttpRequest, form: RequestForm) -> HttpResponse:
    asked: requests.Request = form.cleaned_data["request"]
    try:
        requests.raise_withdrawal(asked, shown_digest=form.cleaned_data["digest"], by=user_of(request))
    except NotPermitted as err:
        return _preview(request, form, status=409, objection=err.objection)
    except InvalidValue:  # in order when the form was checked: the preview says what changed since
        return _preview(request, form, status=409)
    except requests.RaisedAlready:
        messages.info(
            request,
            "This form was sent before. This is what it asked for then; for something else, start a new request.",
        )
    else:
        messages.success(request, "Raised. It now waits for approval.")
    return redirect("admin:payouts_withdrawal_change", asked.id)


def _render(request: HttpRequest, template: str, form: RequestForm, status: int = 200, **facts: Any) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": "New withdrawal",
        "form": form,
        "address": form.address,
        **facts,
    }
    return render(request, template, context, status=status)
