"""What people do again and again on their way, in their own language.

`say` is `haihe.base.i18n.translator(language)`: buttons are found by what stands on them.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping

from PIL import Image
from playwright.sync_api import Page

from haihe.base.errors import Translate

PASSCODE = "271828"


def press(page: Page, text: str) -> None:
    """Press the button or follow the link with this text in the middle of the page, beside its menus."""
    middle = page.locator("#main")
    middle.get_by_role("button", name=text, exact=True).or_(
        middle.get_by_role("link", name=text, exact=True)
    ).first.click()


def register(page: Page, say: Translate, *, sms_to: Callable[[str], str]) -> None:
    """Register as a made-up person, from the registration page on; the code on the page is the one of the SMS."""
    press(page, say("Fill in a made-up person (demo)"))
    phone = page.locator("#phone").input_value()
    press(page, say("Send code"))
    assert type_demo_code(page) == sms_to(phone)
    press(page, say("Continue"))
    page.locator("#passcode").fill(PASSCODE)
    page.locator("#passcode_again").fill(PASSCODE)
    press(page, say("Open my wallet"))
    page.wait_for_url(lambda url: "/register" not in url)


def type_demo_code(page: Page) -> str:
    """Copy the code of the demo's short message from the page."""
    shown = page.locator("#demo-code").inner_text()
    page.locator("#code").fill(shown)
    return shown


def sign_in(page: Page, say: Translate, phone: str) -> None:
    """Sign in from the sign-in page on."""
    page.locator("#phone").fill(phone)
    press(page, say("Send code"))
    type_demo_code(page)
    press(page, say("Sign in"))
    page.wait_for_url(lambda url: "/sign-in" not in url)


def top_up(page: Page, say: Translate, yuan: int) -> None:
    """Top up, from the top-up page of someone without a bank card on."""
    press(page, say("Add a bank card"))
    add_made_up_card(page, say)
    page.locator("#amount").fill(str(yuan))
    press(page, say("Top up"))


def add_made_up_card(page: Page, say: Translate) -> None:
    """Add a made-up card, from the page of cards of a newcomer on."""
    press(page, say("Fill in a made-up card (demo)"))
    page.locator("#passcode").fill(PASSCODE)
    press(page, say("Add the card"))


def pay(page: Page) -> None:
    """Press the sticker page's one big button, and see the paid page."""
    page.locator("form.thumb button").click()
    page.locator("[data-age]").wait_for()


def facts(page: Page) -> dict[str, str]:
    """Read the labels and values that stand on a page."""
    pairs = page.locator("dl.facts > div")
    return {
        pairs.nth(place).locator("dt").inner_text(): pairs.nth(place).locator("dd").inner_text()
        for place in range(pairs.count())
    }


def enter_console(page: Page, say: Translate, staff: Mapping[str, str]) -> None:
    """Sign in to the console and open the bus company's page."""
    page.goto("/console")
    sign_in_staff(page, say, staff)
    page.get_by_role("navigation", name=say("Console")).get_by_text(say("Buses")).click()
    page.wait_for_url("**/console/transit")


def sign_in_staff(page: Page, say: Translate, staff: Mapping[str, str]) -> None:
    """Fill in the console's door."""
    page.locator("#login").fill(staff["login"])
    page.locator("#password").fill(staff["password"])
    press(page, say("Sign in"))


def photograph(page: Page, selector: str) -> Image.Image:
    """Take a picture of something on a page."""
    return Image.open(io.BytesIO(page.locator(selector).first.screenshot()))
