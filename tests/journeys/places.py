"""Every page of the city and how one comes to it, for the checks that all of them have to pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from playwright.sync_api import Page

from demo.services import made_up
from haihe.base.errors import Translate
from haihe.base.i18n import translator
from tests.journeys.browsing import Browsing
from tests.journeys.demo_city import Bus, Citizen
from tests.journeys.walks import enter_console, pay, press, sign_in_staff, top_up, type_demo_code

NOBODYS_CODE: Final = "2222222222222222"
LOW_INCOME: Final = 3
"""The place in demo.json of someone who has no contribution to pay (demo/tianjin/social.toml)."""
STREAM_OPENS_MS: Final = 300
"""So long after its first byte the driver's screen surely knows that it is connected."""

STAYS_REFUSED: Final = "() => { const wait = setTimeout; globalThis.setTimeout = (work, ms, ...more) => ms === 2000 ? 0 : wait(work, ms, ...more); }"
"""Otherwise the validator would be ready again before anybody has looked."""


@dataclass
class Scene:
    """One language's visitors, each with a page that is used again and again, and what they did before."""

    browsing: Browsing
    language: str
    _pages: dict[str, Page] = field(default_factory=dict)

    @property
    def say(self) -> Translate:
        return translator(self.language)

    @cached_property
    def bus(self) -> Bus:
        return self.browsing.city.own_bus()

    @cached_property
    def rider(self) -> Citizen:
        return self.browsing.city.citizen()

    @cached_property
    def payment(self) -> str:
        """A ride that was just paid; its bus answers a second scan."""
        return self.browsing.city.pays(self.rider, self.bus)

    @cached_property
    def rich_newcomer(self) -> Page:
        """The phone of someone with a card and one top-up."""
        phone = self.browsing.phone(self.language, citizen=self.browsing.city.newcomer(), reduced_motion="reduce")
        phone.goto("/top-up")
        top_up(phone, self.say, 20)
        phone.locator("[data-state=done]").wait_for()
        return phone

    def guest(self) -> Page:
        return self._page("guest", lambda: self.browsing.phone(self.language, reduced_motion="reduce"))

    def citizen(self) -> Page:
        return self._page(
            "citizen", lambda: self.browsing.phone(self.language, citizen=self.rider, reduced_motion="reduce")
        )

    def poor(self) -> Page:
        newcomer = self.browsing.city.newcomer
        return self._page(
            "poor", lambda: self.browsing.phone(self.language, citizen=newcomer(), reduced_motion="reduce")
        )

    def manager(self) -> Page:
        return self._page("manager", self._office)

    def patient(self) -> Page:
        """The phone of someone with a clinic bill and a child at school, both to be paid."""
        one = self.browsing.city.listed["citizens"][0]
        who = Citizen(one["name"], one["phone"], one["passcode"], one["token"])
        return self._page("patient", lambda: self.browsing.phone(self.language, citizen=who, reduced_motion="reduce"))

    def supported(self) -> Page:
        """The phone of someone with low income."""
        one = self.browsing.city.listed["citizens"][LOW_INCOME]
        who = Citizen(one["name"], one["phone"], one["passcode"], one["token"])
        return self._page("supported", lambda: self.browsing.phone(self.language, citizen=who, reduced_motion="reduce"))

    def staff_of(self, login: str) -> Page:
        """The desk of someone with this login."""
        return self._page(login, lambda: self._desk(login))

    def _desk(self, login: str) -> Page:
        office = self.browsing.desk(self.language, reduced_motion="reduce")
        office.goto("/console")
        sign_in_staff(
            office, self.say, next(one for one in self.browsing.city.listed["staff"] if one["login"] == login)
        )
        office.wait_for_url("**/console")
        return office

    def till(self) -> Page:
        """The bakery's first till."""
        terminal = self.browsing.city.terminals("shop")[0]
        return self._page("till", lambda: self.browsing.till(terminal, self.language, reduced_motion="reduce"))

    def validator(self) -> Page:
        """The validator of a bus."""
        (terminal,) = self.browsing.city.terminals("validator")
        return self._page("validator", lambda: self.browsing.till(terminal, self.language, reduced_motion="reduce"))

    def stop_filming(self) -> None:
        """Close the validator: a page that films takes the machine from all that come after it."""
        if filming := self._pages.pop("validator", None):
            filming.goto("about:blank")
            filming.context.close()
            self.browsing.contexts.remove(filming.context)

    def driver(self) -> Page:
        return self._page("driver", lambda: self.browsing.driver(self.bus, self.language, reduced_motion="reduce"))

    def _office(self) -> Page:
        office = self.browsing.desk(self.language, reduced_motion="reduce")
        enter_console(office, self.say, self.browsing.city.staff("manager"))
        return office

    def _page(self, who: str, make: Callable[[], Page]) -> Page:
        if who not in self._pages:
            self._pages[who] = make()
        return self._pages[who]


Way = Callable[[Scene], Page]


def guest_at(path: str) -> Way:
    return lambda scene: _at(scene.guest(), path)


def citizen_at(path: str) -> Way:
    return lambda scene: _at(scene.citizen(), path)


def manager_at(path: str) -> Way:
    return lambda scene: _at(scene.manager(), path)


def patient_at(path: str) -> Way:
    return lambda scene: _at(scene.patient(), path)


def staff_at(login: str, path: str) -> Way:
    return lambda scene: _at(scene.staff_of(login), path)


def _at(page: Page, path: str) -> Page:
    page.goto(path)
    return page


def sign_in_code(scene: Scene) -> Page:
    page = _at(scene.guest(), "/sign-in")
    page.locator("#phone").fill(made_up.phone())
    press(page, scene.say("Send code"))
    page.locator("#code").fill("000000")
    press(page, scene.say("Sign in"))
    page.locator("#code[aria-invalid]").wait_for()
    return page


def sign_in_refused(scene: Scene) -> Page:
    page = _at(scene.guest(), "/sign-in")
    page.locator("#phone").fill("12345")
    press(page, scene.say("Send code"))
    page.locator("#phone[aria-invalid]").wait_for()
    return page


def register_refused(scene: Scene) -> Page:
    page = _at(scene.guest(), "/register?made-up=1")
    page.locator("#id_number").fill("123")
    press(page, scene.say("Send code"))
    page.locator("#id_number[aria-invalid]").wait_for()
    return page


def register_code(scene: Scene) -> Page:
    page = _at(scene.guest(), "/register?made-up=1")
    press(page, scene.say("Send code"))
    page.locator("#code").wait_for()
    return page


def register_passcode(scene: Scene) -> Page:
    page = register_code(scene)
    type_demo_code(page)
    press(page, scene.say("Continue"))
    page.locator("#passcode").fill("123456")
    page.locator("#passcode_again").fill("123456")
    press(page, scene.say("Open my wallet"))
    page.locator("#passcode[aria-invalid]").wait_for()
    return page


def city_table(scene: Scene) -> Page:
    page = _at(scene.guest(), "/city")
    page.locator("details.more summary").click()
    page.locator("details.more table").wait_for()
    return page


def fare(scene: Scene) -> Page:
    return _at(scene.citizen(), scene.bus.path)


def fare_too_dear(scene: Scene) -> Page:
    return _at(scene.poor(), scene.bus.path)


def paid(scene: Scene) -> Page:
    return _at(scene.citizen(), f"/payments/{scene.payment}?fresh=1")


def receipt(scene: Scene) -> Page:
    return _at(scene.citizen(), f"/payments/{scene.payment}")


def already_paid(scene: Scene) -> Page:
    assert scene.payment
    page = fare(scene)
    page.locator("form.thumb button").click()
    page.locator("input[name=companion]").wait_for(state="attached")
    return page


def code_that_is_foreign(scene: Scene) -> Page:
    return _at(scene.citizen(), "/scan?text=https%3A%2F%2Fpay.example.org")


def first_home(scene: Scene) -> Page:
    return _at(scene.poor(), "/")


def first_history(scene: Scene) -> Page:
    return _at(scene.poor(), "/history")


def home_with_dues(scene: Scene) -> Page:
    page = _at(scene.patient(), "/")
    page.locator("details.rest summary").click()
    return page


def paid_before(scene: Scene) -> Page:
    debtor = scene.browsing.city.debtor()
    page = scene.browsing.phone(scene.language, citizen=debtor, reduced_motion="reduce")
    page.goto("/")
    href = str(page.locator('a[href^="/s/bill-"]').first.get_attribute("href"))
    page.goto(href)
    pay(page)
    page.goto(href)
    return page


def card_refused(scene: Scene) -> Page:
    page = _at(scene.poor(), "/cards")
    page.locator("#card").fill("6299990000000000001")
    press(page, scene.say("Add the card"))
    page.locator("#card[aria-invalid]").wait_for()
    return page


def topped_up(scene: Scene) -> Page:
    scene.rich_newcomer.reload()
    return scene.rich_newcomer


def top_up_with_passcode(scene: Scene) -> Page:
    return _at(scene.rich_newcomer, "/top-up?amount=500")


def cards(scene: Scene) -> Page:
    return _at(scene.rich_newcomer, "/cards")


def passcode_refused(scene: Scene) -> Page:
    page = _at(scene.citizen(), "/me")
    for field_name in ("old", "passcode", "passcode_again"):
        page.locator(f"#{field_name}").fill("111111")
    press(page, scene.say("Change the passcode"))
    page.locator("[aria-invalid]").first.wait_for()
    return page


def console_door_refused(scene: Scene) -> Page:
    page = _at(scene.guest(), "/console")
    sign_in_staff(page, scene.say, {"login": f"nobody-{scene.language}", "password": "wrong"})
    page.locator("[aria-invalid]").wait_for()
    return page


def console_line(scene: Scene) -> Page:
    page = _at(scene.manager(), "/console/transit")
    page.get_by_role("link", name=scene.bus.line, exact=True).click()
    page.wait_for_url("**/lines/*")
    return page


def console_sheet(scene: Scene) -> Page:
    page = console_line(scene)
    press(page, scene.say("Print stickers"))
    page.locator(".sticker").first.wait_for()
    return page


def console_sheet_emvco(scene: Scene) -> Page:
    page = console_sheet(scene)
    press(page, "EMVCo")
    page.locator(".notice").wait_for()
    return page


def console_sticker(scene: Scene) -> Page:
    return _at(scene.manager(), f"/console/transit/stickers/{scene.bus.code}")


def console_sticker_unsure(scene: Scene) -> Page:
    page = console_sticker(scene)
    page.locator("#reason").fill("damaged")
    press(page, scene.say("Revoke and make a new one"))
    page.locator(".error").wait_for()
    return page


def console_screen(scene: Scene) -> Page:
    page = console_line(scene)
    page.get_by_role("row", name=scene.bus.plate).get_by_role("button").click()
    page.locator(".sticker").wait_for()
    return page


def open_amount(scene: Scene) -> Page:
    code = scene.browsing.city.terminals("shop")[0]["code"]
    return _at(scene.citizen(), f"/s/{code}")


def coach_found(scene: Scene) -> Page:
    page = _at(scene.citizen(), "/transit")
    page.locator("#day").fill(page.locator("#day").get_attribute("max") or "")
    press(page, scene.say("Show coaches"))
    page.locator('a[href^="/transit/coaches/"]').first.wait_for()
    return page


def coach_ride(scene: Scene) -> Page:
    page = coach_found(scene)
    page.locator('a[href^="/transit/coaches/"]').first.click()
    page.wait_for_url("**/transit/coaches/*")
    return page


def coach_ticket(scene: Scene) -> Page:
    page = coach_ride(scene)
    press(page, scene.say("Order"))
    page.wait_for_url("**/s/coach-*")
    pay(page)
    press(page, scene.say("Show my ticket"))
    page.wait_for_url("**/transit/tickets/*")
    return page


def coach_refused(scene: Scene) -> Page:
    page = _at(scene.citizen(), "/transit")
    page.locator("#to").select_option(index=0)
    page.locator("#from").select_option(label=page.locator("#to option").first.inner_text())
    press(page, scene.say("Show coaches"))
    page.locator(".notice.bad").wait_for()
    return page


def coach_passengers(scene: Scene) -> Page:
    page = _at(scene.staff_of("coach-manager"), "/console/coach")
    page.locator("tbody a").first.click()
    page.wait_for_url("**/console/coach/runs/*")
    return page


def coach_check(scene: Scene) -> Page:
    page = coach_passengers(scene)
    press(page, scene.say("Check tickets"))
    page.wait_for_url("**/console/coach/check/*")
    return page


def coach_check_unknown(scene: Scene) -> Page:
    page = coach_check(scene)
    page.locator("#text").fill("ABCD2345WXYZ")
    page.locator("[data-check] button").click()
    page.locator("[data-verdict=unknown]").wait_for()
    return page


def till_ready(scene: Scene) -> Page:
    page = scene.till()
    with page.expect_response("**/events*"):
        page.reload()
    page.wait_for_timeout(STREAM_OPENS_MS)
    return page


def till_paid(scene: Scene) -> Page:
    code = _at(scene.citizen(), "/pay").locator("[data-code]").get_attribute("data-code")
    page = till_ready(scene)
    page.locator("#amount").fill("1.20")
    page.locator("#code").fill(code or "")
    page.keyboard.press("Enter")
    page.locator(".is-paid").wait_for()
    scene.citizen().locator("[data-age]").wait_for()
    return page


def till_refused(scene: Scene) -> Page:
    page = till_ready(scene)
    page.locator("#amount").fill("0")
    page.keyboard.press("Enter")
    page.locator(".is-refused").wait_for()
    return page


def validator_ready(scene: Scene) -> Page:
    """It films all the time, and a page that films is better not reloaded."""
    page = scene.validator()
    page.locator("video").wait_for(state="visible")
    page.wait_for_timeout(STREAM_OPENS_MS)
    return page


def validator_refused(scene: Scene) -> Page:
    page = validator_ready(scene)
    page.evaluate(STAYS_REFUSED)
    page.locator("#code").fill("1")
    page.keyboard.press("Enter")
    page.locator(".is-refused").wait_for()
    return page


def shop_sticker(scene: Scene) -> Page:
    page = _at(scene.staff_of("bakery-manager"), "/console/shop")
    page.locator("table a").first.click()
    page.locator(".sticker").wait_for()
    return page


def shop_screen(scene: Scene) -> Page:
    page = _at(scene.staff_of("stall-manager"), "/console/shop")
    page.locator("table button").first.click()
    page.locator(".sticker").wait_for()
    return page


def clinic_bill(scene: Scene) -> Page:
    page = _at(scene.patient(), "/health")
    page.locator('a[href^="/s/clinic-"]').first.click()
    page.locator("form.thumb").wait_for()
    return page


def school_fee(scene: Scene) -> Page:
    page = _at(scene.patient(), "/education")
    page.locator('a[href^="/s/fee-"]').first.click()
    page.locator("form.thumb").wait_for()
    return page


def console_patient_unknown(scene: Scene) -> Page:
    page = _at(scene.staff_of("hospital-manager"), "/console/hospital")
    page.locator("#number").fill("12345")
    press(page, scene.say("Open the record"))
    page.locator("#number[aria-invalid]").wait_for()
    return page


def console_record(scene: Scene) -> Page:
    page = _at(scene.staff_of("hospital-manager"), "/console/hospital")
    page.locator("#number").fill(scene.browsing.city.listed["citizens"][0]["phone"])
    press(page, scene.say("Open the record"))
    page.wait_for_url("**/records/*")
    return page


def console_record_split(scene: Scene) -> Page:
    page = console_record(scene)
    page.locator("#name_1").fill("彩超")
    page.locator("#amount_1").fill("300")
    press(page, scene.say("Show the split"))
    page.locator("button[value=issue]").wait_for()
    return page


def console_record_refused(scene: Scene) -> Page:
    page = console_record(scene)
    page.locator("#name_1").fill("彩超")
    page.locator("#amount_1").fill("1.234")
    press(page, scene.say("Show the split"))
    page.locator("#amount_1[aria-invalid]").wait_for()
    return page


def console_clinic_bill(scene: Scene) -> Page:
    page = _at(scene.staff_of("hospital-manager"), "/console/hospital")
    page.locator("#main table a").first.click()
    page.wait_for_url("**/bills/*")
    return page


def console_fee_notice(scene: Scene) -> Page:
    page = _at(scene.staff_of("school-manager"), "/console/school")
    page.locator("#main table a").first.click()
    page.wait_for_url("**/notices/*")
    return page


def console_fee_refused(scene: Scene) -> Page:
    page = _at(scene.staff_of("school-manager"), "/console/school")
    page.locator("#amount").fill("0")
    press(page, scene.say("Issue to the class"))
    page.locator("#amount[aria-invalid]").wait_for()
    return page


def contribution(scene: Scene) -> Page:
    page = _at(scene.patient(), "/social")
    page.locator('form[action="/social/enrol"] button, a.pay').first.click()
    page.wait_for_url("**/s/contribution-*")
    return page


def relative_unknown(scene: Scene) -> Page:
    page = _at(scene.patient(), "/social/relatives")
    page.locator("#name").fill(made_up.name())
    page.locator("#id_number").fill(made_up.id_number())
    press(page, scene.say("Add"))
    page.locator("#id_number[aria-invalid]").wait_for()
    return page


def covered_without_paying(scene: Scene) -> Page:
    """The page of someone with low income, who is covered from the first visit on."""
    page = _at(scene.supported(), "/social")
    if page.locator('[data-state="choice"]').count():
        press(page, scene.say("Enrol"))
    page.locator('[data-state="covered"]').wait_for()
    return page


def console_contribution(scene: Scene) -> Page:
    covered_without_paying(scene)
    page = _at(scene.staff_of("social-manager"), "/console/social")
    page.locator('a[href^="/console/social/contributions/"]').first.click()
    page.wait_for_url("**/contributions/*")
    return page


def driver_ready(scene: Scene) -> Page:
    page = scene.driver()
    with page.expect_response("**/events*"):
        page.reload()
    page.wait_for_timeout(STREAM_OPENS_MS)
    return page


def driver_paid(scene: Scene) -> Page:
    scene.browsing.city.pays(scene.browsing.city.citizen(), scene.bus, companion=True)
    scene.driver().locator(".is-paid").wait_for()
    return scene.driver()


def driver_offline(scene: Scene) -> Page:
    page = driver_ready(scene)
    page.context.set_offline(True)
    page.locator(".is-off").wait_for()
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('offline'))")
    return page


def driver_unpaired(scene: Scene) -> Page:
    return _at(scene.guest(), f"/terminal/{scene.bus.terminal}")


MAIN: Final = ("home", "scan", "fare", "paid", "history", "console day")
"""Those that are also looked at in the dark at every run; all are in `make prove`."""


def bill_choice(scene: Scene) -> Page:
    page = _at(scene.patient(), "/bills")
    press(page, scene.say("Pay what is chosen"))
    page.locator("form.thumb").wait_for()
    return page


def bill_account(scene: Scene) -> Page:
    page = _at(scene.patient(), "/bills")
    page.locator('a[href^="/bills/accounts/"]').first.click()
    page.wait_for_url("**/accounts/*")
    return page


def look_up(number: str, then: str) -> Way:
    """Type a customer number of the first company, and wait for what its answer has."""

    def way(scene: Scene) -> Page:
        page = _at(scene.patient(), "/bills/add")
        page.locator("#number").fill(number)
        press(page, scene.say("Look it up"))
        page.locator(then).wait_for(state="attached")
        return page

    return way


def console_readings(scene: Scene) -> Page:
    page = _at(scene.staff_of("power-manager"), "/console/utility/import")
    page.locator("#list").fill("1200000000,2016-01-31,5\n1299999999,2026-10-31,5\n12")
    press(page, scene.say("Take the readings"))
    page.locator("[data-part] tbody tr").first.wait_for()
    return page


def console_reading_refused(scene: Scene) -> Page:
    page = _at(scene.staff_of("power-manager"), "/console/utility")
    page.locator("#number").fill("1299999999")
    page.locator("#read_on").fill("2017-01-31")
    page.locator("#value").fill("5")
    press(page, scene.say("Store and issue the bill"))
    page.locator("#number[aria-invalid]").wait_for()
    return page


def console_bill_account(scene: Scene) -> Page:
    return _at(scene.staff_of("power-manager"), "/console/utility?number=1200000000")


def console_bill(scene: Scene) -> Page:
    page = console_bill_account(scene)
    page.locator('a[href*="/console/utility/bills/"]').first.click()
    page.wait_for_url("**/bills/*")
    return page


def campus_service(key: str, *, member: bool) -> Way:
    """Choose a service of the campus in its list, as a student or as somebody without a card."""

    def way(scene: Scene) -> Page:
        page = _at(scene.patient() if member else scene.poor(), f"/campus/services?at=haigu-university&q={key}")
        page.locator('a[href^="/s/campus-"]', has_text=key).click()
        page.wait_for_url("**/s/campus-*")
        return page

    return way


def campus_till_paired(scene: Scene) -> Page:
    page = _at(scene.staff_of("haigu-manager"), "/console/campus")
    page.locator("form[action$='/till'] button").first.click()
    page.locator(".sticker").wait_for()
    return page


PLACES: Final[dict[str, Way]] = {
    "welcome": guest_at("/"),
    "sign in": guest_at("/sign-in"),
    "sign in, wrong phone": sign_in_refused,
    "sign in, wrong code": sign_in_code,
    "register": guest_at("/register"),
    "register, wrong ID number": register_refused,
    "register, code": register_code,
    "register, weak passcode": register_passcode,
    "offline": guest_at("/offline"),
    "city": guest_at("/city"),
    "city, as a table": city_table,
    "home": citizen_at("/"),
    "home of a newcomer": first_home,
    "home with dues": home_with_dues,
    "services": guest_at("/services"),
    "services found": patient_at("/services?q=%E7%94%B5"),
    "services, nothing found": patient_at("/services?q=000000"),
    "bill paid before": paid_before,
    "scan": citizen_at("/scan"),
    "scan, foreign code": code_that_is_foreign,
    "unknown code": citizen_at(f"/s/{NOBODYS_CODE}"),
    "nothing here": citizen_at("/nowhere"),
    "fare": fare,
    "fare, too little money": fare_too_dear,
    "paid": paid,
    "already paid": already_paid,
    "payment code": citizen_at("/pay"),
    "open amount": open_amount,
    "till": till_ready,
    "till, paid": till_paid,
    "till, refused": till_refused,
    "validator": validator_ready,
    "validator, refused": validator_refused,
    "console shop": staff_at("bakery-manager", "/console/shop"),
    "console shop sticker": shop_sticker,
    "console shop screen paired": shop_screen,
    "campus": patient_at("/campus"),
    "campus without a card": lambda scene: _at(scene.poor(), "/campus"),
    "campus services": patient_at("/campus/services"),
    "campus services of a group": patient_at("/campus/services?group=canteens"),
    "campus services found": patient_at("/campus/services?q=2"),
    "campus services, nothing found": patient_at("/campus/services?q=000000"),
    "campus service": campus_service("registry.transcript-en", member=True),
    "campus service for members": campus_service("exams.cet4", member=False),
    "console campus": staff_at("haigu-manager", "/console/campus"),
    "console campus services": staff_at("jinwan-manager", "/console/campus/services"),
    "console campus stickers": staff_at("haigu-manager", "/console/campus/stickers"),
    "console campus till paired": campus_till_paired,
    "receipt": receipt,
    "history": citizen_at("/history"),
    "history of a newcomer": first_history,
    "top up without a card": lambda scene: _at(scene.poor(), "/top-up"),
    "top up with passcode": top_up_with_passcode,
    "topped up": topped_up,
    "cards": cards,
    "cards, refused": card_refused,
    "me": citizen_at("/me"),
    "me, passcode refused": passcode_refused,
    "console door": guest_at("/console"),
    "console door, refused": console_door_refused,
    "console": manager_at("/console"),
    "console day": manager_at("/console/transit"),
    "console today": manager_at("/console/today"),
    "console, a day of the past": manager_at("/console/today?day=2026-01-07"),
    "console line": console_line,
    "console sheet": console_sheet,
    "console sheet for EMVCo": console_sheet_emvco,
    "console sticker": console_sticker,
    "console sticker, not sure": console_sticker_unsure,
    "console, nothing here": manager_at("/console/transit/lines/1"),
    "health": patient_at("/health"),
    "health without anything": lambda scene: _at(scene.poor(), "/health"),
    "clinic bill": clinic_bill,
    "console hospital": staff_at("hospital-manager", "/console/hospital"),
    "console hospital, patient unknown": console_patient_unknown,
    "console patient": console_record,
    "console patient, split": console_record_split,
    "console patient, refused": console_record_refused,
    "console clinic bill": console_clinic_bill,
    "console opened records": staff_at("hospital-manager", "/console/hospital/looks"),
    "education": patient_at("/education"),
    "education without children": lambda scene: _at(scene.poor(), "/education"),
    "school fee": school_fee,
    "console school": staff_at("school-manager", "/console/school"),
    "console school, refused": console_fee_refused,
    "console fee notice": console_fee_notice,
    "social": patient_at("/social"),
    "social, covered without paying": covered_without_paying,
    "contribution": contribution,
    "relatives": patient_at("/social/relatives"),
    "relatives, unknown": relative_unknown,
    "console contributions": staff_at("social-manager", "/console/social"),
    "console contribution": console_contribution,
    "bills": patient_at("/bills"),
    "bills without accounts": lambda scene: _at(scene.poor(), "/bills"),
    "bills chosen": bill_choice,
    "bills, account": bill_account,
    "bills, account found": look_up("1200000005", "input[name=add]"),
    "bills, account unknown": look_up("1299999999", "#number[aria-invalid]"),
    "bills, add an account": patient_at("/bills/add"),
    "console bills": staff_at("power-manager", "/console/utility"),
    "console bills of a season": staff_at("heating-manager", "/console/utility"),
    "console bills, reading refused": console_reading_refused,
    "console readings from a list": console_readings,
    "console bills, account": console_bill_account,
    "console bill": console_bill,
    "driver's screen": driver_ready,
    "driver's screen, paid": driver_paid,
    "driver's screen, offline": driver_offline,
    "driver's screen, not paired": driver_unpaired,
    "console, screen paired": console_screen,
    "transit": citizen_at("/transit"),
    "transit, coaches": coach_found,
    "transit, refused": coach_refused,
    "coach ride": coach_ride,
    "coach ticket": coach_ticket,
    "console coaches": staff_at("coach-manager", "/console/coach"),
    "console coach, passengers": coach_passengers,
    "console coach, which one": staff_at("coach-manager", "/console/coach/check"),
    "console coach, check": coach_check,
    "console coach, unknown ticket": coach_check_unknown,
}
