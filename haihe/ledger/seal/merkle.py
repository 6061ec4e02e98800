"""Merkle trees as RFC 6962 (section 2.1) builds them: roots, audit paths, and what a path proves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

HASH_BYTES: Final = 32
NO_LEAVES: Final = sha256(b"").digest()
"""The root of a tree without leaves."""
_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"


def leaf_of(entry: bytes) -> bytes:
    """Hash an entry as a leaf."""
    return sha256(_LEAF + entry).digest()


def leaves_of(entries: bytes, size: int) -> list[bytes]:
    """Hash entries of one size, which lie one after the other, as leaves."""
    return [sha256(_LEAF + entries[at : at + size]).digest() for at in range(0, len(entries), size)]


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Give the root over hashed leaves."""
    nodes = leaves
    for nodes in _levels(leaves):  # noqa: B007 - the last level is the root
        pass
    return nodes[0] if nodes else NO_LEAVES


def path_of(leaves: Sequence[bytes], index: int) -> list[bytes]:
    """Give the audit path of the leaf at an index (from 0): the siblings from the leaf up to below the root."""
    path = []
    for nodes in _levels(leaves):
        sibling = index ^ 1
        if sibling < len(nodes):
            path.append(nodes[sibling])
        index //= 2
    return path


def climb(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Give the root of the tree of `size` leaves in which a hashed leaf has this index and audit path.

    Raises ValueError where no such tree exists.
    """
    if not 0 <= index < size:
        raise ValueError("the leaf is not in the tree")
    node, siblings = leaf, list(path)
    while size > 1:
        if index ^ 1 < size:
            if not siblings:
                raise ValueError("the path does not fit the tree")
            sibling = siblings.pop(0)
            node = sha256(_NODE + (sibling + node if index % 2 else node + sibling)).digest()
        index, size = index // 2, (size + 1) // 2
    if siblings or any(len(sibling) != HASH_BYTES for sibling in path):
        raise ValueError("the path does not fit the tree")
    return node


def _levels(leaves: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Give the levels from the leaves to the root; a node without a sibling moves up as it is, as in RFC 6962."""
    nodes = leaves
    yield nodes
    while len(nodes) > 1:
        pairs = iter(nodes)
        odd = [nodes[-1]] if len(nodes) % 2 else []
        nodes = [sha256(_NODE + left + right).digest() for left, right in zip(pairs, pairs, strict=False)] + odd
        yield nodes
