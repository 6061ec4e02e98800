"""Proofs for whoever wants them: a payer's proof of a payment, the city's key and its newest checkpoints."""

from __future__ import annotations

from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import PathParameter, QueryParameter

from haihe.base.ids import ID_MAX
from haihe.ledger.seal import store
from haihe.ledger.seal.checkpoint import in_utc
from haihe.ledger.seal.proof import proof_of, written
from haihe.ledger.seal.sealer import Sealer
from haihe.payments.errors import PaymentUnknown
from haihe.payments.service import Payments
from haihe.web.guards import Viewer, signed_in
from haihe.web.json_api import SIGNED_IN, problems
from haihe.web.part import Part, Service

CHECKPOINTS_SHOWN: Final = 20
CHECKPOINTS_SHOWN_MAX: Final = 200
_JSON: Final = "application/json"
_PROOF: Final = ResponseSpec(
    dict[str, Any], description="The proof, in the form haihe-proof-1.", generate_examples=False
)


class SealKey(msgspec.Struct, frozen=True):
    """What is needed to check anything that the city signs, as one line: NAME+KEYHASH+BASE64 (docs/proof.md)."""

    key: str


class SignedCheckpoint(msgspec.Struct, frozen=True):
    """A checkpoint: `note` is the signed text, byte for byte."""

    number: int
    sealed_at: str
    note: str


class CheckpointList(msgspec.Struct, frozen=True):
    """Checkpoints, newest first; ask with `before` for those before `next_before`, null on the last page."""

    items: tuple[SignedCheckpoint, ...]
    next_before: int | None


async def _proof(payments: Payments, viewer: Viewer, payment_id: int) -> str:
    """Write the proof of a payment or refund of the viewer's own. Raises `PaymentUnknown`, `NothingPosted`, `NotSealedYet`."""
    if not 0 < payment_id <= ID_MAX:
        raise PaymentUnknown
    payment = await payments.own(viewer, payment_id)
    async with payments.database.connection() as connection:
        return written(await proof_of(connection, viewer.bucket, payment.id))


@get(
    "/api/payments/{payment_id:int}/proof",
    guards=[signed_in],
    include_in_schema=True,
    summary="Prove a payment",
    tags=["payments"],
    security=SIGNED_IN,
    responses={200: _PROOF, **problems(400, 401, 404, 409, 429, 503)},
)
async def proof(
    viewer: Viewer, payments: Service[Payments], payment_id: Annotated[int, PathParameter()]
) -> Response[str]:
    """Prove that a payment or refund stands in the ledger, in the form haihe-proof-1 (docs/proof.md)."""
    return Response(await _proof(payments, viewer, payment_id), media_type=_JSON)


@get("/payments/{payment_id:int}/proof.json")
async def proof_file(viewer: Viewer, payments: Service[Payments], payment_id: int) -> Response[str]:
    """Give the same as a file to keep."""
    name = f"haihe-proof-{payment_id}.json"
    return Response(
        await _proof(payments, viewer, payment_id),
        media_type=_JSON,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@get("/api/seal/key", include_in_schema=True, summary="Give the city's key", tags=["seal"], sync_to_thread=False)
def key(sealer: Service[Sealer]) -> SealKey:
    """Give the key that checks what the city signs. Compare it with one that you got elsewhere."""
    return SealKey(sealer.signer.verifier_key)


@get(
    "/api/seal/checkpoints",
    include_in_schema=True,
    summary="List checkpoints",
    tags=["seal"],
    responses=problems(400, 429, 503),
)
async def checkpoints(
    sealer: Service[Sealer],
    limit: Annotated[int, QueryParameter(ge=1, le=CHECKPOINTS_SHOWN_MAX)] = CHECKPOINTS_SHOWN,
    before: Annotated[int | None, QueryParameter(ge=1, le=ID_MAX)] = None,
) -> CheckpointList:
    """Give the newest checkpoints. Whoever keeps one can show later that nothing up to it was changed."""
    async with sealer.database.connection() as connection:
        found = await store.newest(connection, limit=limit, before=before)
    items = tuple(SignedCheckpoint(one.number, in_utc(one.sealed_at), one.note) for one in found)
    return CheckpointList(items, items[-1].number if len(items) == limit and items[-1].number > 1 else None)


def part(sealer: Sealer) -> Part:
    """Give the addresses of proofs and of the seal."""
    return Part("proofs", handlers=(proof, proof_file, key, checkpoints), dependencies={"sealer": sealer})
