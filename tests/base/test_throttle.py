import pytest

from haihe.base.throttle import Limits, Rate, Throttle, TooMany


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


def test_what_a_try_costs_may_be_known_afterwards_and_is_never_refused():
    throttle = Throttle(Rate(tries=10, seconds=100))
    throttle.count("a", now=0)
    throttle.charge("a", tries=4, now=0)
    for _ in range(5):
        throttle.count("a", now=0)
    throttle.charge("a", tries=4, now=0)
    with pytest.raises(TooMany) as caught:
        throttle.count("a", now=0)
    assert caught.value.details["retry_after_s"] == 51
    throttle.count("b", now=0)
    throttle.count("a", now=50)
