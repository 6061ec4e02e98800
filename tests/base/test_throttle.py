import asyncio
import contextlib

import pytest

from haihe.base.throttle import MISS_TRIES, Limits, Rate, Throttle, TooMany, network_of


def test_a_burst_passes_then_one_after_the_other():
    throttle = Throttle(Rate(tries=3, seconds=60))
    for _ in range(3):
        throttle.count("a", now=0)
    with pytest.raises(TooMany) as caught:
        throttle.count("a", now=0)
    wait = caught.value.details["retry_after_s"]
    assert isinstance(wait, int)
    throttle.count("b", now=0)
    throttle.count("a", now=wait)
    with pytest.raises(TooMany):
        throttle.count("a", now=wait)


def test_a_demo_leaves_its_own_machine_alone():
    limits = Limits({"code": Rate(tries=1, seconds=3600)}, spare_loopback=True)
    for host in ("127.0.0.1", "127.0.0.2", "::1"):
        assert not limits.holds_for(host)
        for _ in range(5):
            limits.count("code", host)
    for host in ("192.168.1.5", "", "localhost.example"):
        limits.count("code", host)
        with pytest.raises(TooMany):
            limits.count("code", host)


def test_elsewhere_the_own_machine_is_limited_too():
    limits = Limits({"code": Rate(tries=1, seconds=3600)})
    limits.count("code", "127.0.0.1")
    with pytest.raises(TooMany):
        limits.count("code", "127.0.0.1")


def test_who_is_known_is_counted_alone_behind_a_shared_address():
    limits = Limits({"pay": Rate(tries=1, seconds=3600)})
    limits.count("pay", "192.168.1.5", who="1")
    limits.count("pay", "192.168.1.5", who="2")
    with pytest.raises(TooMany):
        limits.count("pay", "192.168.1.6", who="1")


def passes(limits: Limits, host: str, how_often: int = 1_000, *, who: str, device: str = "") -> int:
    """Try a door until it is closed; tell how often it was open."""
    for passed in range(how_often):
        try:
            limits.count("door", host, who=who, device=device)
        except TooMany:
            return passed
    return how_often


def test_neither_many_addresses_nor_many_numbers_pass_more_and_the_owners_device_is_never_kept_out():
    limits = Limits({"door": Rate(tries=5, seconds=3600, crowd=4)})
    spread = sum(passes(limits, f"198.51.100.{last}", 1, who="victim") for last in range(50))
    assert spread == 5, "one account, however many addresses"
    assert passes(limits, "198.51.100.7", who="victim", device="of the victim") == 5, "its owner is not kept out"
    assert passes(limits, "198.51.100.7", who="victim") == 0
    school = "203.0.113.9"
    assert passes(limits, school, who="abuser") == 5
    assert passes(limits, school, who="pupil") == 5, "one abuser does not lock the school out"
    many = sum(passes(limits, school, who=f"number {number}") for number in range(20))
    assert many == 5 * 4 - 10, "the address as a whole ends as well, whomever it tries"
    assert passes(limits, school, who="known", device="known") == 5, "and then still not for who is known here"
    assert passes(limits, "203.0.113.10", who="pupil 2") == 5


def test_a_refused_try_is_counted_of_nobody():
    limits = Limits({"door": Rate(tries=2, seconds=3600, crowd=2)})
    assert passes(limits, "203.0.113.9", who="abuser") == 2
    assert passes(limits, "203.0.113.9", who="abuser") == 0
    assert passes(limits, "203.0.113.9", who="pupil") == 2


def test_whoever_has_a_network_of_addresses_has_one_address():
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9") != network_of("2001:db8:1:3::1")
    assert network_of("::ffff:192.0.2.1") == network_of("192.0.2.1") == "192.0.2.1"
    assert network_of("") == ""


class Missed(TooMany):
    """Stands for whatever refusal says that nobody was found."""


def test_a_miss_costs_more_than_a_hit_and_as_many_at_once_as_one_after_the_other():
    limits = Limits({"door": Rate(tries=20, seconds=3600)})
    looks = [limits.looking_up("door", "192.0.2.1", who="harvester", miss=Missed) for _ in range(60)]
    begun = 0
    for look in looks:
        with contextlib.suppress(TooMany):
            look.__enter__()
            begun += 1
    assert begun == 20 // MISS_TRIES, "billed before the answer"
    for look in looks[:begun]:
        look.__exit__(Missed, Missed(), None)
    assert passes(limits, "192.0.2.1", who="harvester") == 0
    for _ in range(20 - MISS_TRIES + 1):
        with limits.looking_up("door", "192.0.2.1", who="honest", miss=Missed):
            pass
    with pytest.raises(TooMany), limits.looking_up("door", "192.0.2.1", who="honest", miss=Missed):
        pytest.fail("never reached")


def test_a_look_that_is_broken_off_stays_billed_and_one_that_is_refused_otherwise_does_not():
    limits = Limits({"door": Rate(tries=20, seconds=3600)})
    with pytest.raises(TooMany), limits.looking_up("door", "192.0.2.1", who="a", miss=Missed):
        raise TooMany(retry_after_s=1)
    assert passes(limits, "192.0.2.1", who="a") == 19
    with pytest.raises(asyncio.CancelledError), limits.looking_up("door", "192.0.2.1", who="b", miss=Missed):
        raise asyncio.CancelledError
    assert passes(limits, "192.0.2.1", who="b") == 15
