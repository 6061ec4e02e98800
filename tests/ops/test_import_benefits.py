"""Schemes and campaigns from a file: loaded whole or not at all, as often as one likes."""

from __future__ import annotations

import pytest

from haihe.ops.access import Access
from haihe.ops.import_benefits import Loaded, load_benefits
from haihe.ops.offices import Offices
from haihe.sectors.transit.catalogue import Catalogue
from haihe.wallet.purses.rules import TermsFaultyError
from tests.grounds import open_ground

FILE = """
[[scheme]]
key = "voucher"
sponsor = "office"
names = { en = "Voucher" }
fund = { key = "vouchers", names = { en = "Fund" } }
terms = { accepted = { kinds = ["bus"] } }
[[campaign]]
key = "half"
sponsor = "office"
names = { en = "Half" }
paid_in = 100
members = ["PHONE", "PHONE", "13900000000"]
[campaign.terms]
discount = { percent = 50 }
first_day = 2026-11-01
last_day = 2026-11-30
"""

FAULTS = [
    ('"office"', '"nobody"'),
    ("percent = 50", "percent = 0"),
    ("paid_in = 100", "paid_in = -1"),
    ("paid_in = 100", "paid_in = 99999999999999999999"),
    ('"half"', '"half/../<x>"'),
    ('"half"', '"\\u0000"'),
    ('{ en = "Half" }', "{}"),
    ('"Half"', '"\\u0000"'),
    ('"Half"', '"\xff"'),
    ("accepted = {", 'lapse = { rule = "date", last_day = 9999-12-31 }, accepted = {'),
]


async def test_terms_on_the_money_of_another_organisation_are_not_loaded(database: Access):
    async with open_ground(database) as city:
        await city.organisation("office", "city")
        await city.organisation("insurer", "insurer")
        offices, purses = Offices(city.ground, Catalogue(city.database), []), city.ground.purses
        written = FILE.replace('"PHONE", "PHONE", "13900000000"', "")
        await load_benefits(offices, written.encode())
        before = dict(purses.directory.funds), dict(purses.directory.schemes)
        theirs = written.replace('sponsor = "office"', 'sponsor = "insurer"')
        other_fund = theirs.replace('"vouchers"', '"theirs"').replace('"half"', '"their-half"')
        mixed = written.replace('"vouchers"', '"new"').replace('"voucher"', '"v"').replace('"half"', '"new"')
        mixed = mixed.replace('sponsor = "office"', 'sponsor = "insurer"', 1)
        for wrong in (theirs, other_fund, mixed):
            with pytest.raises(TermsFaultyError):
                await load_benefits(offices, wrong.encode())
        await purses.reload()
        assert before == (dict(purses.directory.funds), dict(purses.directory.schemes))


async def test_file_is_loaded_with_those_who_are_registered_twice_the_same_and_with_a_fault_not_at_all(
    database: Access,
):
    async with open_ground(database) as city:
        await city.organisation("office", "city")
        (citizen,) = await city.register(1)
        offices, purses = Offices(city.ground, Catalogue(city.database), []), city.ground.purses
        written = FILE.replace("PHONE", citizen.phone)
        for right, wrong in FAULTS:
            with pytest.raises(TermsFaultyError):
                await load_benefits(offices, written.replace(right, wrong).encode("latin-1"))
        assert not purses.directory.schemes
        assert not purses.directory.funds
        for _ in range(2):
            assert await load_benefits(offices, written.encode()) == Loaded(1, 1, citizens=1, unknown=1)
        (campaign,) = purses.directory.campaigns.values()
        assert purses.directory.is_member(campaign.id, citizen.id)
        assert not purses.directory.is_member(campaign.id, citizen.id + 16)
        assert [await city.available(bucket, campaign.id) for bucket in range(4)] == [100] * 4
        assert city.verified() == []
