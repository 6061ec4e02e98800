from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from haihe.base.clock import TurnableClock
from haihe.base.confirmations import LIFETIME, ConfirmationInvalid, Confirmations, Strength, matter
from haihe.base.vault import Vault


def test_confirmation_serves_one_request_of_one_person_for_a_while():
    clock = TurnableClock(datetime(2026, 1, 1, tzinfo=UTC))
    confirmations = Confirmations(Vault(vault_key=b"v" * 32, search_key=b"s" * 32), clock)
    text = confirmations.grant(7, "key", Strength.PASSCODE)
    assert confirmations.read(7, "key", text, about="fare") is Strength.PASSCODE
    assert confirmations.read(7, "key", "", about="") is Strength.NONE
    stronger = text.replace("1.", "2.", 1)
    for person, key, said in (
        (8, "key", text),
        (7, "other", text),
        (7, "key", stronger),
        (7, "key", "1.2"),
        (7, "key", "é"),
    ):
        with pytest.raises(ConfirmationInvalid):
            confirmations.read(person, key, said, about="fare")
    bound = confirmations.grant(7, "key", Strength.PASSKEY, about=matter("bus", 2_00))
    assert confirmations.read(7, "key", bound, about=matter("bus", 2_00)) is Strength.PASSKEY
    for other in ("", matter("bus", 3_00), matter("send-13900000000", 2_00)):
        with pytest.raises(ConfirmationInvalid):
            confirmations.read(7, "key", bound, about=other)
    clock.turn(LIFETIME + timedelta(seconds=1))
    with pytest.raises(ConfirmationInvalid):
        confirmations.read(7, "key", text, about="fare")
