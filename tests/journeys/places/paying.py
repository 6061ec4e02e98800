"""Scanning, the pay page, the paid page, the receipt, the payment code, the history: the same for every sector."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from tests.journeys.scene import Scene, Way, at, citizen_at
from tests.journeys.walks import pay

NOBODYS_CODE: Final = "2222222222222222"


def fare(scene: Scene) -> Page:
    return at(scene.citizen(), scene.bus.path)


def fare_too_dear(scene: Scene) -> Page:
    return at(scene.poor(), scene.bus.path)


def paid(scene: Scene) -> Page:
    return at(scene.citizen(), f"/payments/{scene.payment}?fresh=1")


def receipt(scene: Scene) -> Page:
    return at(scene.citizen(), f"/payments/{scene.payment}")


def receipt_postings(scene: Scene) -> Page:
    page = receipt(scene)
    page.locator("details.postings > summary").click()
    return page


def already_paid(scene: Scene) -> Page:
    assert scene.payment
    page = fare(scene)
    page.locator("form.thumb button").click()
    page.locator("input[name=companion]").wait_for(state="attached")
    return page


def code_that_is_foreign(scene: Scene) -> Page:
    return at(scene.citizen(), "/scan?text=https%3A%2F%2Fpay.example.org")


def paid_before(scene: Scene) -> Page:
    debtor = scene.browsing.city.debtor()
    page = scene.browsing.phone(scene.language, citizen=debtor, reduced_motion="reduce")
    page.goto("/")
    href = str(page.locator('a[href^="/s/bill-"]').first.get_attribute("href"))
    page.goto(href)
    pay(page)
    page.goto(href)
    return page


def open_amount(scene: Scene) -> Page:
    code = scene.browsing.city.terminals("shop")[0]["code"]
    return at(scene.citizen(), f"/s/{code}")


def first_history(scene: Scene) -> Page:
    return at(scene.poor(), "/history")


PLACES: Final[dict[str, Way]] = {
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
    "receipt": receipt,
    "receipt with its postings": receipt_postings,
    "statement": citizen_at("/history/statement"),
    "history": citizen_at("/history"),
    "history of a newcomer": first_history,
}
