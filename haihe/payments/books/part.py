"""What the books add to the web app."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from haihe.ledger.statements.service import Statements
from haihe.payments.books import own_pages, pages
from haihe.web.part import Part

TEMPLATES: Final = Path(__file__).parent / "templates"


def part(statements: Statements) -> Part:
    """Give the pages and files, of organisations and of citizens."""
    return Part(
        "books",
        handlers=(*pages.HANDLERS, *own_pages.HANDLERS),
        templates=TEMPLATES,
        dependencies={"statements": statements},
    )
