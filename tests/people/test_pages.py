from datetime import timedelta

import pytest

from tests.citizens import Browser, City, Service, person

FARE = "/s/abcd1234"


async def register(city: City, browser: Browser, *, target: str = FARE) -> str:
    """Walk through the registration; give where it leads."""
    form = person()
    await browser.open(f"/register?next={target}")
    await browser.send("/register", name=form.name, id_number=form.id_number, phone=form.phone)
    await browser.send("/register", code=city.mailbox.code_for(form.phone))
    answer = await browser.send("/register", passcode="271828", passcode_again="271828")
    assert answer.status_code == 303, browser.page
    return answer.headers["location"]


async def test_a_registration_leads_back_to_the_fare_and_is_signed_in(city: City, browser: Browser):
    assert await register(city, browser) == FARE
    [session] = [cookie for cookie in browser.client.cookies.jar if cookie.name == "haihe_session"]
    assert session.has_nonstandard_attr("HttpOnly")
    assert session.get_nonstandard_attr("SameSite") == "lax"
    page = await browser.open("/me")
    assert page.status_code == 200
    assert "138****" not in page.text
    assert "****" in page.text


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
async def test_a_registration_leads_nowhere_else(city: City, browser: Browser, target: str):
    assert await register(city, browser, target=target) == "/"


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "1"), ("id_number", "120101199001010018"), ("phone", "123")],
)
async def test_a_wrong_field_is_marked_and_what_was_typed_stays(browser: Browser, field: str, value: str):
    form = person()
    typed = {"name": form.name, "id_number": form.id_number, "phone": form.phone, field: value}
    await browser.open("/register")
    answer = await browser.send("/register", **typed)
    assert answer.status_code == 422
    assert f'aria-describedby="{field}-says"' in answer.text
    for kept in typed.values():
        assert f'value="{kept}"' in answer.text


async def test_a_wrong_code_and_differing_passcodes_stay_at_their_step(city: City, browser: Browser):
    form = person()
    await browser.open("/register")
    await browser.send("/register", name=form.name, id_number=form.id_number, phone=form.phone)
    answer = await browser.send("/register", code="12345x")
    assert answer.status_code == 422
    assert 'id="code-says"' in answer.text
    await browser.send("/register", code=city.mailbox.code_for(form.phone))
    answer = await browser.send("/register", passcode="271828", passcode_again="271829")
    assert answer.status_code == 422
    assert 'id="passcode_again-says"' in answer.text
    answer = await browser.send("/register", passcode="111111", passcode_again="111111")
    assert 'id="passcode-says"' in answer.text
    assert (await browser.send("/register", passcode="271828", passcode_again="271828")).status_code == 303


async def test_a_registry_that_is_away_is_said_and_the_last_step_can_be_repeated(
    city: City, browser: Browser, registry: Service
):
    form = person()
    await browser.open("/register")
    await browser.send("/register", name=form.name, id_number=form.id_number, phone=form.phone)
    await browser.send("/register", code=city.mailbox.code_for(form.phone))
    registry.tell("silent")
    answer = await browser.send("/register", passcode="271828", passcode_again="271828")
    assert answer.status_code == 503
    assert 'role="alert"' in answer.text
    registry.tell("normal")
    assert (await browser.send("/register", passcode="271828", passcode_again="271828")).status_code == 303


async def test_the_demo_fills_in_a_made_up_person(browser: Browser):
    answer = await browser.open("/register?made-up=1")
    assert 'name="id_number" type="text" value="120199' in answer.text


async def test_sign_in_leads_back_and_sign_out_ends_it(city: City, browser: Browser):
    citizen = (await city.citizen(language="zh")).citizen
    await browser.open(f"/sign-in?next={FARE}")
    await browser.send("/sign-in", phone=citizen.phone)
    answer = await browser.send("/sign-in", code=city.mailbox.code_for(citizen.phone))
    assert (answer.status_code, answer.headers["location"]) == (303, FARE)
    assert (await browser.open("/sign-in")).headers["location"] == "/"
    assert 'lang="zh-Hans-CN"' in (await browser.open("/me")).text
    kept = browser.client.cookies["haihe_session"]
    await browser.send("/sign-out")
    browser.client.cookies.set("haihe_session", kept, domain="city.example")
    answer = await browser.open("/me")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=%2Fme")


async def test_who_is_not_registered_is_led_to_registration(city: City, browser: Browser):
    await browser.open(f"/sign-in?next={FARE}")
    await browser.send("/sign-in", phone="19912345678")
    answer = await browser.send("/sign-in", code=city.mailbox.code_for("19912345678"))
    assert answer.status_code == 404
    assert 'href="/register?next=%2Fs%2Fabcd1234&amp;phone=19912345678"' in answer.text


async def test_another_code_too_soon_is_refused_with_the_wait(city: City, browser: Browser):
    await browser.open("/sign-in")
    await browser.send("/sign-in", phone="19912345678")
    answer = await browser.send("/sign-in", again="1")
    assert answer.status_code == 429
    assert "30 seconds" in answer.text
    city.clock.turn(timedelta(seconds=30))
    assert (await browser.send("/sign-in", again="1")).status_code == 200


async def test_a_form_without_its_token_changes_nothing(city: City, browser: Browser):
    await browser.open("/sign-in")
    answer = await browser.client.post("/sign-in", data={"phone": "19912345678"})
    assert answer.status_code == 403
    assert city.mailbox.sent == []


async def test_language_and_passcode_are_changed_on_the_page_of_me(city: City, browser: Browser):
    await register(city, browser)
    await browser.open("/me")
    assert (await browser.send("/me/language", language="ru")).status_code == 303
    assert '<html lang="ru">' in (await browser.open("/me")).text
    answer = await browser.send("/me/passcode", old="314159", passcode="161803", passcode_again="161803")
    assert answer.status_code == 403
    assert 'id="old-says"' in answer.text
    answer = await browser.send("/me/passcode", old="271828", passcode="161803", passcode_again="161803")
    assert answer.status_code == 303
