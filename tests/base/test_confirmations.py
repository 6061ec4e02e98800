from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from haihe.base.clock import TurnableClock
from haihe.base.confirmations import LIFETIME, ConfirmationInvalid, Confirmations, Strength
from haihe.base.vault import Vault


def test_confirmation_serves_one_request_of_one_person_for_a_while():
    clock = TurnableClock(datetime(2026, 1, 1, tzinfo=UTC))
    confirmations = Confirmations(Vault(vault_key=b"v" * 32, search_key=b"s" * 32), clock)
    text = confirmations.grant(7, "key", Strength.PASSCODE)
    assert confirmations.read(7, "key", text) is Strength.PASSCODE
    assert confirmations.read(7, "key", "") is Strength.NONE
    stronger = text.replace("1.", "2.", 1)
    for person, key, said in (
        (8, "key", text),
        (7, "other", text),
        (7, "key", stronger),
        (7, "key", "1.2"),
        (7, "key", "é"),
    ):
        with pytest.raises(ConfirmationInvalid):
            confirmations.read(person, key, said)
    clock.turn(LIFETIME + timedelta(seconds=1))
    with pytest.raises(ConfirmationInvalid):
        confirmations.read(7, "key", text)
