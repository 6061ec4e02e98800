"""Merkle trees against the definition of RFC 6962, written down as it stands there."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from hashlib import sha256

import pytest
from hypothesis import given, settings, strategies as st

from haihe.ledger.seal.merkle import climb, leaf_of, leaves_of, path_of, root_of

entries = st.lists(st.binary(min_size=3, max_size=3), min_size=1, max_size=70, unique=True)


def plain_root(data: Sequence[bytes]) -> bytes:
    """Section 2.1: MTH(D[n])."""
    if len(data) <= 1:
        return sha256(b"\x00" + data[0]).digest() if data else sha256(b"").digest()
    split = 1 << (len(data) - 1).bit_length() - 1
    return sha256(b"\x01" + plain_root(data[:split]) + plain_root(data[split:])).digest()


def plain_path(place: int, data: Sequence[bytes]) -> list[bytes]:
    """Section 2.1.1: PATH(m, D[n])."""
    if len(data) <= 1:
        return []
    split = 1 << (len(data) - 1).bit_length() - 1
    if place < split:
        return [*plain_path(place, data[:split]), plain_root(data[split:])]
    return [*plain_path(place - split, data[split:]), plain_root(data[:split])]


@settings(deadline=None)
@given(entries)
def test_roots_and_paths_are_those_of_the_standard(data: list[bytes]):
    leaves = leaves_of(b"".join(data), 3)
    assert leaves == [leaf_of(entry) for entry in data]
    assert root_of(leaves) == plain_root(data)
    for place, leaf in enumerate(leaves):
        path = path_of(leaves, place)
        assert path == plain_path(place, data)
        assert climb(leaf, place, len(leaves), path) == root_of(leaves)


@settings(deadline=None)
@given(entries, st.data())
def test_another_leaf_place_or_path_leads_to_another_root_or_nowhere(data: list[bytes], draw: st.DataObject):
    leaves = leaves_of(b"".join(data), 3)
    place = draw.draw(st.integers(0, len(leaves) - 1))
    path, root = path_of(leaves, place), root_of(leaves)
    assert climb(leaf_of(b"other"), place, len(leaves), path) != root
    for wrong in ([*path, root], path[:-1]) if path else ([root],):
        with pytest.raises(ValueError, match="fit"):
            climb(leaves[place], place, len(leaves), wrong)
    other = draw.draw(st.integers(-1, len(leaves)))
    if other != place:
        with contextlib.suppress(ValueError):
            assert climb(leaves[place], other, len(leaves), path) != root


def test_tree_without_leaves_has_the_root_of_nothing():
    assert root_of([]) == sha256(b"").digest()
    with pytest.raises(ValueError, match="tree"):
        climb(b"", 0, 0, [])
