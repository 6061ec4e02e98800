from __future__ import annotations

from playwright.sync_api import expect

from haihe.base.i18n import money, translator
from tests.journeys.browsing import WAIT_MS, Browsing
from tests.journeys.demo_city import DemoCity
from tests.journeys.walks import pay, press, register, sign_in, top_up


def test_too_little_money_leads_to_the_top_up_and_back_to_the_same_fare(browsing: Browsing, city: DemoCity):
    say, bus, newcomer = translator("zh"), city.bus(), city.newcomer("zh")
    phone = browsing.phone("zh", citizen=newcomer)
    phone.goto(bus.path)
    phone.get_by_text(say("There is not enough money in your wallet.")).wait_for()
    assert phone.locator("form.thumb button").count() == 0
    press(phone, say("Top up"))
    top_up(phone, say, 20)
    phone.wait_for_url("**" + bus.path)
    pay(phone)
    assert city.balance(newcomer) == 20_00 - bus.fare


def test_money_that_is_gone_meanwhile_is_said_on_the_page_of_the_fare(browsing: Browsing, city: DemoCity):
    say, bus, other, newcomer = translator("ru"), city.bus(), city.bus(), city.newcomer("ru")
    phone = browsing.phone("ru", citizen=newcomer)
    phone.goto("/top-up")
    top_up(phone, say, 2)
    phone.get_by_text(say("The money is there")).wait_for()
    phone.goto(bus.path)
    city.pays(newcomer, other)
    phone.locator("form.thumb button").click()
    phone.get_by_text(say("There is not enough money in your wallet.")).wait_for()
    phone.locator(f"a[href='/top-up?next={bus.path}']").wait_for()
    assert city.balance(newcomer) == 2_00 - other.fare


def test_second_scan_takes_nothing_but_a_companion_can_be_paid_for(browsing: Browsing, city: DemoCity):
    bus, citizen = city.own_bus(), city.citizen()
    before = city.balance(citizen)
    driver, phone = browsing.driver(bus), browsing.phone(citizen=citizen)
    phone.goto(bus.path)
    pay(phone)
    phone.goto(bus.path)
    phone.locator("form.thumb button").click()
    phone.get_by_text("Nothing was taken a second time.").wait_for()
    assert city.balance(citizen) == before - bus.fare
    press(phone, f"Pay {money(bus.fare, 'en')} for a companion")
    phone.locator("[data-age]").wait_for()
    assert city.balance(citizen) == before - 2 * bus.fare
    expect(driver.locator("[data-payment]")).to_have_count(2, timeout=WAIT_MS)
    assert driver.locator("[data-companion]:visible").count() == 1


def test_already_paid_leads_back_to_the_moving_ticket(browsing: Browsing, city: DemoCity):
    bus, citizen = city.bus(), city.citizen()
    payment = city.pays(citizen, bus)
    phone = browsing.phone(citizen=citizen)
    phone.goto(bus.path)
    phone.locator("form.thumb button").click()
    press(phone, "Show my ticket")
    phone.wait_for_url(f"**/payments/{payment}?fresh=1")
    phone.locator("[data-age]").wait_for()


def test_double_tap_on_pay_pays_once(browsing: Browsing, city: DemoCity):
    bus, citizen = city.bus(), city.citizen()
    before = len(city.payments(citizen))
    phone = browsing.phone(citizen=citizen)
    phone.goto(bus.path)
    phone.locator("form.thumb button").dblclick()
    phone.locator("[data-age]").wait_for()
    assert len(city.payments(citizen)) == before + 1


def test_form_that_is_sent_twice_without_scripts_pays_once(browsing: Browsing, city: DemoCity):
    bus, citizen = city.bus(), city.citizen()
    before = city.balance(citizen)
    phone = browsing.phone(citizen=citizen, java_script_enabled=False)
    phone.goto(bus.path)
    form: dict[str, str | float | bool] = {
        one.get_attribute("name") or "": one.input_value() for one in phone.locator("form.thumb input").all()
    }
    places = [phone.request.post(bus.path, form=form, max_redirects=0).headers["location"] for _ in range(2)]
    assert places[0] == places[1]
    assert city.balance(citizen) == before - bus.fare


def test_back_button_after_paying_never_pays_again(browsing: Browsing, city: DemoCity):
    bus, citizen = city.bus(), city.citizen()
    before = city.balance(citizen)
    phone = browsing.phone(citizen=citizen)
    phone.goto("/")
    phone.goto(bus.path)
    pay(phone)
    ticket = phone.url
    phone.go_back()
    phone.locator("form.thumb button").click()
    phone.get_by_text("You have already paid here").or_(phone.locator("[data-age]")).first.wait_for()
    if "/payments/" in phone.url:
        assert phone.url == ticket
    assert city.balance(citizen) == before - bus.fare


def test_sticker_scanned_by_any_camera_app_leads_through_the_sign_in_back_to_the_fare(
    browsing: Browsing, city: DemoCity
):
    say, bus, citizen = translator("ru"), city.bus(), city.citizen()
    phone = browsing.phone("ru")
    phone.goto(bus.url)
    phone.wait_for_url("**/sign-in?next=*")
    sign_in(phone, say, citizen.phone)
    phone.wait_for_url("**" + bus.path)
    pay(phone)
    assert city.payments(citizen)[0]["amount"] == bus.fare


def test_newcomer_who_scanned_a_sticker_comes_back_to_the_fare_after_registering(browsing: Browsing, city: DemoCity):
    bus = city.bus()
    phone = browsing.phone()
    phone.goto(bus.url)
    press(phone, "Register")
    register(phone, translator("en"), sms_to=city.sms_to)
    phone.wait_for_url("**" + bus.path)
