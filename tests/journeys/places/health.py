"""Clinic bills."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from tests.journeys.scene import Scene, Way, at, patient_at, poor_at, staff_at
from tests.journeys.walks import press


def clinic_bill(scene: Scene) -> Page:
    page = at(scene.patient(), "/health")
    page.locator('a[href^="/s/clinic-"]').first.click()
    page.locator("form.thumb").wait_for()
    return page


def console_patient_unknown(scene: Scene) -> Page:
    page = at(scene.staff_of("hospital-manager"), "/console/hospital")
    page.locator("#number").fill("12345")
    press(page, scene.say("Open the record"))
    page.locator("#number[aria-invalid]").wait_for()
    return page


def console_record(scene: Scene) -> Page:
    page = at(scene.staff_of("hospital-manager"), "/console/hospital")
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
    page = at(scene.staff_of("hospital-manager"), "/console/hospital")
    page.locator("#main table a").first.click()
    page.wait_for_url("**/bills/*")
    return page


PLACES: Final[dict[str, Way]] = {
    "health": patient_at("/health"),
    "health without anything": poor_at("/health"),
    "clinic bill": clinic_bill,
    "console hospital": staff_at("hospital-manager", "/console/hospital"),
    "console hospital, patient unknown": console_patient_unknown,
    "console patient": console_record,
    "console patient, split": console_record_split,
    "console patient, refused": console_record_refused,
    "console clinic bill": console_clinic_bill,
    "console opened records": staff_at("hospital-manager", "/console/hospital/looks"),
}
