"""What the pages at the doors share: their frame, and forms that put the cursor where it is needed."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class FocusedForm(forms.BaseForm):
    """A form with the cursor on its first field that is wrong, or on its first field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label_suffix = ""
        self._focus(next(iter(self.fields)))

    def full_clean(self) -> None:
        """Validate, then put the cursor on the first field that is wrong."""
        super().full_clean()
        wrong = [name for name in self.fields if name in self.errors]
        if wrong:
            self._focus(wrong[0])

    def _focus(self, on: str) -> None:
        for name, field in self.fields.items():
            field.widget.attrs.pop("autofocus", None)
            if name == on:
                field.widget.attrs["autofocus"] = True


class DoorForm(FocusedForm, forms.Form):
    """The base of the forms for signing in and for a person's own security."""


class PasswordField(forms.CharField):
    """A password; never sent back in a page."""

    def __init__(self, *, autocomplete: str, **kwargs: Any) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(strip=False, max_length=4096, widget=widget, **kwargs)


def page(request: HttpRequest, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """A page in the site's frame."""
    return render(request, template, {**admin.site.each_context(request), **context}, status=status)


def status_of(form: forms.BaseForm) -> int:
    """200 for a form to fill in, 422 for one to correct, 429 for one that was tried too often."""
    found = {error.code for errors in form.errors.as_data().values() for error in errors}
    if "throttled" in found:
        return 429
    return 422 if found else 200
