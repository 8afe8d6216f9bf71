"""What the server knows of a room's MLS group, read from the group info that it stores.

A GroupInfo (RFC 9420 section 12.4.3) comes with every commit. It is signed by the committer and
holds the group context, the ratchet tree and the key for external joins.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256

from .codec import Reader, opaque
from .errors import MlsCode, MlsError
from .framing import WireFormat, open_message, read_mac
from .identity import Member
from .leaf import MLS_10, read_extensions, read_key, read_numbers, read_signature
from .suite import HASH_BYTES, SUITE, verify_with_label
from .tree import RatchetTree, read_tree

REQUIRED_CAPABILITIES = 3
EXTERNAL_SENDERS = 5
RATCHET_TREE = 2
EXTERNAL_PUB = 4


@dataclass(frozen=True, slots=True)
class GroupContext:
    """A group context (section 8.1): `raw` is its encoding, `extensions` that of its extensions."""

    group_id: bytes
    epoch: int
    tree_hash: bytes
    confirmed_transcript_hash: bytes
    extensions: bytes

    @property
    def raw(self) -> bytes:
        """The encoding, which members sign with each of their commits."""
        return (
            MLS_10.to_bytes(2, "big")
            + SUITE.to_bytes(2, "big")
            + opaque(self.group_id)
            + self.epoch.to_bytes(8, "big")
            + opaque(self.tree_hash)
            + opaque(self.confirmed_transcript_hash)
            + self.extensions
        )


@dataclass(frozen=True, slots=True)
class GroupInfo:
    """A parsed group info; `verify_signature` has not been called."""

    context: GroupContext
    tree: bytes
    confirmation_tag: bytes
    signer: int
    signed: bytes
    signature: bytes

    def verify_signature(self, signature_key: bytes) -> None:
        """Checks the signature by that key; raises MlsError(bad_signature)."""
        verify_with_label(signature_key, "GroupInfoTBS", self.signed, self.signature)


@dataclass(frozen=True)
class GroupState:
    """A room's group in one epoch: unchangeable, safe to share and to keep in memory."""

    context: GroupContext
    tree: RatchetTree
    confirmation_tag: bytes

    @property
    def group_id(self) -> bytes:
        """The MLS group id: the sixteen bytes of the room's UUID."""
        return self.context.group_id

    @property
    def epoch(self) -> int:
        """The epoch that this state is of."""
        return self.context.epoch

    @property
    def suite(self) -> int:
        """The cipher suite's number."""
        return SUITE

    @cached_property
    def roster(self) -> Mapping[int, Member]:
        """The members by leaf number, ascending."""
        return {number: leaf.member for number, leaf in self.tree.leaves()}

    @cached_property
    def leaf_of(self) -> Mapping[str, int]:
        """Leaf numbers by client id."""
        return {member.client_id: number for number, member in self.roster.items()}

    @cached_property
    def external_senders(self) -> tuple[bytes, ...]:
        """The Ed25519 keys that may send proposals from outside, 32 bytes each."""
        return external_senders(self.context.extensions)

    @property
    def interim_transcript_hash(self) -> bytes:
        """What the next commit's transcript hash builds on (section 8.2)."""
        tag = opaque(self.confirmation_tag)
        return sha256(self.context.confirmed_transcript_hash + tag).digest()


def external_senders(extensions: bytes) -> tuple[bytes, ...]:
    """The keys in a group context's external_senders; raises MlsError(malformed)."""
    raw = read_extensions(Reader(extensions)).get(EXTERNAL_SENDERS)
    if raw is None:
        return ()
    reader = Reader(raw)
    inside = reader.vector()
    reader.finish()
    keys = []
    while inside.more():
        keys.append(read_key(inside))
        inside.uint(2)  # credential type
        inside.skip()  # identity, or certificates
    return tuple(keys)


def required_credentials(extensions: bytes) -> frozenset[int]:
    """The credential types that a group context requires of its members (section 11.1).

    Raises MlsError(malformed), and not_allowed when it requires extensions or proposals.
    """
    raw = read_extensions(Reader(extensions)).get(REQUIRED_CAPABILITIES)
    if raw is None:
        return frozenset()
    reader = Reader(raw)
    extension_types, proposal_types, credentials = (read_numbers(reader) for _ in range(3))
    reader.finish()
    if extension_types or proposal_types:
        raise MlsError(MlsCode.NOT_ALLOWED, "a room requires what clients here do not have")
    return frozenset(credentials)


def _read_hash(reader: Reader, empty_allowed: bool = False) -> bytes:
    value = reader.opaque()
    if len(value) != HASH_BYTES and (value or not empty_allowed):
        raise MlsError(MlsCode.MALFORMED, "a hash in a group info is not 32 bytes long")
    return value


def _read_context(reader: Reader) -> GroupContext:
    if reader.uint(2) != MLS_10 or reader.uint(2) != SUITE:
        raise MlsError(MlsCode.WRONG_SUITE, "a group info is not of MLS 1.0 with suite 3")
    group_id = reader.opaque()
    epoch = reader.uint(8)
    tree_hash = _read_hash(reader)
    confirmed = _read_hash(reader, empty_allowed=True)
    start = reader.pos
    read_extensions(reader)
    return GroupContext(group_id, epoch, tree_hash, confirmed, reader.since(start))


def read_group_info(raw: bytes) -> GroupInfo:
    """Reads a GroupInfo (an MLSMessage) that holds just a ratchet tree and an external key.

    Raises MlsError(too_large, malformed or wrong_suite). Nothing in it is verified.
    """
    reader = open_message(raw, WireFormat.GROUP_INFO)
    start = reader.pos
    context = _read_context(reader)
    extensions = read_extensions(reader)
    if extensions.keys() != {RATCHET_TREE, EXTERNAL_PUB}:
        raise MlsError(MlsCode.MALFORMED, "a group info needs a ratchet tree and an external key")
    external_pub = Reader(extensions[EXTERNAL_PUB])
    read_key(external_pub)
    external_pub.finish()
    tag = read_mac(reader)
    signer = reader.uint(4)
    signed = reader.since(start)
    signature = read_signature(reader)
    reader.finish()
    return GroupInfo(context, extensions[RATCHET_TREE], tag, signer, signed, signature)


def open_group_info(raw: bytes) -> GroupState:
    """Rebuilds the state from a group info that `judge_commit` accepted and the server stored.

    Checks its form, its tree hash and its signer's signature, so that damage in the database is
    noticed. It does *not* verify the leaves' own signatures again: never call it with bytes that
    were not judged. Raises MlsError(too_large, malformed, wrong_suite, not_allowed,
    group_info_mismatch or bad_signature).
    """
    info = read_group_info(raw)
    tree = read_tree(info.tree)
    if tree.tree_hash() != info.context.tree_hash:
        raise MlsError(MlsCode.GROUP_INFO_MISMATCH, "the tree is not the one that was signed")
    signer = tree.leaf(info.signer)
    if signer is None:
        raise MlsError(MlsCode.GROUP_INFO_MISMATCH, "the signer of a group info is not in it")
    info.verify_signature(signer.signature_key)
    return GroupState(info.context, tree, info.confirmation_tag)
