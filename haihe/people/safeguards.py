"""What protects a citizen's wallet besides the passcode, put together: devices, passkeys, freezing, forgotten passcodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from haihe.base.foundation import Foundation
from haihe.base.jobs import Periodic
from haihe.people.devices.part import part as devices_part
from haihe.people.freezing.part import part as freezing_part
from haihe.people.freezing.service import Freezing, build_freezing
from haihe.people.passkeys.part import part as passkeys_part
from haihe.people.passkeys.service import Passkeys, build_passkeys
from haihe.people.resets.part import part as resets_part
from haihe.people.resets.service import Resets, build_resets
from haihe.people.service import People
from haihe.web.part import Part


@dataclass(frozen=True)
class Safeguards:
    """The services; devices are those of `people`."""

    people: People
    freezing: Freezing
    passkeys: Passkeys
    resets: Resets


def build_safeguards(base: Foundation, people: People, *, base_url: str) -> Safeguards:
    """Put the services together; `base_url` is how people reach the city."""
    freezing = build_freezing(base, people)
    passkeys = build_passkeys(base, people, freezing, base_url=base_url)
    return Safeguards(people, freezing, passkeys, build_resets(base, people, freezing, passkeys))


def parts(safeguards: Safeguards) -> Sequence[Part]:
    """Give the pages and the API."""
    return (
        devices_part(safeguards.people.devices),
        passkeys_part(safeguards.passkeys),
        freezing_part(safeguards.freezing),
        resets_part(safeguards.resets),
    )


def jobs(safeguards: Safeguards) -> list[Periodic]:
    """Give the work that runs beside the city: forgetting challenges that have served."""
    return [Periodic("people.forget_challenges", "people", "27 * * * *", safeguards.passkeys.forget_challenges)]
