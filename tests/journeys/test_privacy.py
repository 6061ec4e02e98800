from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

from playwright.sync_api import expect

from haihe.base.i18n import translator
from tests.journeys.browsing import Browsing
from tests.journeys.demo_city import DemoCity
from tests.journeys.walks import PASSCODE, press, sign_in_staff, type_demo_code


def test_person_sees_who_looked_takes_everything_along_and_is_erased(browsing: Browsing, city: DemoCity):
    say, citizen = translator("zh"), city.newcomer("zh")
    office, phone = browsing.desk("zh"), browsing.phone("zh", citizen=citizen)
    office.goto("/console")
    sign_in_staff(office, say, city.clerk("hospital-clerk"))
    office.goto("/console/hospital")
    office.locator("#number").fill(citizen.phone)
    press(office, say("Open the record"))
    office.wait_for_load_state()

    phone.goto("/me")
    press(phone, say("Who looked at my data"))
    expect(phone.locator(".rows li")).to_have_count(1)
    expect(phone.locator(".rows li")).to_contain_text(say("Looked at your data"))
    expect(phone.locator(".rows li")).to_contain_text(say("clinic record"))

    phone.goto("/me/export")
    phone.locator("#passcode").fill(PASSCODE)
    with phone.expect_download() as download:
        press(phone, say("Download"))
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as packed:
        (person,) = json.loads(packed.read("json/person.json"))
        assert (person["name"], person["phone"]) == (citizen.name, citizen.phone)
        assert citizen.name in packed.read("index.html").decode()

    phone.goto("/me/erase")
    press(phone, say("Send code"))
    type_demo_code(phone)
    phone.locator("#passcode").fill(PASSCODE)
    phone.locator("[name=understood]").check()
    press(phone, say("Erase me for good"))
    phone.wait_for_url("**/erased")
    expect(phone.locator("h1")).to_have_text(say("You are erased"))
    phone.goto("/me")
    phone.wait_for_url("**/sign-in?next=*")
    assert not city.holds(citizen.token)
    office.reload()
    expect(office.locator("#main")).not_to_contain_text(citizen.phone[-4:])
