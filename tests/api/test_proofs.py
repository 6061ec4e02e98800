"""Proofs of payments from a running city, checked by the one file that is not the city's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx

from haihe.base.notes import read_note
from haihe.base.settings import PROJECT
from haihe.ledger.seal.checkpoint import Checkpoint
from haihe.web.guards import SESSION_COOKIE
from tests.api.conftest import Api
from tests.cities import until

VERIFIER = PROJECT / "docs" / "check_proof.py"


def proof_of(api: Api, payment: str, token: str) -> httpx.Response:
    return api.client.get(f"/api/payments/{payment}/proof", headers={"Authorization": f"Bearer {token}"})


def test_payment_is_sealed_within_seconds_and_its_proof_holds_without_the_city(api: Api, tmp_path: Path):
    token, other = api.citizen(), api.citizen()
    payment = api.pay(token, {"code": api.codes()[0]}).json()["id"]
    assert proof_of(api, payment, token).json().get("code", "not_sealed_yet") == "not_sealed_yet"
    until(lambda: proof_of(api, payment, token).status_code == 200, "the payment is sealed")
    proof = proof_of(api, payment, token)
    assert (proof_of(api, payment, other).status_code, proof_of(api, payment, "none").status_code) == (404, 401)
    assert proof_of(api, str(2**63), token).status_code == 404

    page = f"/payments/{payment}/proof.json"
    file = api.client.get(page, headers={"Cookie": f"{SESSION_COOKIE}={token}"})
    assert file.headers["content-disposition"] == f'attachment; filename="haihe-proof-{payment}.json"'
    assert (file.headers["content-type"], file.text) == ("application/json", proof.text)

    key = api.client.get("/api/seal/key").json()["key"]
    (tmp_path / "proof.json").write_text(file.text, encoding="utf-8")
    command = [sys.executable, "-I", str(VERIFIER), key, "proof.json"]
    checked = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")
    assert f"posting {payment} stands in the ledger of {key.partition('+')[0]}" in checked.stdout


def test_key_and_checkpoints_are_everybodys(api: Api):
    key = api.client.get("/api/seal/key").json()["key"]
    newest = api.client.get("/api/seal/checkpoints", params={"limit": 2}).json()
    number = newest["items"][0]["number"]
    for item in newest["items"]:
        read = Checkpoint.from_text(read_note(item["note"], key))
        assert (read.number, read.origin) == (item["number"], key.partition("+")[0])
    earlier = api.client.get("/api/seal/checkpoints", params={"before": number}).json()["items"]
    assert [item["number"] for item in earlier] == list(range(number - 1, max(0, number - 21), -1))
    assert api.client.get("/api/seal/checkpoints", params={"limit": 0}).status_code == 400
    described = api.client.get("/api/openapi.json").json()["paths"]
    assert {"/api/seal/key", "/api/seal/checkpoints", "/api/payments/{payment_id}/proof"} <= described.keys()
