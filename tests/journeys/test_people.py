from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from demo.services import made_up
from haihe.base.i18n import money, translate, translator
from haihe.people import errors
from tests.journeys.browsing import WAIT_MS, Browsing, browse
from tests.journeys.demo_city import DemoCity
from tests.journeys.walks import PASSCODE, pay, press, type_demo_code


def says(page: Page, field: str) -> str:
    """Read the error at a field."""
    assert page.locator(f"#{field}").get_attribute("aria-invalid") == "true"
    return page.locator(f"#{field}-says").inner_text()


def wrong_check_character(id_number: str) -> str:
    return id_number[:-1] + ("0" if id_number[-1] != "0" else "1")


def born_on_30_february(id_number: str) -> str:
    body = id_number[:10] + "0230" + id_number[14:17]
    return body + made_up.id_check_character(body)


@pytest.mark.parametrize("language", ["zh", "en", "ru"])
def test_wrong_entries_are_said_at_their_fields_and_nobody_is_registered(
    browsing: Browsing, city: DemoCity, language: str
):
    say = translator(language)
    phone = browsing.phone(language)
    phone.goto("/register?made-up=1")
    number, right = phone.locator("#phone").input_value(), phone.locator("#id_number").input_value()
    for wrong, refusal in (
        (wrong_check_character(right), errors.IdNumberCheckDigit),
        (born_on_30_february(right), errors.IdNumberDate),
    ):
        phone.locator("#id_number").fill(wrong)
        press(phone, say("Send code"))
        phone.wait_for_load_state()
        assert says(phone, "id_number") == say(refusal.text)
        assert phone.locator("#phone").input_value() == number
    phone.locator("#id_number").fill(right)
    press(phone, say("Send code"))

    phone.locator("#code").fill("000000" if phone.locator("#demo-code").inner_text() != "000000" else "111111")
    shown = phone.locator("#demo-code").inner_text()
    press(phone, say("Continue"))
    assert says(phone, "code") == say(errors.CodeWrong.text)
    phone.locator("#code").fill(shown)
    press(phone, say("Continue"))

    for first, second, field, text in (
        ("123456", "123456", "passcode", errors.PasscodeWeak.text),
        (PASSCODE, PASSCODE[::-1], "passcode_again", "The two passcodes are not the same."),
    ):
        phone.locator("#passcode").fill(first)
        phone.locator("#passcode_again").fill(second)
        press(phone, say("Open my wallet"))
        phone.wait_for_load_state()
        assert says(phone, field) == say(text)
    phone.goto("/me")
    phone.wait_for_url("**/sign-in?next=*")


def test_name_and_number_of_two_people_are_refused_by_the_registry(browsing: Browsing):
    phone = browsing.phone("ru")
    phone.goto("/register?made-up=1")
    phone.locator("#name").fill("无此人")  # the demo registry never knows this name
    press(phone, translate("ru", "Send code"))
    type_demo_code(phone)
    press(phone, translate("ru", "Continue"))
    phone.locator("#passcode").fill(PASSCODE)
    phone.locator("#passcode_again").fill(PASSCODE)
    press(phone, translate("ru", "Open my wallet"))
    phone.get_by_text(translate("ru", errors.RegistryMismatch.text)).wait_for()


def test_answer_to_a_change_of_the_passcode_stands_where_one_looks(browsing: Browsing, city: DemoCity):
    citizen = city.newcomer()
    phone = browsing.phone(citizen=citizen)
    phone.goto("/me")
    change_passcode(phone, old="975310", new="314159")
    expect(phone.locator("#old-says")).to_be_in_viewport()
    assert says(phone, "old").startswith("The passcode is wrong.")
    change_passcode(phone, old=citizen.passcode, new="314159")
    expect(phone.get_by_text("The passcode is changed.")).to_be_in_viewport()


def change_passcode(phone: Page, *, old: str, new: str) -> None:
    for field, passcode in (("old", old), ("passcode", new), ("passcode_again", new)):
        phone.locator(f"#{field}").fill(passcode)
    press(phone, "Change the passcode")


def test_signing_out_closes_the_wallet_on_this_phone(browsing: Browsing, city: DemoCity):
    citizen = city.newcomer()
    phone = browsing.phone(citizen=citizen)
    phone.goto("/me")
    press(phone, "Sign out")
    phone.get_by_role("link", name="Open a wallet").wait_for()
    assert not city.holds(citizen.token)
    for path in ("/history", "/me", "/top-up"):
        phone.goto(path)
        phone.wait_for_url("**/sign-in?next=*")
    phone.go_back()
    assert citizen.name not in phone.locator("body").inner_text()


def test_back_button_after_signing_out_shows_nobodys_data(remembering_browser: Browser, city: DemoCity):
    citizen = city.newcomer()
    with browse(remembering_browser, city) as browsing:
        phone = browsing.phone(citizen=citizen)
        phone.goto("/me")
        press(phone, "Sign out")
        phone.get_by_role("link", name="Open a wallet").wait_for()
        phone.evaluate("void history.back()")
        phone.wait_for_url("**/sign-in?next=*")
        assert citizen.name not in phone.content()


def test_balance_is_fresh_when_one_comes_back_to_the_home_screen(remembering_browser: Browser, city: DemoCity):
    citizen, bus = city.citizen(), city.bus()
    before = city.balance(citizen)
    with browse(remembering_browser, city) as browsing:
        phone = browsing.phone(citizen=citizen)
        phone.goto("/")
        phone.goto(bus.path)
        pay(phone)
        phone.evaluate("void history.go(-2)")
        expect(phone.locator(".balance")).to_have_text(money(before - bus.fare, "en"), timeout=WAIT_MS)


def test_chosen_language_stays_from_page_to_page(browsing: Browsing, city: DemoCity):
    phone = browsing.phone("en", citizen=city.citizen())
    phone.goto("/")
    phone.locator("header .menu summary").click()
    phone.locator("header .menu a[lang=ru]").click()
    for path in ("/history", "/scan", "/"):
        phone.goto(path)
        assert phone.locator("html").get_attribute("lang") == "ru"
    phone.goto("/me")
    phone.locator("#language").select_option("zh")
    press(phone, translate("ru", "Keep"))
    phone.wait_for_url("**/me")
    phone.goto("/")
    assert phone.locator("html").get_attribute("lang") == "zh-Hans-CN"


def test_browser_of_a_stranger_is_greeted_in_its_own_language(browsing: Browsing):
    for language, html in (("zh", "zh-Hans-CN"), ("en", "en"), ("ru", "ru")):
        phone = browsing.phone(language)
        phone.goto("/")
        assert phone.locator("html").get_attribute("lang") == html
        phone.get_by_role("link", name=translate(language, "Open a wallet")).wait_for()
