"""Form fields that several screens share."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from payouts.domain.errors import InvalidValue


class CodeInput(forms.TextInput):
    """A text field whose page never shows what was typed: a recovery code that was not used up is a secret."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        return super().get_context(name, None, attrs)


class CodeField(forms.CharField):
    """A one-time code of an authenticator app, spaces aside."""

    def __init__(self, **kwargs: Any) -> None:
        attributes = {"autocomplete": "one-time-code", "inputmode": "numeric", "class": "code"}
        facts: dict[str, Any] = {
            "label": "One-time code",
            "help_text": "Six digits from your app. Each code works once; a new one comes every 30 seconds.",
            "max_length": 32,
            "error_messages": {"required": "Enter the code that your app shows now."},
            "widget": CodeInput(attrs=attributes | kwargs.pop("attributes", {})),
        }
        super().__init__(**(facts | kwargs))

    def to_python(self, value: Any) -> str:
        """Without the spaces that people put between groups."""
        return "".join(str(super().to_python(value) or "").split())


class CheckedField(forms.CharField):
    """A text that a rule of the domain judges; nothing is stripped or corrected."""

    def __init__(self, rule: Callable[[str], str], **kwargs: Any) -> None:
        super().__init__(strip=False, **kwargs)
        self.rule = rule

    def validate(self, value: str) -> None:
        """Show the rule's own sentence at the field."""
        super().validate(value)
        if value:
            try:
                self.rule(value)
            except InvalidValue as err:
                raise ValidationError(err.message, code=err.code) from err
