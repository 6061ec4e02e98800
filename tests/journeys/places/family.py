"""Families: children, relatives and helpers, acting for somebody; large type and the simple start page."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from haihe.web.display import DISPLAY_COOKIE
from tests.journeys.scene import Scene, Way, at, guest_at, poor_at
from tests.journeys.walks import press


def asked(scene: Scene) -> Page:
    assert scene.child
    return at(scene.helper(), "/family")


def helped(scene: Scene) -> Page:
    assert scene.mandate
    return at(scene.patient(), "/family")


def acting(scene: Scene) -> Page:
    page = at(scene.helper(), "/family")
    if page.locator("[data-invitation]").count():
        press(page, scene.say("Accept"))
        page.locator("[data-invitation]").wait_for(state="detached")
    page.goto(f"/family/for/{scene.mandate[1]}")
    page.locator("#passcode").fill("000000")
    page.locator("form[action$='/pay'] .big").click()
    page.locator("[aria-invalid], .notice.bad").first.wait_for()
    return page


def invite_refused(scene: Scene) -> Page:
    page = at(scene.poor(), "/family/invite?role=helper")
    page.locator("#phone").fill("13800000000")
    press(page, scene.say("Continue"))
    page.locator(".error").first.wait_for()
    return page


def invite_confirm(scene: Scene) -> Page:
    page = at(scene.poor(), "/family/invite?role=helper")
    page.locator("#phone").fill(scene.owner.phone)
    for box in page.locator("input[name=right]").all():
        box.check()
    page.locator("#month_max").fill("300")
    press(page, scene.say("Continue"))
    page.locator("[data-invitee]").wait_for()
    return page


def child(scene: Scene) -> Page:
    page = at(scene.helper(), f"/family/children/{scene.child}")
    page.locator("#limit").fill("x")
    press(page, scene.say("Set the limit"))
    page.locator("#limit[aria-invalid]").wait_for()
    return page


def child_code(scene: Scene) -> Page:
    page = at(scene.helper(), f"/family/children/{scene.child}")
    press(page, scene.say("Give the child a phone of its own"))
    page.locator("[data-code]").wait_for()
    return page


def child_refused(scene: Scene) -> Page:
    page = at(scene.poor(), "/family/children/add")
    page.locator("#name").fill("王小明")
    page.locator("#id_number").fill("123")
    press(page, scene.say("Register the child"))
    page.locator("#id_number[aria-invalid]").wait_for()
    return page


def child_door(scene: Scene) -> Page:
    page = at(scene.guest(), "/sign-in/child")
    page.locator("#code").fill("ABCD2345")
    press(page, scene.say("Sign in"))
    page.locator("#code[aria-invalid]").wait_for()
    return page


def simple(scene: Scene) -> Page:
    page = scene.browsing.phone(scene.language, citizen=scene.owner, reduced_motion="reduce")
    page.context.add_cookies([{"name": DISPLAY_COOKIE, "value": "150-simple", "url": scene.browsing.city.base_url}])
    return at(page, "/")


PLACES: Final[dict[str, Way]] = {
    "family of a newcomer": poor_at("/family"),
    "family, asked": asked,
    "family, helped": helped,
    "family, acting for somebody": acting,
    "invite a relative": poor_at("/family/invite?role=relative"),
    "invite, refused": invite_refused,
    "invite, confirm": invite_confirm,
    "child": child,
    "child, code": child_code,
    "child, refused": child_refused,
    "child, sign in": child_door,
    "large type": poor_at("/me/display"),
    "simple start page": simple,
    "help": guest_at("/help"),
}
