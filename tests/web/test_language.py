"""The language of a request, from its address, cookie, person and browser."""

from __future__ import annotations

import pytest

from tests.web.conftest import CITIZEN_TOKEN


@pytest.mark.parametrize(
    ("address", "headers", "language"),
    [
        ("/open", {}, "en"),
        ("/open", {"accept-language": "zh-CN,zh;q=0.9"}, "zh-Hans-CN"),
        ("/open", {"accept-language": "zh", "cookie": "lang=ru"}, "ru"),
        ("/open?lang=zh", {"cookie": "lang=ru"}, "zh-Hans-CN"),
        ("/open?lang=xx", {"accept-language": "ru"}, "ru"),
        ("/open", {"cookie": f"haihe_session={CITIZEN_TOKEN}", "accept-language": "zh"}, "ru"),
    ],
)
async def test_page_speaks_the_chosen_language(client, address, headers, language):
    answer = await client.get(address, headers=headers)
    assert f'<html lang="{language}">' in answer.text
    assert answer.headers["content-language"] == language[:2]
    assert "Accept-Language" in answer.headers["vary"]


async def test_asking_for_a_language_keeps_it(client):
    await client.get("/open?lang=zh")
    assert (await client.get("/open")).headers["content-language"] == "zh"


async def test_switching_language_keeps_the_rest_of_the_address(client):
    answer = await client.get("/open?next=%2Fs%2FABC&lang=ru")
    assert 'href="?next=%2Fs%2FABC&amp;lang=zh"' in answer.text


async def test_error_pages_and_problems_speak_it_too(client):
    page = await client.get("/nowhere", headers={"accept-language": "ru"})
    problem = await client.get("/api/nowhere", headers={"accept-language": "zh"})
    assert "По этому адресу ничего нет." in page.text
    assert problem.json()["detail"] == "这个地址没有页面。"
