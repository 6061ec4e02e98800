"""Files for browsers: kept for ever under their digest, and no others."""

from __future__ import annotations

import gzip
import re

import pytest

from haihe.web import static_files


async def stylesheet_address(client) -> str:
    found = re.search(r'href="(/static/[^"]+/app\.css)"', (await client.get("/open")).text)
    assert found
    return found[1]


async def test_stylesheet_is_kept_for_ever_and_holds_every_part(client):
    answer = await client.get(await stylesheet_address(client))
    assert "immutable" in answer.headers["cache-control"]
    order = [
        answer.text.index(mark) for mark in ("/* Tokens", "/* Base", "/* Pieces", "/* Face of the citizen", ".sample")
    ]
    assert order == sorted(order)


async def test_file_is_packed_for_whoever_can_unpack(client):
    address = await stylesheet_address(client)
    async with client.stream("GET", address, headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join([piece async for piece in answer.aiter_raw()])
    plain = await client.get(address, headers={"accept-encoding": "identity"})
    assert gzip.decompress(raw) == plain.content
    assert len(raw) < len(plain.content)


async def test_known_file_is_not_sent_again(client):
    address = await stylesheet_address(client)
    tag = (await client.get(address)).headers["etag"]
    again = await client.get(address, headers={"if-none-match": f'"other", W/{tag}'})
    assert (again.status_code, again.content) == (304, b"")


async def test_old_digest_gets_the_present_file_for_now(client):
    answer = await client.get("/static/000000000000/js/app.js")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")


@pytest.mark.parametrize(
    "name",
    ["sample/.hidden.js", "../static_files.py", "%2e%2e/static_files.py", "js/", "", "vendor/lucide.svg"],
)
async def test_nothing_else_can_be_asked_for(client, name):
    assert (await client.get(f"/static/000000000000/{name}")).status_code == 404


def test_digest_changes_with_any_file(sample):
    before = static_files.gather([sample]).digest
    assert sample.static
    (sample.static / "sample.js").write_text("// Another sample.\n")
    assert static_files.gather([sample]).digest != before


async def test_service_worker_is_asked_for_anew_and_names_the_files(client):
    answer = await client.get("/sw.js")
    assert answer.headers["cache-control"] == "no-cache"
    kept = re.findall(r'"(/static/[^"]+)"', answer.text.splitlines()[0])
    assert kept
    for address in kept:
        assert (await client.get(address)).status_code == 200


async def test_manifest_names_icons_that_exist(client):
    manifest = (await client.get("/manifest.webmanifest")).json()
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    for icon in manifest["icons"]:
        assert (await client.get(icon["src"])).status_code == 200


@pytest.mark.parametrize("address", ["/robots.txt", "/favicon.ico", "/sw.js"])
async def test_files_at_the_root_set_no_cookie(client, address):
    answer = await client.get(address)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
