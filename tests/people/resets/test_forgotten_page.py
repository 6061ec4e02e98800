from datetime import timedelta

from tests.citizens import Browser, City
from tests.people.guarded import guarded_city


async def test_page_leads_from_the_code_to_the_wait_and_who_has_no_passkey_at_hand_goes_round_it(
    city: City, browser: Browser
):
    guarded = guarded_city(city)
    signed = await city.citizen()
    citizen = signed.citizen
    await guarded.add(citizen)
    browser.client.cookies.set("haihe_session", signed.token)
    browser.client.headers["host"] = "localhost"
    await browser.open("/me/forgotten")
    assert "data-passkey" in (await browser.send("/me/forgotten/code")).text
    city.clock.turn(timedelta(minutes=1))
    await browser.open("/me/forgotten?way=id-number")
    page = await browser.send("/me/forgotten/code?way=id-number")
    assert "data-passkey" not in page.text
    wrong = await browser.send("/me/forgotten/ask?way=id-number", code="x", id_number=citizen.id_number)
    assert (wrong.status_code, 'id="code-says"' in wrong.text) == (422, True)
    code = city.mailbox.code_for(citizen.phone)
    asked = await browser.send("/me/forgotten/ask?way=id-number", code=code, id_number=citizen.id_number)
    assert asked.status_code == 303
    assert "/me/forgotten/stop" in (await browser.open("/me/forgotten")).text
    assert (await browser.send("/me/forgotten/stop")).status_code == 303
    assert await guarded.safeguards.resets.of(citizen.id) is None
