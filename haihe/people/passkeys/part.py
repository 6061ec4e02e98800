"""What passkeys add to the web app."""

from __future__ import annotations

from haihe.base.i18n import N_
from haihe.people.passkeys import api, pages
from haihe.people.passkeys.service import Passkeys
from haihe.web.part import Link, Part


def part(passkeys: Passkeys) -> Part:
    """Give the page and the API of passkeys."""
    return Part(
        "passkeys",
        handlers=(*pages.HANDLERS, *api.HANDLERS),
        templates=pages.TEMPLATES,
        static=pages.STATIC,
        dependencies={"passkeys": passkeys},
        settings=[Link("/me/passkeys", "fingerprint", N_("Passkeys"))],
    )
