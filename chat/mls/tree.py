"""The public ratchet tree (RFC 9420 sections 4.1, 7.5 to 7.9): followed as every member does.

The server holds no secret of it. It applies each commit to the tree that it had, and the group
info that came with the commit must then hold exactly the tree that came out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

from . import tree_math
from .codec import Reader, opaque
from .commit import UpdatePath
from .errors import MlsCode, MlsError
from .leaf import MAX_LEAVES, Leaf, read_key, read_leaf
from .suite import HASH_BYTES


@dataclass(frozen=True, slots=True)
class Parent:
    """A parent node that is not blank; `unmerged` are leaf numbers, ascending."""

    encryption_key: bytes
    parent_hash: bytes
    unmerged: tuple[int, ...]

    @property
    def raw(self) -> bytes:
        """The encoding of the ParentNode."""
        leaves = b"".join(leaf.to_bytes(4, "big") for leaf in self.unmerged)
        return opaque(self.encryption_key) + opaque(self.parent_hash) + opaque(leaves)


Node = Leaf | Parent | None


def _read_parent(reader: Reader) -> Parent:
    key = read_key(reader)
    parent_hash = reader.opaque()
    if len(parent_hash) not in (0, HASH_BYTES):
        raise MlsError(MlsCode.MALFORMED, "a parent hash is not 32 bytes long")
    inside = reader.vector()
    unmerged = []
    while inside.more():
        unmerged.append(inside.uint(4))
        if len(unmerged) > MAX_LEAVES:
            raise MlsError(MlsCode.TOO_LARGE, f"a node has more than {MAX_LEAVES} unmerged leaves")
    if any(a >= b for a, b in pairwise(unmerged)):
        raise MlsError(MlsCode.MALFORMED, "unmerged leaves are not in ascending order")
    return Parent(key, parent_hash, tuple(unmerged))


def _read_node(reader: Reader, index: int) -> Node:
    if not reader.optional():
        return None
    if reader.uint(1) != 1 + index % 2:
        raise MlsError(MlsCode.MALFORMED, "a leaf is where a parent must be, or the reverse")
    return _read_parent(reader) if index % 2 else read_leaf(reader)


def read_tree(raw: bytes) -> RatchetTree:
    """Reads a ratchet_tree extension (section 12.4.3.3) of at most MAX_LEAVES leaves.

    Raises MlsError(malformed, too_large or not_allowed). Nothing in it is verified.
    """
    reader = Reader(raw)
    inside = reader.vector()
    reader.finish()
    nodes: list[Node] = []
    while inside.more():
        if len(nodes) >= 2 * MAX_LEAVES - 1:
            raise MlsError(MlsCode.TOO_LARGE, f"a tree has more than {MAX_LEAVES} leaves")
        nodes.append(_read_node(inside, len(nodes)))
    if not nodes or nodes[-1] is None:
        raise MlsError(MlsCode.MALFORMED, "a tree is empty or ends with a blank node")
    width = 1
    while width < len(nodes):
        width = 2 * width + 1
    nodes.extend([None] * (width - len(nodes)))
    return RatchetTree(nodes)


class RatchetTree:
    """A tree that is changed in place; `copy` first what others hold.

    Every method that takes a leaf number expects one that is in the tree.
    """

    __slots__ = ("_hashes", "_nodes")

    def __init__(self, nodes: list[Node], hashes: list[bytes | None] | None = None) -> None:
        self._nodes = nodes
        self._hashes: list[bytes | None] = [None] * len(nodes) if hashes is None else hashes

    def copy(self) -> RatchetTree:
        """An independent tree with the same nodes; cheap, the nodes themselves never change."""
        return RatchetTree(self._nodes.copy(), self._hashes.copy())

    def leaf(self, number: int) -> Leaf | None:
        """The leaf of that number, None when blank or outside."""
        node = self._nodes[2 * number] if 2 * number < len(self._nodes) else None
        return node if isinstance(node, Leaf) else None

    def leaves(self) -> Iterator[tuple[int, Leaf]]:
        """All leaves that are not blank, with their numbers, ascending."""
        for index in range(0, len(self._nodes), 2):
            node = self._nodes[index]
            if isinstance(node, Leaf):
                yield index // 2, node

    def encode(self) -> bytes:
        """The ratchet_tree extension's content."""
        last = len(self._nodes)
        while last and self._nodes[last - 1] is None:
            last -= 1
        parts = []
        for index, node in enumerate(self._nodes[:last]):
            parts.append(b"\x00" if node is None else bytes((1, 1 + index % 2)) + node.raw)
        return opaque(b"".join(parts))

    def remove(self, number: int) -> None:
        """Blanks a leaf and all above it, then drops empty halves (section 7.8)."""
        self._blank_path(number)
        while len(self._nodes) > 1 and not any(self._nodes[len(self._nodes) // 2 + 1 :]):
            half = len(self._nodes) // 2
            del self._nodes[half:], self._hashes[half:]

    def add(self, leaves: Sequence[Leaf]) -> list[int]:
        """Puts leaves into the leftmost blank places (section 7.7); returns their numbers.

        Raises MlsError(too_large) beyond MAX_LEAVES.
        """
        numbers = []
        free = 0
        for leaf in leaves:
            while 2 * free < len(self._nodes) and self._nodes[2 * free] is not None:
                free += 1
            if free >= MAX_LEAVES:
                raise MlsError(MlsCode.TOO_LARGE, f"a tree has more than {MAX_LEAVES} leaves")
            if 2 * free >= len(self._nodes):
                grown = len(self._nodes) + 1
                self._nodes.extend([None] * grown)
                self._hashes.extend([None] * grown)
            self._set_leaf(free, leaf)
            for above, _ in tree_math.path_to_root(free, len(self._nodes)):
                node = self._nodes[above]
                if isinstance(node, Parent):
                    unmerged = tuple(sorted((*node.unmerged, free)))
                    self._nodes[above] = Parent(node.encryption_key, node.parent_hash, unmerged)
            numbers.append(free)
        return numbers

    def apply_path(self, number: int, path: UpdatePath, added: Sequence[int]) -> None:
        """Merges the committer's update path (section 7.9), `added` being this commit's leaves.

        Raises MlsError(malformed) when the path does not fit the tree: wrong count of nodes or
        of sealed secrets, or a parent hash of the leaf that is not the path's.
        """
        direct = tree_math.path_to_root(number, len(self._nodes))
        fresh = {2 * leaf for leaf in added}
        filtered = []
        for above, off_path in direct:
            resolution = self._resolution(off_path)
            if resolution:
                filtered.append((above, off_path, len([n for n in resolution if n not in fresh])))
        if len(filtered) != len(path.nodes):
            raise MlsError(MlsCode.MALFORMED, "an update path has a wrong number of nodes")
        self._blank_path(number)
        parent_hash = b""
        for (above, off_path, recipients), node in zip(reversed(filtered), reversed(path.nodes), strict=True):
            if node.recipients != recipients:
                raise MlsError(MlsCode.MALFORMED, "a path secret is not sealed to just its members")
            self._nodes[above] = Parent(node.encryption_key, parent_hash, ())
            content = opaque(node.encryption_key) + opaque(parent_hash)
            parent_hash = sha256(content + opaque(self._hash(off_path))).digest()
        if path.leaf.parent_hash != parent_hash:
            raise MlsError(MlsCode.MALFORMED, "the parent hash of a new leaf is not its path's")
        self._set_leaf(number, path.leaf)

    def tree_hash(self) -> bytes:
        """The tree hash of the root (section 7.8), 32 bytes; only what changed is hashed anew."""
        return self._hash(len(self._nodes) // 2)

    def keys(self) -> Iterator[bytes]:
        """The encryption keys of all nodes, which must differ from one another."""
        return (node.encryption_key for node in self._nodes if node is not None)

    def _set_leaf(self, number: int, leaf: Leaf | None) -> None:
        self._nodes[2 * number] = leaf
        self._hashes[2 * number] = None
        for above, _ in tree_math.path_to_root(number, len(self._nodes)):
            self._hashes[above] = None

    def _blank_path(self, number: int) -> None:
        self._set_leaf(number, None)
        for above, _ in tree_math.path_to_root(number, len(self._nodes)):
            self._nodes[above] = None

    def _resolution(self, index: int) -> list[int]:
        node = self._nodes[index]
        if isinstance(node, Parent):
            return [index, *(2 * leaf for leaf in node.unmerged)]
        if node is not None:
            return [index]
        if index % 2 == 0:
            return []
        left, right = tree_math.children(index)
        return self._resolution(left) + self._resolution(right)

    def _hash(self, index: int) -> bytes:
        known = self._hashes[index]
        if known is not None:
            return known
        node = self._nodes[index]
        content = b"\x00" if node is None else b"\x01" + node.raw
        if index % 2 == 0:
            value = sha256(b"\x01" + (index // 2).to_bytes(4, "big") + content)
        else:
            left, right = tree_math.children(index)
            value = sha256(b"\x02" + content + opaque(self._hash(left)) + opaque(self._hash(right)))
        self._hashes[index] = digest = value.digest()
        return digest
