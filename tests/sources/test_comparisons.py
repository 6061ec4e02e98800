"""Secrets are compared in a time that tells nothing: `hmac.compare_digest`, never `==`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from haihe.base.settings import PROJECT

SECRET = re.compile(r"(^|_)(mac|token|secret|passcode|password|otp|totp|pin|csrf|code_hash|recovery|confirmation)$")
"""Names of values that someone could guess at, step by step, if the comparison told how much was right."""


PLAIN = frozenset({"haihe/web/guards.py: connection.cookies.get(SESSION_COOKIE) == token"})
"""What compares nothing that anybody could guess at: here whether one request brought its token as a cookie."""


def names_of(side: ast.expr) -> Iterator[str]:
    """Give the last names of an operand: x, a.x, x(), x[0]."""
    match side:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            yield name
        case ast.Call(func=called):
            yield from names_of(called)
        case ast.Subscript(value=value):
            yield from names_of(value)


def compared(source: str) -> Iterator[str]:
    """Find comparisons by == or != in which a side has a secret's name and the other is no constant, but for two typed by one person."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Compare) or not isinstance(node.ops[0], ast.Eq | ast.NotEq):
            continue
        sides = (node.left, node.comparators[0])
        if any(isinstance(side, ast.Constant) for side in sides):
            continue
        names = [name for side in sides for name in names_of(side)]
        if any(SECRET.search(name) for name in names) and not any(name.endswith("_again") for name in names):
            yield ast.unparse(node)


def test_no_secret_is_compared_in_a_time_that_tells() -> None:
    found = [
        f"{path.relative_to(PROJECT)}: {text}"
        for path in sorted(Path(PROJECT / "haihe").rglob("*.py"))
        for text in compared(path.read_text(encoding="utf-8"))
    ]
    assert not [one for one in found if one not in PLAIN]


def test_such_a_comparison_would_be_found() -> None:
    assert list(compared("if given.token == expected: pass"))
    assert list(compared("ok = mac != self._mac(body)[:16]"))
    assert not list(compared("ok = hmac.compare_digest(mac, self._mac(body))"))
    assert not list(compared("if token == '': pass"))
    assert not list(compared("if form.passcode != form.passcode_again: pass"))
