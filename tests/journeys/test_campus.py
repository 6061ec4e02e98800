"""A student eats, shops and pays for services on campus, and the university sees it beside."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from haihe.base.errors import Translate
from haihe.base.i18n import money, translator
from haihe.sectors.campus.errors import CardForeign
from tests.journeys.browsing import Browsing
from tests.journeys.demo_city import Citizen, DemoCity
from tests.journeys.walks import facts, pay, press, sign_in_staff

LANGUAGES = ("zh", "en", "ru")
HAIGU = "海沽商科大学"
SUBSIDY, LEFT, LUNCH, SHOPPING, WASH = 200_00, 8_00, 12_50, 6_80, 3_50
ANSWERED = "Failed to load resource: the server responded with a status of 4"
STALL = {"zh": "一食堂 · 大众米饭", "en": "Hall 1 · Rice and dishes", "ru": "Зал 1 · рис и блюда"}
PURSE = {
    "zh": "餐补（海沽商科大学）",
    "en": "Meal subsidy (Haigu University)",
    "ru": "Дотация на питание (Хайгуский университет)",
}
WASHED = {
    "zh": "标准洗 · 一号宿舍楼洗衣房",
    "en": "Standard wash · Laundry, dormitory 1",
    "ru": "Обычная стирка · Прачечная, общежитие 1",
}
WISHED = {"zh": "一号 标准洗", "en": "dormitory 1 wash", "ru": "общежитие 1 стирка"}


def student(city: DemoCity, place: int) -> Citizen:
    """Citizens 0, 1 and 2 study at Haigu, 3 at Jinwan."""
    one = city.listed["citizens"][place]
    return Citizen(one["name"], one["phone"], one["passcode"], one["token"])


def charge(till: Page, phone: Page, typed: str, paid: str) -> None:
    """The cashier types an amount and scans the code on the phone."""
    phone.goto("/pay")
    code = str(phone.locator("[data-code]").get_attribute("data-code"))
    till.locator("#amount").fill(typed)
    till.locator("#code").fill(code)
    till.keyboard.press("Enter")
    expect(till.locator("[data-price]")).to_have_text(paid)
    phone.locator("[data-age]").wait_for()


@pytest.mark.parametrize("language", LANGUAGES)
def test_student_lunches_shops_and_washes_on_campus(browsing: Browsing, city: DemoCity, language: str):
    browsing.expect(ANSWERED)
    say, diner = translator(language), student(city, LANGUAGES.index(language))
    terminals = [
        one for one in city.terminals("canteen") if one["code"] and city.sticker(one["code"])["payee"] == HAIGU
    ]
    till, phone = browsing.till(terminals[0], language), browsing.phone(language, citizen=diner)
    assert STALL[language] in till.locator("h1").inner_text()
    sees_the_card(phone, diner, language)

    charge(till, phone, "192", money(SUBSIDY - LEFT, language))
    before = city.balance(diner)
    charge(till, phone, "12.50", money(LUNCH, language))
    said = till.locator("[data-who-now]").inner_text()
    assert f"{PURSE[language]} {money(LEFT, language)}" in said
    assert f"{say('Wallet balance')} {money(LUNCH - LEFT, language)}" in said
    assert city.balance(diner) == before - (LUNCH - LEFT)
    reads_the_receipt(phone, language)

    shops_by_sticker(phone, city)
    washes_by_search(phone, language, say)
    assert city.balance(diner) == before - (LUNCH - LEFT) - SHOPPING - WASH
    phone.goto("/campus")
    expect(phone.get_by_label(PURSE[language])).to_contain_text(money(0, language))
    expect(phone.get_by_label(say("Latest on campus")).locator("li")).to_have_count(4)

    stranger = browsing.phone(language, citizen=student(city, 3))
    is_refused(till, stranger, say)
    university_sees_it(browsing.desk(language), city, language, say)


def sees_the_card(phone: Page, diner: Citizen, language: str) -> None:
    phone.goto("/campus")
    card = phone.locator(".campus-card")
    expect(card).to_contain_text(diner.name)
    expect(card).to_contain_text("2017******")
    expect(phone.get_by_label(PURSE[language])).to_contain_text(money(SUBSIDY, language))
    press(phone, translator(language)("Show payment code"))
    phone.wait_for_url("**/pay")


def reads_the_receipt(phone: Page, language: str) -> None:
    """Two lines: the subsidy that was left, and the rest from the wallet."""
    phone.goto(phone.url.partition("?")[0])
    shares = phone.locator("section[aria-labelledby=shares]")
    for said in (
        PURSE[language],
        money(LEFT, language),
        translator(language)("Wallet balance"),
        money(LUNCH - LEFT, language),
    ):
        expect(shares).to_contain_text(said)
    assert phone.locator(".what").inner_text() == STALL[language]


def shops_by_sticker(phone: Page, city: DemoCity) -> None:
    """The self-service shop's sticker asks for the amount; half a fen is none."""
    tills = {one["code"] for one in city.terminals("canteen")}
    stickers = (one for one in city.listed["stickers"] if one["kind"] == "campus" and one["payee"] == HAIGU)
    shop = next(one for one in stickers if one["amount"] is None and one["code"] not in tills)
    phone.goto(shop["url"])
    phone.locator("#amount").fill("6.805")
    phone.locator("form.thumb button").click()
    phone.locator("#amount[aria-invalid]").wait_for()
    phone.locator("#amount").fill("6.80")
    pay(phone)


def washes_by_search(phone: Page, language: str, say: Translate) -> None:
    phone.goto("/campus")
    phone.locator("#q").fill(WISHED[language])
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/campus/services?**")
    phone.locator('a[href^="/s/campus-"]', has_text="laundry-1.wash").click()
    assert phone.locator(".what").inner_text() == WASHED[language]
    expect(phone.locator("form.thumb button")).to_contain_text(money(WASH, language))
    pay(phone)
    assert facts(phone)[say("Point of sale")] == WASHED[language].partition(" · ")[2]


def is_refused(till: Page, stranger: Page, say: Translate) -> None:
    """The card of another university: red, and the reason in words."""
    stranger.goto("/pay")
    till.locator("#amount").fill("12.50")
    till.locator("#code").fill(str(stranger.locator("[data-code]").get_attribute("data-code")))
    till.keyboard.press("Enter")
    expect(till.locator("[data-price]")).to_have_text(say(CardForeign.text))
    expect(till.locator("[data-stage]")).to_have_class("stage is-refused")


def university_sees_it(office: Page, city: DemoCity, language: str, say: Translate) -> None:
    office.goto("/console")
    sign_in_staff(office, say, city.clerk("haigu-manager"))
    office.get_by_role("navigation", name=say("Console")).get_by_text(say("Campus"), exact=True).click()
    row = office.get_by_role("row", name=STALL[language]).first
    times = LANGUAGES.index(language) + 1
    expect(row).to_contain_text(money(times * (SUBSIDY - LEFT + LUNCH), language))
    expect(row).to_contain_text(money(times * SUBSIDY, language))
