"""News become notices: once each, in the reader's language, by short message where it is urgent or chosen."""

from __future__ import annotations

import ast
import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from haihe.base import outbox
from haihe.base.i18n import LANGUAGES, money, translate
from haihe.base.outbox import News
from haihe.base.settings import PROJECT
from haihe.base.throttle import TooMany
from haihe.notices import store
from haihe.notices.bell import WATCHES_MAX
from haihe.notices.kinds import KINDS
from haihe.notices.model import KEPT_FOR, Choice, Group, Stored
from haihe.notices.service import Notices, build_notices
from haihe.notices.telling import told
from haihe.notices.texting import TAKEN_FOR, TRIES_MAX
from haihe.outside.http import Unreachable
from haihe.people.model import Citizen
from tests.grounds import SectorCity, open_ground

NOON = datetime(2026, 11, 23, 4, tzinfo=UTC)
BODIES: dict[str, Any] = {
    "amount": 12_34,
    "status": "done",
    "top_up": "5",
    "withdrawal": "6",
    "transfer": "7",
    "class": 2,
    "before": 1,
    "device": "Firefox · Linux",
    "by": "self",
    "by_name_masked": "张*",
    "name_masked": "李*",
    "role": "helper",
    "period": "day",
    "title": "Electricity",
    "organisation": 0,
    "month": "2026-10",
    "held": False,
}


@dataclass
class Phones:
    """A phone operator that keeps what it was given, or does not answer."""

    sent: list[tuple[str, str]] = field(default_factory=list)
    is_silent: bool = False

    async def send(self, phone: str, *, text: str, code: str) -> None:
        assert not code
        if self.is_silent:
            raise Unreachable
        self.sent.append((phone, text))


@dataclass
class Told:
    city: SectorCity
    notices: Notices
    phones: Phones

    async def publish(self, citizen: Citizen, kind: str, **body: object) -> None:
        async with self.city.database.transaction() as connection:
            news = [News(kind, citizen.id, body)]
            await outbox.publish(connection, citizen.bucket, news, at=self.city.clock.now())

    async def texts(self, citizen: Citizen, lang: str = "en") -> list[tuple[str, str]]:
        return [(one.title, one.text) for one in await self.notices.inbox(citizen.id, lang=lang)]


@asynccontextmanager
async def telling(database: Any) -> AsyncIterator[Told]:
    async with open_ground(database) as city:
        phones = Phones()
        notices = build_notices(
            city.ground.base, people=city.ground.people, organisations=city.ground.organisations, sms=phones
        )
        yield Told(city, notices, phones)


async def test_news_are_told_once_each_and_in_the_language_in_which_they_are_read(database):
    async with telling(database) as told_in:
        wang, li = await told_in.city.register(2)
        await told_in.publish(wang, "money_received", amount=12_34, transfer="7")
        await told_in.publish(wang, "nobody_knows_this")
        await told_in.publish(li, "citizen_registered")
        assert sum(await asyncio.gather(*(told_in.notices.reader.catch_up() for _ in range(3)))) == 2
        assert await told_in.notices.reader.catch_up() == 0
        for lang in LANGUAGES:
            expected = translate(lang, "{amount:money} was sent to you.", amount=12_34)
            assert await told_in.texts(wang, lang) == [(translate(lang, "Money received"), expected)]
            assert money(12_34, lang) in expected
        assert len(await told_in.texts(li)) == 1


async def test_reader_that_is_killed_before_its_commit_tells_again_and_only_once(database, monkeypatch):
    async with telling(database) as told_in:
        (wang,) = await told_in.city.register(1)
        for number in range(3):
            await told_in.publish(wang, "money_received", amount=number + 1, transfer=str(number))

        async def killed(*_: object) -> None:
            raise RuntimeError("killed")

        with monkeypatch.context() as patched:
            patched.setattr(store, "move_cursor", killed)
            with pytest.raises(RuntimeError, match="killed"):
                await told_in.notices.reader.catch_up()
        assert await told_in.texts(wang) == []
        assert await told_in.notices.reader.catch_up() == 3
        assert len(await told_in.texts(wang)) == 3


async def test_short_messages_tell_what_is_urgent_or_chosen_and_arrive_although_the_operator_was_silent(database):
    async with telling(database) as told_in:
        (wang,) = await told_in.city.register(1, language="zh")
        await told_in.notices.choose(wang.id, [Choice(Group.FAMILY, sms=True), Choice(Group.SECURITY, live=False)])
        assert next(c for c in await told_in.notices.choices(wang.id) if c.group is Group.SECURITY).live
        await told_in.publish(wang, "passcode_changed")
        await told_in.publish(wang, "cap_changed", amount=50_00, period="day")
        await told_in.publish(wang, "money_received", amount=1, transfer="7")
        told_in.phones.is_silent = True
        await told_in.notices.reader.catch_up()
        assert len(await told_in.texts(wang)) == 3  # the inbox waits for nobody
        assert await told_in.notices.texting.send_waiting() == 2
        assert await told_in.notices.texting.send_waiting() == 0  # taken, until it is tried again
        told_in.phones.is_silent = False
        told_in.city.clock.turn(TAKEN_FOR)
        assert await told_in.notices.texting.send_waiting() == 2
        assert {text.split(". ")[0] for _, text in told_in.phones.sent} == {
            translate("zh", "Passcode changed"),
            translate("zh", "Cap changed"),
        }
        assert {phone for phone, _ in told_in.phones.sent} == {wang.phone}
        told_in.city.clock.turn(TAKEN_FOR)
        assert await told_in.notices.texting.send_waiting() == 0

        await told_in.publish(wang, "wallet_frozen", by="self")
        await told_in.notices.reader.catch_up()
        told_in.phones.is_silent = True
        for _ in range(TRIES_MAX + 3):
            await told_in.notices.texting.send_waiting()
            told_in.city.clock.turn(TAKEN_FOR)
        async with told_in.city.database.connection() as connection:
            states = await (
                await connection.execute("SELECT state, tries FROM notice_texts ORDER BY number")
            ).fetchall()
        assert states == [(1, 2), (1, 2), (2, TRIES_MAX)]


async def test_open_page_hears_at_once_unless_the_group_shall_be_silent(database):
    async with telling(database) as told_in:
        wang, li = await told_in.city.register(2)
        await told_in.notices.choose(wang.id, [Choice(Group.FAMILY, live=False)])
        await told_in.notices.read_news()
        heard = told_in.notices.listen(wang.id, "en")
        assert (await anext(heard)).unread == 0
        await told_in.publish(li, "citizen_registered")
        await told_in.publish(wang, "money_received", amount=5_00, transfer="7")
        await told_in.publish(wang, "family_ended", role="helper")
        await told_in.notices.read_news()
        async with asyncio.timeout(5):
            first, second = await anext(heard), await anext(heard)
        assert (first.notice.title if first.notice else "", first.unread) == ("Money received", 2)
        assert (second.notice, second.unread) == (None, 2)
        await heard.aclose()
        pages = [told_in.notices.listen(wang.id, "en") for _ in range(WATCHES_MAX)]
        for page in pages:
            await anext(page)
        with pytest.raises(TooMany):
            await anext(told_in.notices.listen(wang.id, "en"))
        for page in pages:
            await page.aclose()


async def test_inbox_is_read_page_by_page_counted_and_forgotten_after_a_year(database):
    async with telling(database) as told_in:
        wang, li = await told_in.city.register(2)
        for number in range(5):
            await told_in.publish(wang, "money_received", amount=number + 1, transfer=str(number))
        await told_in.publish(li, "citizen_registered")
        await told_in.notices.reader.catch_up()
        newest = await told_in.notices.inbox(wang.id, lang="en", limit=2)
        older = await told_in.notices.inbox(wang.id, lang="en", limit=9, before=newest[-1].id)
        assert [one.text.split()[0] for one in (*newest, *older)] == ["¥0.05", "¥0.04", "¥0.03", "¥0.02", "¥0.01"]
        assert await told_in.notices.unread(wang.id) == 5
        assert await told_in.notices.read(wang.id, up_to=older[0].id) == 3
        assert await told_in.notices.read(wang.id, up_to=older[0].id) == 0
        assert (await told_in.notices.unread(wang.id), await told_in.notices.unread(li.id)) == (2, 1)

        await told_in.notices.forget_old()
        assert len(await told_in.texts(wang)) == 5
        told_in.city.clock.turn(KEPT_FOR + timedelta(minutes=1))
        await told_in.publish(wang, "money_received", amount=9, transfer="9")
        await told_in.notices.reader.catch_up()
        await told_in.notices.forget_old()
        assert [text for _, text in await told_in.texts(wang)] == ["¥0.09 was sent to you."]
        assert told_in.city.verified() == []


def test_every_kind_of_news_in_the_sources_is_told():
    published = {
        node.args[0].value
        for path in (PROJECT / "haihe").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "News"
        and node.args
        and isinstance(node.args[0], ast.Constant)
    }
    assert published <= KINDS.keys()
    assert {"money_received", "money_returned", "person_seen", "statement_ready"} <= KINDS.keys()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_kind_says_a_title_and_a_whole_sentence(lang):
    for kind, how in KINDS.items():
        for word in how.words:
            body = {**BODIES, how.by: word} if how.by and word else BODIES
            stored = Stored(1, 0, 1, 1, kind, body, at=NOON)
            notice = told(stored, lang=lang, name_of=lambda *_: "Bank of the North")
            assert notice.title
            assert notice.text, kind
            assert "{" not in notice.title + notice.text + notice.href
            bare = told(Stored(1, 0, 1, 1, kind, {}, at=NOON), lang=lang, name_of=lambda *_: "")
            assert bare.title
