"""Leaf nodes (RFC 9420 section 7.2): one device in a tree, or in a key package."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from .codec import Reader, opaque
from .errors import MlsCode, MlsError
from .identity import Member
from .suite import KEY_BYTES, SIGNATURE_BYTES, SUITE, check_encryption_key, verify_with_label

MLS_10 = 1
BASIC_CREDENTIAL = 1
APPLICATION_ID = 1
"""The one extension that a leaf may have without listing it among its capabilities (section 7.2)."""

MAX_LEAF_BYTES = 2048
"""A leaf of core-crypto takes about 270: every member and every group info carries it."""

MAX_LEAVES = 2048
"""Room for twice the devices that a room may have, and a bound on the work that a message can cause."""

MAX_EXTENSIONS = 32


class LeafSource(IntEnum):
    """How a leaf came about; a key package's leaf has a lifetime, a commit's a parent hash."""

    KEY_PACKAGE = 1
    UPDATE = 2
    COMMIT = 3


@dataclass(frozen=True, slots=True)
class Leaf:
    """A parsed leaf node; nothing in it is verified until `check_leaf` has been called.

    `raw` is the exact encoding. `not_before` and `not_after` are seconds since 1970 and are 0
    unless the source is a key package; `parent_hash` is empty unless it is a commit.
    """

    raw: bytes
    encryption_key: bytes
    signature_key: bytes
    identity: bytes
    capabilities: bytes
    source: LeafSource
    not_before: int
    not_after: int
    parent_hash: bytes
    extensions: tuple[int, ...]
    signed_bytes: int

    @property
    def member(self) -> Member:
        """Who the leaf says it is; to be compared with a device that is known."""
        return Member(self.identity.decode("ascii", "replace"), self.signature_key)


def read_key(reader: Reader) -> bytes:
    """An X25519 or Ed25519 public key, both of 32 bytes in this suite."""
    key = reader.opaque()
    if len(key) != KEY_BYTES:
        raise MlsError(MlsCode.MALFORMED, "a public key is not 32 bytes long")
    return key


def read_signature(reader: Reader) -> bytes:
    """An Ed25519 signature, 64 bytes."""
    signature = reader.opaque()
    if len(signature) != SIGNATURE_BYTES:
        raise MlsError(MlsCode.MALFORMED, "a signature is not 64 bytes long")
    return signature


def read_extensions(reader: Reader) -> dict[int, bytes]:
    """An `Extension extensions<V>` by type.

    Raises MlsError(malformed) for a type that comes twice (section 13.4), too_large beyond MAX_EXTENSIONS.
    """
    inside = reader.vector()
    found: dict[int, bytes] = {}
    while inside.more():
        kind = inside.uint(2)
        if kind in found:
            raise MlsError(MlsCode.MALFORMED, "an extension comes twice")
        found[kind] = inside.opaque()
        if len(found) > MAX_EXTENSIONS:
            raise MlsError(MlsCode.TOO_LARGE, f"there are more than {MAX_EXTENSIONS} extensions")
    return found


def read_leaf(reader: Reader) -> Leaf:
    """Reads one LeafNode. Raises MlsError(malformed), and not_allowed for other credentials."""
    start = reader.pos
    encryption_key = read_key(reader)
    signature_key = read_key(reader)
    if reader.uint(2) != BASIC_CREDENTIAL:
        raise MlsError(MlsCode.NOT_ALLOWED, "only basic credentials are used here")
    identity = reader.opaque()
    capabilities_start = reader.pos
    for _ in range(5):
        reader.skip()
    capabilities = reader.since(capabilities_start)
    source = reader.uint(1)
    not_before = not_after = 0
    parent_hash = b""
    if source == LeafSource.KEY_PACKAGE:
        not_before, not_after = reader.uint(8), reader.uint(8)
    elif source == LeafSource.COMMIT:
        parent_hash = reader.opaque()
    elif source != LeafSource.UPDATE:
        raise MlsError(MlsCode.MALFORMED, "a leaf node has an unknown source")
    extensions = tuple(read_extensions(reader))
    signed = reader.pos - start
    read_signature(reader)
    if reader.pos - start > MAX_LEAF_BYTES:
        raise MlsError(MlsCode.TOO_LARGE, f"a leaf node is larger than {MAX_LEAF_BYTES} bytes")
    return Leaf(
        reader.since(start),
        encryption_key,
        signature_key,
        identity,
        capabilities,
        LeafSource(source),
        not_before,
        not_after,
        parent_hash,
        extensions,
        signed,
    )


def read_numbers(reader: Reader) -> set[int]:
    """A vector of 16-bit numbers, such as extension types."""
    inside = reader.vector()
    numbers = set()
    while inside.more():
        numbers.add(inside.uint(2))
    return numbers


def _check_capabilities(leaf: Leaf) -> None:
    reader = Reader(leaf.capabilities)
    versions, suites, extensions, _proposals, credentials = (read_numbers(reader) for _ in range(5))
    if MLS_10 not in versions or SUITE not in suites:
        raise MlsError(MlsCode.WRONG_SUITE, "the device does not support MLS 1.0 with suite 3")
    if BASIC_CREDENTIAL not in credentials:
        raise MlsError(MlsCode.NOT_ALLOWED, "the device does not support basic credentials")
    if set(leaf.extensions) - extensions - {APPLICATION_ID}:
        raise MlsError(MlsCode.MALFORMED, "a leaf has an extension that it does not support")


def check_supports(leaf: Leaf, credentials: frozenset[int]) -> None:
    """Refuses a device that lacks a credential type which its group requires (section 7.3)."""
    reader = Reader(leaf.capabilities)
    for _ in range(4):
        reader.skip()
    if credentials - read_numbers(reader):
        raise MlsError(MlsCode.NOT_ALLOWED, "the device lacks what the room requires")


def check_leaf(leaf: Leaf, group_id: bytes = b"", index: int = 0) -> None:
    """Verifies a leaf by itself (section 7.3): capabilities, keys, signature.

    A leaf of a key package is signed without, any other with the group id and its index.
    Raises MlsError(wrong_suite, not_allowed, malformed or bad_signature).
    """
    _check_capabilities(leaf)
    check_encryption_key(leaf.encryption_key)
    signed, tail = leaf.raw[: leaf.signed_bytes], leaf.raw[leaf.signed_bytes :]
    if leaf.source != LeafSource.KEY_PACKAGE:
        signed += opaque(group_id) + index.to_bytes(4, "big")
    signature = Reader(tail).opaque()
    verify_with_label(leaf.signature_key, "LeafNodeTBS", signed, signature)
