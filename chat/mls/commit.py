"""Commits and the proposals that this project allows in them (RFC 9420 sections 12.1 and 12.4)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

from .codec import Reader
from .errors import MlsCode, MlsError
from .framing import ContentType, Framing, PublicMessageReader
from .key_package import KeyPackage, read_key_package
from .leaf import MAX_LEAVES, Leaf, read_key, read_leaf
from .suite import HASH_BYTES, KEY_BYTES

PATH_SECRET_BYTES = HASH_BYTES + 16
"""A path secret and the tag of ChaCha20-Poly1305."""

MAX_PATH_NODES = MAX_LEAVES.bit_length() - 1
"""The height of the largest tree."""

BY_VALUE, BY_REFERENCE = 1, 2
"""ProposalOrRefType (section 12.4)."""


class ProposalType(IntEnum):
    """The proposals that can be judged; every other kind is refused (section 17.4)."""

    ADD = 1
    REMOVE = 3
    EXTERNAL_INIT = 6


@dataclass(frozen=True, slots=True)
class PathNode:
    """One node of an update path: its new key, and how many members its secret is sealed to."""

    encryption_key: bytes
    recipients: int


@dataclass(frozen=True, slots=True)
class UpdatePath:
    """The committer's new leaf and the nodes above it, lowest first (section 7.6)."""

    leaf: Leaf
    nodes: tuple[PathNode, ...]


@dataclass(frozen=True, slots=True)
class Commit:
    """A parsed commit, not yet verified.

    adds            key packages, in order
    removes         leaves removed by value
    references      ProposalRefs, in order
    external_init   how many ExternalInit proposals it has
    path            None for a commit that only adds
    """

    framing: Framing
    adds: tuple[KeyPackage, ...]
    removes: tuple[int, ...]
    references: tuple[bytes, ...]
    external_init: int
    path: UpdatePath | None


def _read_opaque_of(reader: Reader, size: int, what: str) -> bytes:
    value = reader.opaque()
    if len(value) != size:
        raise MlsError(MlsCode.MALFORMED, f"{what} is not {size} bytes long")
    return value


def _read_path(reader: Reader) -> UpdatePath:
    leaf = read_leaf(reader)
    nodes = []
    inside = reader.vector()
    while inside.more():
        key = read_key(inside)
        secrets = inside.vector()
        recipients = 0
        while secrets.more():
            _read_opaque_of(secrets, KEY_BYTES, "a KEM output")
            _read_opaque_of(secrets, PATH_SECRET_BYTES, "an encrypted path secret")
            recipients += 1
        nodes.append(PathNode(key, recipients))
        if len(nodes) > MAX_PATH_NODES:
            raise MlsError(MlsCode.TOO_LARGE, "an update path is longer than any tree is high")
    return UpdatePath(leaf, tuple(nodes))


def read_proposal_type(reader: Reader) -> ProposalType:
    """The kind of the proposal that follows; raises MlsError(not_allowed) for other kinds."""
    kind = reader.uint(2)
    if kind not in ProposalType.__members__.values():
        raise MlsError(MlsCode.NOT_ALLOWED, f"proposals of type {kind} are not used here")
    return ProposalType(kind)


@dataclass(slots=True)
class _Proposals:
    adds: list[KeyPackage] = field(default_factory=list)
    removes: list[int] = field(default_factory=list)
    references: list[bytes] = field(default_factory=list)
    external_init: int = 0

    def read(self, reader: Reader) -> None:
        """Reads one ProposalOrRef."""
        by = reader.uint(1)
        if by == BY_REFERENCE:
            self.references.append(_read_opaque_of(reader, HASH_BYTES, "a proposal reference"))
            return
        if by != BY_VALUE:
            raise MlsError(MlsCode.MALFORMED, "a proposal is given neither by value nor by reference")
        kind = read_proposal_type(reader)
        if kind == ProposalType.ADD:
            self.adds.append(read_key_package(reader))
        elif kind == ProposalType.REMOVE:
            self.removes.append(reader.uint(4))
        else:
            _read_opaque_of(reader, KEY_BYTES, "a KEM output")
            self.external_init += 1


def _read_proposals(reader: Reader) -> _Proposals:
    found = _Proposals()
    inside = reader.vector()
    count = 0
    while inside.more():
        count += 1
        if count > MAX_LEAVES:
            raise MlsError(MlsCode.TOO_LARGE, f"a commit has more than {MAX_LEAVES} proposals")
        found.read(inside)
    return found


class CommitReader:
    """Reads a commit in two steps, so that one for a passed epoch is refused at no cost."""

    def __init__(self, raw: bytes) -> None:
        self._framed = PublicMessageReader(raw, ContentType.COMMIT)

    @property
    def group_and_epoch(self) -> tuple[bytes, int]:
        """What the commit says it was made for."""
        return self._framed.group_id, self._framed.epoch

    def read(self) -> Commit:
        """The whole commit. Raises MlsError(malformed, too_large, wrong_suite or not_allowed)."""
        reader = self._framed.body
        proposals = _read_proposals(reader)
        path = _read_path(reader) if reader.optional() else None
        return Commit(
            self._framed.finish(),
            tuple(proposals.adds),
            tuple(proposals.removes),
            tuple(proposals.references),
            proposals.external_init,
            path,
        )
