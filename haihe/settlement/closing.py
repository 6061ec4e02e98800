"""Closes days: under each bucket's lock for a moment, then everything about the day is written down at once.

Payments go on meanwhile: what is booked from then on belongs to the next day. A run that is killed is repeated as a whole or goes on:
a bucket is closed once, a day is settled in one transaction, a fee is posted once under an id that stands in that transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

import structlog

from haihe.base.clock import Clock, day_start, service_day
from haihe.base.database import Connection, Database
from haihe.base.ids import Ids
from haihe.ledger import service as ledger
from haihe.ledger.model import POSTINGS_MAX, Leg, Posting, Result, SystemAccount, TransferKind
from haihe.organisations.service import Organisations
from haihe.settlement import files, rules, store
from haihe.settlement.errors import DayNotOver
from haihe.settlement.model import NO_HASH, FeePosting, FeeTable, Figures, Settlement

POSTED: Final = frozenset({Result.POSTED, Result.ALREADY_POSTED})
ONE_DAY: Final = timedelta(days=1)

log = structlog.get_logger("haihe.settlement")

Say = Callable[[str], None]


@dataclass(frozen=True)
class Closing:
    """Closes the city's days and settles every organisation."""

    database: Database
    clock: Clock
    ids: Ids
    organisations: Organisations
    fees: FeeTable

    def yesterday(self) -> date:
        """Give the newest day that is over in the city."""
        return service_day(self.clock.now()) - ONE_DAY

    async def close(self, until: date | None = None, *, say: Say = lambda _: None) -> dict[date, int]:
        """Close every open day up to `until` (yesterday); give how many organisations each had. Raises `DayNotOver`."""
        until = until or self.yesterday()
        if until > self.yesterday():
            raise DayNotOver(day=until)
        async with self.database.connection() as connection:
            first = await store.first_open_day(connection)
        closed = {day: await self.close_day(day, say=say) for day in _days(first, until)}
        await self.post_fees()
        return closed

    async def close_day(self, day: date, *, say: Say = lambda _: None, founding: bool = False) -> int:
        """Close a day in every bucket and settle it; give how many organisations it had. Again: nothing changes.

        `founding` takes all that is booked so far into the day before the city's first.
        """
        for bucket in await self._buckets():
            async with self.database.transaction() as connection:
                last = await store.close_day(connection, bucket, day, now=self.clock.now(), founding=founding)
            say(f"{day}, bucket {bucket}: closed with batch {last}")
        settled = await self.database.repeat(lambda connection: self._settle(connection, day))
        say(f"{day}: {settled} organisations are settled")
        return settled

    async def _buckets(self) -> range:
        async with self.database.connection() as connection:
            return range(await ledger.bucket_count(connection))

    async def _settle(self, connection: Connection, day: date) -> int:
        """Write down everything about a day that is closed in every bucket, in one transaction."""
        await store.hold(connection)
        if await store.is_settled(connection, day):
            return len(await store.of_day(connection, day))
        is_paid_out = day >= await store.settled_from(connection)
        buckets = range(await ledger.bucket_count(connection))
        shares: dict[int, dict[int, Figures]] = defaultdict(dict)
        for bucket in buckets:
            for organisation, figures in (await store.put_shares(connection, bucket, day)).items():
                shares[organisation][bucket] = figures
        drafts = [
            self._draft(organisation, day, is_paid_out=is_paid_out, shares=shares[organisation])
            for organisation in shares
        ]
        fees = {draft.organisation: self._divided(draft, shares[draft.organisation]) for draft in drafts}
        await store.set_fees(connection, day, fees)
        await store.insert(connection, await self._stated(connection, buckets, drafts, fees))
        await store.mark_settled(connection, day, self.clock.now())
        return len(drafts)

    def _draft(self, organisation: int, day: date, *, is_paid_out: bool, shares: Mapping[int, Figures]) -> Settlement:
        """Say what a day brought an organisation; hashes are still to come. What is not paid out costs nothing."""
        whole = sum(shares.values(), Figures())
        kind = self.organisations.by_id(organisation).kind
        points = self.fees.basis_points(kind, day) if is_paid_out else 0
        return Settlement(
            organisation=organisation,
            day=day,
            lines=whole.moves,
            gross=whole.gross,
            refunded=whole.refunded,
            fee=rules.fee_of(whole.takings, points),
            basis_points=points,
            is_paid_out=is_paid_out,
            file_hash=NO_HASH,
            previous_hash=NO_HASH,
            hash=NO_HASH,
            made_at=self.clock.now(),
        )

    def _divided(self, draft: Settlement, shares: Mapping[int, Figures]) -> list[FeePosting]:
        """Divide a fee over the buckets in which it was earned, to the fen."""
        parts = rules.divide(draft.fee, {bucket: figures.takings for bucket, figures in shares.items()})
        borne = {bucket: part for bucket, part in sorted(parts.items()) if part}
        ids = self.ids.take(len(borne)) if borne else []
        return [
            FeePosting(bucket=bucket, amount=part, posting=posting)
            for (bucket, part), posting in zip(borne.items(), ids, strict=True)
        ]

    async def _stated(
        self,
        connection: Connection,
        buckets: Sequence[int],
        drafts: Sequence[Settlement],
        fees: Mapping[int, Sequence[FeePosting]],
    ) -> list[Settlement]:
        """Give the settlements with the hashes of their files and statements."""
        if not drafts:
            return []
        day = drafts[0].day
        hashed = await files.digests(connection, buckets, day, fees)
        previous = await store.newest_hashes(connection, day)
        stated = []
        for draft in drafts:
            file = hashed[draft.organisation]
            with_file = replace(
                draft,
                lines=file.lines,
                file_hash=file.hash.digest(),
                previous_hash=previous.get(draft.organisation, NO_HASH),
            )
            text = files.statement_text(self.organisations.by_id(draft.organisation).key, with_file)
            stated.append(replace(with_file, hash=files.statement_hash(text)))
        return stated

    # --- fees

    async def post_fees(self) -> None:
        """Post the fees that are decided and not posted yet. One that a till cannot bear now stays, and is tried again."""
        for bucket in await self._buckets():
            await self.database.repeat(lambda connection, bucket=bucket: self._post_fees(connection, bucket))  # type: ignore[misc]

    async def _post_fees(self, connection: Connection, bucket: int) -> None:
        await ledger.lock(connection, bucket)
        fees = await store.open_fees(connection, bucket, limit=POSTINGS_MAX)
        if not fees:
            return
        postings = [
            Posting(
                posting,
                (Leg(organisation, SystemAccount.FEES, amount, TransferKind.FEE),),
                effective=_over(day),
                subject=organisation,
            )
            for organisation, day, amount, posting in fees
        ]
        batch = await ledger.post(connection, bucket, postings, now=self.clock.now(), remember=False)
        ended = [one.id for one, posted in zip(postings, batch.posted, strict=True) if posted.result in POSTED]
        await store.mark_fees_posted(connection, bucket, ended)
        if len(ended) < len(fees):
            log.warning("fees wait for money in their tills", bucket=bucket, fees=len(fees) - len(ended))


def _days(first: date | None, until: date) -> Iterator[date]:
    while first and first <= until:
        yield first
        first += ONE_DAY


def _over(day: date) -> datetime:
    """Tell when a day is over."""
    return day_start(day + ONE_DAY)
