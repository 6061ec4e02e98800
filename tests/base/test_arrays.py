from __future__ import annotations

from hypothesis import given, settings, strategies as st
from psycopg.adapt import Transformer
from psycopg.types.array import ListBinaryDumper
from psycopg.types.numeric import Int8BinaryDumper

from haihe.base.arrays import BigintsDumper
from haihe.base.database import Database

BIGINTS = st.integers(-(2**63), 2**63 - 1)


async def test_lists_reach_the_database_as_they_are(database_pool: Database):
    lists = [[0], [-1, 2**63 - 1, -(2**63)], list(range(5000)), [None, 1], [1, None], [], [[1, 2], [3, 4]]]
    async with database_pool.connection() as connection:
        for values in [*lists, *reversed(lists)]:  # in both orders: psycopg remembers how it wrote what came before
            for placeholder in ("%b", "%s"):
                row = await (await connection.execute(f"SELECT {placeholder}::bigint[]", (values,))).fetchone()
                assert row == (values,)
        row = await (
            await connection.execute("SELECT %b::boolean[], %b::text[]", ([True, False], ["a", "b"]))
        ).fetchone()
        assert row == ([True, False], ["a", "b"])
        row = await (await connection.execute("SELECT %b::smallint[], %b::integer[]", ([1, 2], [3]))).fetchone()
        assert row == ([1, 2], [3])


@given(values=st.lists(BIGINTS, min_size=1, max_size=50))
@settings(max_examples=200, deadline=None)
def test_numbers_are_packed_as_psycopg_packs_them(values: list[int]):
    plain = ListBinaryDumper(list, Transformer())
    plain.sub_dumper = Int8BinaryDumper(int)
    assert bytes(BigintsDumper(list).dump(values)) == bytes(plain.dump(values) or b"")
