from datetime import UTC, datetime, timedelta

from haihe.base.passwords import Passwords, Tries
from haihe.base.vault import Vault

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
PASSWORDS = Passwords(Vault(vault_key=b"v" * 32, search_key=b"s" * 32))


async def test_only_the_right_secret_is_right():
    stored = await PASSWORDS.hash("271828")
    assert stored.startswith("$argon2id$")
    assert await PASSWORDS.is_right(stored, "271828")
    assert not await PASSWORDS.is_right(stored, "271829")


async def test_a_stolen_hash_cannot_be_guessed_without_the_citys_key():
    thief = Passwords(Vault(vault_key=b"v" * 32, search_key=b"x" * 32))
    assert not await thief.is_right(await PASSWORDS.hash("271828"), "271828")


async def test_no_hash_and_a_damaged_hash_are_never_right():
    for stored in ("", "$argon2id$broken", "plain"):
        assert not await PASSWORDS.is_right(stored, "plain")


def test_the_lock_grows_up_to_a_day_and_a_right_one_ends_the_row():
    tries, waits = Tries(0, 0, NOW), []
    for _ in range(10):
        for _ in range(5):
            tries = tries.after_wrong(NOW)
        waits.append(tries.wait_s(NOW) // 60)
    assert waits == [15, 30, 60, 120, 240, 480, 960, 1440, 1440, 1440]
    assert tries.wait_s(NOW + timedelta(hours=24)) == 0
    assert tries.after_right().locks == 0
