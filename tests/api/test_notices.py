"""Notices over the API: told in the language that is asked for, marked as read, and nobody else's."""

from __future__ import annotations

from demo.services import made_up
from tests.api.conftest import Api
from tests.cities import until


def newcomer(api: Api) -> str:
    phone = made_up.phone()
    asked = api.client.post("/api/sign-in/codes", json={"phone": phone, "purpose": "register"}).json()
    form = {"name": made_up.name(), "id_number": made_up.id_number(), "phone": phone, "passcode": "271828"}
    return str(api.client.post("/api/citizens", json={**form, "code": asked["demo_code"]}).json()["token"])


def test_newcomer_is_welcomed_and_marks_it_as_read(api: Api) -> None:
    mine, other = ({"Authorization": f"Bearer {newcomer(api)}"} for _ in range(2))
    until(lambda: api.client.get("/api/notices", headers=mine).json()["unread"] == 1, "the newcomer is welcomed")
    told = api.client.get("/api/notices", headers={**mine, "Accept-Language": "zh"}).json()
    (notice,) = told["items"]
    assert (notice["kind"], notice["title"], notice["read"]) == ("citizen_registered", "欢迎来到本市", False)
    assert told["next_cursor"] is None
    older = api.client.get("/api/notices", headers=mine, params={"cursor": notice["id"]}).json()
    assert older["items"] == []
    for _ in range(2):
        read = api.client.post("/api/notices/read", headers=mine, json={"up_to": notice["id"]})
        assert (read.status_code, read.json()) == (200, {"unread": 0})
    assert api.client.get("/api/notices", headers=other).json()["items"][0]["id"] != notice["id"]


def test_what_cannot_be_meant_is_refused(api: Api) -> None:
    mine = {"Authorization": f"Bearer {api.citizen()}"}
    assert api.client.get("/api/notices").status_code == 401
    assert api.client.post("/api/notices/read", json={"up_to": "1"}).status_code == 401
    for wrong in ({"cursor": "x"}, {"cursor": "9" * 30}, {"limit": "0"}, {"limit": "1000000"}):
        assert api.client.get("/api/notices", headers=mine, params=wrong).status_code == 400
    bodies: list[object] = [{}, {"up_to": 5}, {"up_to": "-1"}, {"up_to": "1", "more": 1}, []]
    for body in bodies:
        assert api.client.post("/api/notices/read", headers=mine, json=body).status_code == 400
