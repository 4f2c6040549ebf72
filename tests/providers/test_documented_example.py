"""The example in docs/adding-a-provider.md is a provider that works."""

import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from payouts.domain.recipients.kind import Kind
from payouts.domain.sending.answer import Accepted, NotExecuted, Refused, Unknown
from payouts.providers.credentials import parse_account
from tests.props.providers.lines import NOW, ScriptedLine, instruction_of, order

PAGE = Path(__file__).parents[2] / "docs" / "adding-a-provider.md"


@pytest.fixture
def example(line: ScriptedLine) -> Any:
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found
    module: dict[str, Any] = {"__name__": "example"}
    exec(compile(found[1], str(PAGE), "exec"), module)  # noqa: S102  the page is ours
    provider = module["Example"]
    credentials = parse_account("desk", "example://k1:s1@api.example.com", providers={"example": provider})
    return provider(credentials, line=line, clock=lambda: NOW)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"code": 0, "id": "p1"}, Accepted),
        ({"code": 0}, Unknown),
        ({"code": 11, "message": "no"}, Refused),
        ({"code": 29}, NotExecuted),
        ({"code": 50}, Unknown),
        ({"code": 99}, Unknown),
        ({"code": False, "id": "p1"}, Unknown),
        ([], Unknown),
    ],
)
def test_it_answers_as_its_page_says(example: Any, line: ScriptedLine, body: object, expected: Any) -> None:
    line.answers(body)
    asked = order(Kind.UID, provider="example", account="desk", amount=Decimal("1.50"))
    answer = example.submit(instruction_of(asked, example))
    assert isinstance(answer, expected)
    [(_, _, sent, _)] = line.sent
    fields = {"reference": "a" * 32, "uid": "12345678", "coin": "USDT", "amount": "1.5"}
    assert json.loads(sent) == fields | {"key": "k1", "time": int(NOW), "sign": json.loads(sent)["sign"]}
