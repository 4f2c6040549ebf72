"""Inviting: an administrator adds a person, who gets a link for choosing a password and a second factor."""

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from payouts.admin.people.invitation import send_invitation
from payouts.admin.shell.fields import CodeField
from payouts.admin.shell.listing import person_of, user_of
from payouts.domain.decisions.proposal import key_digest
from payouts.domain.errors import InvalidValue, NotPermitted
from payouts.domain.people.roles import Act, Role, role_objection
from payouts.workflow.decisions import presence
from payouts.workflow.people import people
from payouts.workflow.people.throttle import Throttled

ROLES = [(role.value, role.value) for role in Role]


class InvitationForm(forms.Form):
    username = forms.CharField(max_length=150, label="Name for signing in")
    full_name = forms.CharField(max_length=150, label="Full name")
    email = forms.EmailField(label="E-mail")
    roles = forms.MultipleChoiceField(choices=ROLES, widget=forms.CheckboxSelectMultiple)
    code = CodeField()


def inviting_view(request: HttpRequest) -> HttpResponse:
    """Add a person and send them a link by which they choose a password and enrol their second factor."""
    objection = role_objection(person_of(request), Act.MANAGE_PEOPLE)
    if objection is not None:
        raise PermissionDenied(objection.message)
    form = InvitationForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and (user := _invited(request, form)):
        send_invitation(user, request=request)
        messages.success(request, f"Invited. A link was sent to {user.email}.")
        return redirect("admin:auth_user_change", user.pk)
    context = {**admin.site.each_context(request), "title": "Invite a person", "form": form}
    return render(request, "payouts/people/invite.html", context, status=422 if form.errors else 200)


def _invited(request: HttpRequest, form: InvitationForm) -> User | None:
    facts = form.cleaned_data
    try:
        proof = presence.prove(
            facts["code"], act=Act.MANAGE_PEOPLE, digests=[key_digest("person", facts["username"])], by=user_of(request)
        )
        request.session.renew()  # type: ignore[attr-defined]  # of payouts.models.people.session
        return people.invite(
            facts["username"],
            full_name=facts["full_name"],
            email=facts["email"],
            roles=[Role(name) for name in facts["roles"]],
            proof=proof,
            by=user_of(request),
        )
    except (presence.WrongCode, Throttled) as err:
        form.add_error("code", str(err))
    except InvalidValue as err:
        form.add_error(err.field if err.field in form.fields else None, err.message)
    except ValidationError as err:
        form.add_error(None, err)
    except NotPermitted as err:
        form.add_error(None, err.objection.message)
    return None
