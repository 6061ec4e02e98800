import pytest

from haihe.base.throttle import Limits, Rate
from tests.citizens import Browser, City, founding, open_web, person


async def test_register_and_ask_who_i_am(city: City, browser: Browser):
    form = person(name="王海河")
    asked = await browser.client.post("/api/sign-in/codes", json={"phone": form.phone, "purpose": "register"})
    assert (asked.status_code, asked.json()) == (202, {"expires_s": 300, "resend_s": 30})
    body = {
        "name": form.name,
        "id_number": form.id_number,
        "phone": form.phone,
        "code": city.mailbox.code_for(form.phone),
        "passcode": form.passcode,
        "language": "zh",
    }
    answer = await browser.client.post("/api/citizens", json=body)
    assert answer.status_code == 201
    token = answer.json()["token"]
    me = await browser.client.get("/api/me", headers={"authorization": f"Bearer {token}"})
    assert me.json() == {
        "id": answer.json()["citizen_id"],
        "name": "王海河",
        "class": "I",
        "balance": {"amount": 0, "currency": "CNY"},
        "phone": f"{form.phone[:3]}****{form.phone[-4:]}",
        "language": "zh",
        "has_passcode": True,
    }


async def test_sign_in_and_out(city: City, browser: Browser):
    [citizen] = await city.people.found([founding()])
    await browser.client.post("/api/sign-in/codes", json={"phone": citizen.phone})
    body = {"phone": citizen.phone, "code": city.mailbox.code_for(citizen.phone)}
    answer = await browser.client.post("/api/sign-in", json=body)
    assert answer.status_code == 200
    assert answer.json()["class"] == "II"
    bearer = {"authorization": f"Bearer {answer.json()['token']}"}
    assert (await browser.client.delete("/api/sign-in", headers=bearer)).status_code == 204
    refused = await browser.client.get("/api/me", headers=bearer)
    assert (refused.status_code, refused.json()["code"]) == (401, "token_invalid")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"phone": "123"}, 422, "phone_invalid"),
        ({"phone": "13800138000", "purpose": "else"}, 400, "body_invalid"),
        ({"phone": "1" * 201}, 400, "body_invalid"),
        ({}, 400, "body_invalid"),
        ({"phone": "13800138000", "surprise": 1}, 400, "body_invalid"),
    ],
)
async def test_wrong_bodies_are_refused_with_a_stable_code(browser: Browser, body: object, status: int, code: str):
    answer = await browser.client.post("/api/sign-in/codes", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_an_id_number_with_a_wrong_check_digit_is_named(browser: Browser):
    form = person()
    body = {
        "name": form.name,
        "id_number": "120101199001010018",
        "phone": form.phone,
        "code": "1",
        "passcode": "271828",
    }
    answer = await browser.client.post("/api/citizens", json=body, headers={"accept-language": "zh"})
    problem = answer.json()
    assert (problem["code"], problem["field"], problem["reason"]) == ("id_number_invalid", "id_number", "check_digit")


async def test_too_many_tries_from_one_address_are_refused(city: City):
    rates = {"code": Rate(tries=1, seconds=600, crowd=2)}
    async with open_web(city, limits=Limits(rates)) as browser:
        answers = [await browser.client.post("/api/sign-in/codes", json={"phone": f"1380013800{n}"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [202, 202, 429]
    assert int(answers[2].headers["retry-after"]) > 0
