from __future__ import annotations

import io
import re

import pytest
import zxingcpp
from PIL import Image

from haihe.base.i18n import translate, translator
from haihe.codes import reading
from haihe.codes.model import CodeForeign, CodeRevoked, CodeUnknown
from tests import camera as films
from tests.camera import Camera
from tests.journeys.browsing import Browsing
from tests.journeys.demo_city import DemoCity
from tests.journeys.walks import enter_console, pay, photograph, press


def test_revoked_sticker_is_refused_and_its_printed_successor_pays(browsing: Browsing, city: DemoCity, camera: Camera):
    bus, citizen = city.own_bus(), city.citizen()
    office = browsing.desk()
    enter_console(office, translator("en"), city.staff("manager"))
    office.get_by_role("link", name=bus.line, exact=True).click()
    office.get_by_role("link", name=bus.code).click()
    press(office, "Revoke and make a new one")  # without a reason, without being sure: nothing happens
    office.locator(":invalid, [aria-invalid]").first.wait_for()
    office.locator("#reason").fill("covered by a foreign code")
    office.get_by_label("The old sticker shall stop working").check()
    press(office, "Revoke and make a new one")
    office.wait_for_url(lambda url: not url.endswith(bus.code))
    office.locator(".sticker").wait_for()
    successor = office.url.rpartition("/")[2]

    for language in ("zh", "en", "ru"):
        phone = browsing.phone(language, citizen=citizen)
        phone.goto(bus.path)
        phone.get_by_text(translate(language, CodeRevoked.text)).wait_for()
    office.goto(f"/console/transit/stickers/{bus.code}")
    office.get_by_text(re.compile(r"^Revoked on")).wait_for()

    press(office, "Back to the line")
    press(office, "Print stickers")
    office.locator(f'.sticker[data-code="{successor}"]').wait_for()
    assert bus.code not in office.locator(".sticker code").all_inner_texts()
    camera.sees(films.still(photograph(office, f'.sticker[data-code="{successor}"]')))
    phone.goto("/scan")
    phone.wait_for_url(f"**/s/{successor}")
    pay(phone)


@pytest.mark.parametrize("form", ["", "?form=emvco"])
def test_sheet_on_paper_holds_every_sticker_of_the_line_and_nothing_else(browsing: Browsing, city: DemoCity, form: str):
    office = browsing.desk("zh", viewport={"width": 794, "height": 1123})  # A4 at 96 dots an inch
    enter_console(office, translator("zh"), city.staff("manager"))
    office.goto(office.locator("tbody th a").first.get_attribute("href") or "")
    codes = office.locator("td code").all_inner_texts()
    press(office, translate("zh", "Print stickers"))
    office.goto(office.url + form)
    office.emulate_media(media="print")
    read = zxingcpp.read_barcodes(Image.open(io.BytesIO(office.screenshot(full_page=True))))
    assert sorted(reading.read(one.text, city.base_url) for one in read) == sorted(codes)
    assert not office.get_by_text(translate("zh", "Sign out")).is_visible()
    assert not office.get_by_text(translate("zh", "Back to the line")).is_visible()


@pytest.mark.parametrize("language", ["zh", "en", "ru"])
def test_foreign_code_is_named_as_such_and_leads_nowhere(
    browsing: Browsing, city: DemoCity, camera: Camera, language: str
):
    browsing.expect("status of 404")
    camera.sees(films.still(films.code("https://pay.example.org/m/4711?amount=1850")))
    phone = browsing.phone(language, citizen=city.citizen())
    phone.goto("/scan")
    phone.locator("[data-result][data-wrong]").wait_for()
    assert phone.locator("[data-result]").inner_text() == translate(language, CodeForeign.text)
    assert phone.url.endswith("/scan")


def test_code_can_be_typed_from_a_scratched_sticker(browsing: Browsing, city: DemoCity):
    bus = city.bus()
    phone = browsing.phone(citizen=city.citizen())
    phone.goto("/scan")
    phone.locator("#text").fill(f" {bus.code[:8].lower()} {bus.code[8:]} ")
    press(phone, "Continue")
    phone.wait_for_url("**" + bus.path)


def test_unknown_code_that_was_typed_is_refused(browsing: Browsing, city: DemoCity):
    phone = browsing.phone(citizen=city.citizen())
    phone.goto("/s/2222222222222222")
    phone.get_by_text(CodeUnknown.text).wait_for()
    phone.goto("/scan")
    phone.locator("#text").fill("nothing of ours")
    press(phone, "Continue")
    assert phone.locator("#text-says").inner_text() == CodeForeign.text


def test_picture_of_a_sticker_is_read_where_there_is_no_camera(browsing: Browsing, city: DemoCity, tmp_path):
    bus = city.bus()
    picture = tmp_path / "sticker.png"
    films.code(bus.url).save(picture)
    phone = browsing.phone(citizen=city.citizen())
    phone.add_init_script(
        "if (navigator.mediaDevices)"
        " navigator.mediaDevices.getUserMedia = async () => { throw new DOMException('', 'NotFoundError'); }"
    )
    phone.goto("/scan")
    phone.get_by_text("No camera was found.").wait_for()
    phone.locator("[data-picture] input").set_input_files(picture)
    phone.wait_for_url("**" + bus.path)
