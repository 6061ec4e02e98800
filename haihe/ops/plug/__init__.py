"""Pull the plug: a rush of made-up citizens, the embedded PostgreSQL killed in the middle of it, and everything counted live.

Owns the console's page for it, in a demo city with a database of its own. Never moves money by itself: its riders pay through the web
application as anybody does. What it shows is asked and counted: every key again, every row. Calls the web application, `people`,
and `verify`.
"""

from __future__ import annotations

from haihe.ops.plug import pages
from haihe.ops.plug.service import Plug
from haihe.web.part import Part

__all__ = ["part"]

PAGE = pages.PAGE


def part(plug: Plug) -> Part:
    """Give the page."""
    return Part(
        "plug",
        handlers=pages.HANDLERS,
        templates=pages.TEMPLATES,
        static=pages.STATIC,
        dependencies={"plug": plug},
    )
