"""How a person wants to see the city: larger type, a simple start page. The browser's cookie says it, and the person's row keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from litestar import Request, Response

DISPLAY_COOKIE: Final = "display"
DISPLAY_COOKIE_S: Final = 31_536_000
USUAL_PERCENT: Final = 100
PERCENTS: Final = (USUAL_PERCENT, 125, 150)
"""Sizes of the type that can be chosen."""
_SIMPLE: Final = "simple"


@dataclass(frozen=True, slots=True)
class Display:
    """The size of the type in per cent of the usual, and whether the start page is the simple one."""

    percent: int = USUAL_PERCENT
    is_simple: bool = False

    @property
    def text(self) -> str:
        """Write it as cookie and row keep it: "", "125", "simple", "150-simple"."""
        size = "" if self.percent == USUAL_PERCENT else str(self.percent)
        return "-".join(filter(None, (size, _SIMPLE if self.is_simple else "")))

    @property
    def classes(self) -> str:
        """Give the classes of the page's root by which the styles know it."""
        return "" if self.percent == USUAL_PERCENT else f"large type-{self.percent}"


def read_display(text: str) -> Display:
    """Read what a cookie or row says; anything else is the usual display."""
    every = [Display(percent, is_simple) for percent in PERCENTS for is_simple in (False, True)]
    return next((one for one in every if one.text == text), Display())


def display_of(request: Request[Any, Any, Any]) -> Display:
    """Tell how the page that is asked for shall look."""
    return read_display(request.cookies.get(DISPLAY_COOKIE, ""))


def keep_display(response: Response[Any], text: str) -> None:
    """Let the browser ask so from now on."""
    response.set_cookie(DISPLAY_COOKIE, text, max_age=DISPLAY_COOKIE_S, samesite="lax", httponly=True)
