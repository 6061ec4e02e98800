from __future__ import annotations

from haihe.base.i18n import LANGUAGES, translate
from tests.journeys.browsing import Browsing
from tests.journeys.demo_city import DemoCity

KEPT = "navigator.serviceWorker.ready.then(() => caches.keys()).then(names => names.length > 0)"
CUT_OFF = "net::ERR_INTERNET_DISCONNECTED"


def test_city_can_be_installed_on_the_home_screen(browsing: Browsing, city: DemoCity):
    phone = browsing.phone("zh", citizen=city.citizen())
    phone.goto("/")
    assert phone.evaluate(KEPT)
    inside = phone.context.new_cdp_session(phone)
    manifest = inside.send("Page.getAppManifest")
    assert manifest["errors"] == []
    assert manifest["url"].endswith("/manifest.webmanifest")
    # A private window, as every page of a journey is one, is never offered to be installed
    errors = [one["errorId"] for one in inside.send("Page.getInstallabilityErrors")["installabilityErrors"]]
    assert set(errors) <= {"in-incognito"}


def test_phone_without_network_says_so_in_its_language_and_shows_no_ones_data(browsing: Browsing, city: DemoCity):
    browsing.expect(CUT_OFF)
    for language in LANGUAGES:
        citizen = city.citizen()
        phone = browsing.phone(language, citizen=citizen)
        phone.goto("/me")
        assert phone.evaluate(KEPT)
        phone.reload()  # from now on the service worker is asked first
        phone.context.set_offline(True)
        phone.goto("/history")
        phone.get_by_text(translate(language, "You are offline")).wait_for()
        assert citizen.name not in phone.content()
        phone.context.set_offline(False)
        phone.goto("/")
        phone.locator(".balance").wait_for()
