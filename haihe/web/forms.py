"""Forms: what a page posted, as a msgspec struct, or what is wrong with it, field by field.

    class TopUp(msgspec.Struct, frozen=True):
        amount: Annotated[int, says(N_("An amount like 50 or 12.50, please"))]

    form = await read_form(request, TopUp)
    if form.data is None:
        return renderer.page(request, "people/top_up.html", status_code=422, form=form)

Templates draw fields with `field(form, "amount", _("Amount"))`, which shows the value and the error.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Generic, TypeVar, get_args

import msgspec
from litestar import Request

from haihe.base.i18n import N_

T = TypeVar("T", bound=msgspec.Struct)

MISSING: Final = N_("Please fill this in")
WRONG: Final = N_("Please check this entry")
FIELD_CHARACTERS_MAX: Final = 2_000

_CHECKED: Final = {"on": "true", "yes": "true", "1": "true"}
"""What browsers send for a ticked box."""


def says(text: str, **limits: Any) -> msgspec.Meta:
    """Annotate a field with the msgid that tells what it should look like, and msgspec's limits (`pattern`, `ge`, …)."""
    return msgspec.Meta(extra={"text": text}, **limits)


@dataclass(frozen=True)
class Form(Generic[T]):
    """What was typed, the errors (msgids by field), and the struct if there are none.

    An empty `Form()` draws an untouched page; `Form({"phone": "138…"})` one with values filled in.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)
    data: T | None = None

    def refused(self, name: str, text: str) -> Form[T]:
        """Give the same form with an error, already translated or a msgid, at a field."""
        return replace(self, errors={**self.errors, name: text}, data=None)


async def read_form(request: Request[Any, Any, Any], shape: type[T]) -> Form[T]:
    """Read the posted fields of a struct; what it does not name is ignored."""
    posted = await request.form()
    names = [info.name for info in msgspec.structs.fields(shape)]
    values = {name: str(posted[name]).strip()[:FIELD_CHARACTERS_MAX] for name in names if name in posted}
    return check(values, shape)


def check(values: Mapping[str, str], shape: type[T]) -> Form[T]:
    """Turn typed values into a struct; an empty value counts as not given."""
    errors: dict[str, str] = {}
    given: dict[str, object] = {}
    for info in msgspec.structs.fields(shape):
        value = values.get(info.name, "")
        if not value:
            if info.required:
                errors[info.name] = MISSING
            continue
        try:
            given[info.name] = _convert(value, info.type)
        except (msgspec.ValidationError, ValueError):
            errors[info.name] = _text_of(info.type)
    return Form(values, errors, None if errors else shape(**given))


def _convert(value: str, kind: Any) -> object:
    plain = get_args(kind)[0] if get_args(kind) and hasattr(kind, "__metadata__") else kind
    return msgspec.convert(_CHECKED.get(value, value) if plain is bool else value, type=kind, strict=False)


def _text_of(kind: Any) -> str:
    metas = (meta for meta in getattr(kind, "__metadata__", ()) if isinstance(meta, msgspec.Meta) and meta.extra)
    return next((meta.extra["text"] for meta in metas if meta.extra and "text" in meta.extra), WRONG)
