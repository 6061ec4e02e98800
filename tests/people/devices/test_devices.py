from datetime import timedelta

import pytest

from haihe.base.tokens import Audience, TokenInvalid
from haihe.people.devices.errors import DeviceUnknown
from haihe.people.devices.model import Visit
from haihe.people.devices.rules import browser_of, device_name, system_of
from haihe.people.model import Citizen, Purpose, SignedIn
from tests.citizens import Browser, City
from tests.people.guarded import Guarded, guarded_city

PIXEL = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Mobile Safari/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36 Edg/128.0"
WECHAT = "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/116 Mobile Safari/537.36 MicroMessenger/8.0.40"


@pytest.mark.parametrize(
    ("agent", "browser", "system"),
    [
        (PIXEL, "Chrome", "Android"),
        (IPHONE, "Safari", "iPhone"),
        (EDGE, "Edge", "Windows"),
        (WECHAT, "WeChat", "Android"),
        ("python-httpx/0.28", "", ""),
        ("", "", ""),
    ],
)
def test_device_is_named_as_people_name_it(agent: str, browser: str, system: str):
    assert (browser_of(agent), system_of(agent)) == (browser, system)
    assert device_name("Chrome", "Android", "en") == "Chrome on Android"
    assert device_name("", "", "en") == "Another program"


async def sign_in(city: City, citizen: Citizen, visit: Visit) -> SignedIn:
    city.clock.turn(timedelta(minutes=1))
    await city.people.ask_code(citizen.phone, Purpose.SIGN_IN, language="en")
    return await city.people.sign_in(phone=citizen.phone, code=city.mailbox.code_for(citizen.phone), visit=visit)


async def test_new_device_is_told_once_and_every_sign_in_stands_on_the_list(city: City):
    guarded = guarded_city(city)
    first = await city.citizen()
    citizen, devices = first.citizen, city.people.devices
    phone, tablet = Visit("a" * 22, PIXEL), Visit("b" * 22, IPHONE)
    again = [await sign_in(city, citizen, visit) for visit in (phone, phone, tablet)]
    told = [body for kind, body in await guarded.news(citizen) if kind == "device_new"]
    assert told == [{"device": "Chrome · Android"}, {"device": "Safari · iPhone"}]
    assert await devices.knows(citizen.id, phone)
    assert not await devices.knows((await city.citizen()).citizen.id, phone), "a device is known for one person only"
    living = await devices.living(citizen.id)
    assert [(one.browser, one.system) for one in living] == [
        ("Safari", "iPhone"),
        ("Chrome", "Android"),
        ("Chrome", "Android"),
        ("", ""),
    ]
    assert len({city.people.sessions.grant(one.token).session for one in (first, *again)}) == 4
    async with city.database.connection() as connection:
        stored = str(await (await connection.execute("SELECT sign_ins::text FROM sign_ins")).fetchall())
    assert "a" * 22 not in stored
    assert "Pixel" not in stored


async def test_remote_sign_out_ends_one_session_then_all_others_and_nobody_elses(city: City):
    guarded = guarded_city(city)
    here = await city.citizen()
    citizen, devices, sessions = here.citizen, city.people.devices, city.people.sessions
    lost = await sign_in(city, citizen, Visit("a" * 22, PIXEL))
    third = await sign_in(city, citizen, Visit("b" * 22, IPHONE))
    stranger = await city.citizen()
    own, gone = sessions.grant(here.token).session, sessions.grant(lost.token).session
    with pytest.raises(DeviceUnknown):
        await devices.end(citizen.id, sessions.grant(stranger.token).session, by=own)
    for _ in range(2):
        await devices.end(citizen.id, gone, by=own)
    with pytest.raises(TokenInvalid):
        sessions.grant(lost.token)
    assert await devices.end_others(citizen.id, keep=own) == 1
    assert await devices.end_others(citizen.id, keep=own) == 0
    with pytest.raises(TokenInvalid):
        sessions.grant(third.token)
    for token in (stranger.token, here.token):
        sessions.grant(token)
    other = type(city.base.revocations)(city.database)
    await other.refresh()
    assert gone in other, "every process knows"
    assert [action for action, _ in await guarded.deeds(citizen.id)].count("session_ended") == 2


async def test_session_goes_on_after_half_its_life_and_ends_for_good_with_its_newest_token(city: City):
    signed = await city.citizen()
    sessions, devices = city.people.sessions, city.people.devices
    assert not (await sessions.viewer(signed.token)).is_aging
    city.clock.turn(timedelta(days=46))
    assert (await sessions.viewer(signed.token)).is_aging
    renewal = await devices.renewed(signed.token)
    assert renewal is not None
    assert not (await sessions.viewer(renewal.token)).is_aging
    await city.people.sign_out(signed.token)
    assert await devices.renewed(renewal.token) is None
    city.clock.turn(timedelta(days=60))
    await city.people.forget_expired()
    fresh = type(city.base.revocations)(city.database)
    await fresh.refresh()
    assert sessions.tokens.read(renewal.token, Audience.CITIZEN, city.clock.now()).session in fresh


async def test_last_seen_is_written_once_an_hour_and_a_token_without_a_row_stays_good(city: City):
    signed = await city.citizen()
    citizen, devices, sessions = signed.citizen, city.people.devices, city.people.sessions
    demo = city.people.issue_token(citizen, timedelta(days=365))

    async def seen() -> timedelta:
        for token in (signed.token, demo):
            await sessions.viewer(token)
        await devices.note_seen()
        (one,) = await devices.living(citizen.id)
        return one.seen_at - one.signed_in_at

    assert await seen() == timedelta(0)
    city.clock.turn(timedelta(minutes=59))
    assert await seen() == timedelta(0)
    city.clock.turn(timedelta(minutes=2))
    assert await seen() == timedelta(minutes=61)
    assert await devices.renewed(demo) is None
    await devices.end_others(citizen.id, keep=0)
    sessions.grant(demo)


async def test_changed_passcode_ends_all_other_sessions_and_is_told(city: City):
    guarded: Guarded = guarded_city(city)
    here = await city.citizen()
    there = await sign_in(city, here.citizen, Visit("a" * 22, PIXEL))
    session = city.people.sessions.grant(here.token).session
    await city.people.set_passcode(here.citizen.id, old="271828", new="161803", session=session)
    city.people.sessions.grant(here.token)
    with pytest.raises(TokenInvalid):
        city.people.sessions.grant(there.token)
    assert ("passcode_changed", {}) in await guarded.news(here.citizen)
    assert ("passcode_set", "done") in await guarded.deeds(here.citizen.id)


async def test_page_lists_devices_and_signs_out_and_the_cookie_of_the_device_stays(city: City, browser: Browser):
    browser.client.headers["user-agent"] = PIXEL
    citizen = (await city.citizen()).citizen
    kept = set()
    for _ in range(2):
        browser.client.cookies.pop("haihe_session", None)
        await browser.open("/sign-in")
        city.clock.turn(timedelta(minutes=1))
        await browser.send("/sign-in", phone=citizen.phone)
        answer = await browser.send("/sign-in", code=city.mailbox.code_for(citizen.phone))
        assert answer.status_code == 303
        kept.add(browser.client.cookies["haihe_device"])
    assert len(kept) == 1
    page = (await browser.open("/me/devices")).text
    assert page.count("Chrome on Android") >= 2
    assert "This device" in page
    assert (await browser.send("/me/devices/sign-out-others")).status_code == 303
    assert (await browser.open("/me/devices")).text.count("Signed in") == 1
    await browser.open("/me/freeze")
    assert (await browser.send("/me/devices/999999999999999999999/sign-out")).status_code == 404
