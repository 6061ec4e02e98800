"""References: codes of what is chosen in the app instead of scanned: a kind and a number, `bill-7301`.

They are paid like a sticker's code, by the same page and the same request; the kind's sector knows what the number means.
"""

from __future__ import annotations

import re
from typing import Final

from haihe.base.ids import ID_MAX

_REFERENCE: Final = re.compile(r"([a-z]{1,20})-([1-9][0-9]{0,18})")


def reference(kind: str, number: int) -> str:
    """Write a reference."""
    return f"{kind}-{number}"


def read_reference(code: str) -> tuple[str, int] | None:
    """Read a reference: kind and number; None if the code is none (a sticker's has no lower case and no hyphen)."""
    found = _REFERENCE.fullmatch(code)
    if found is None or int(found[2]) > ID_MAX:
        return None
    return found[1], int(found[2])
