"""The audit log as a chain: what is bound into each entry, and how the chain is verified. No database here.

    digest    = SHA-256(deterministic CBOR of ["Kindred audit v1", network, seq, at, actor, action, case, subject,
                        detail, previous digest])
    signature = Ed25519 over the digest

Whoever changes, reorders, drops or adds an entry breaks a digest or a signature; of an entry that is withheld its digest
stands in the chain, so that it is there, and one. Entries cut off at the end show when
a checkpoint that somebody kept names a later entry than the log has.

Of the signing keys one at a time counts. Where it changes stands an entry KEY_ROTATED that the new key signed: it binds
what the old one signed before, and after it the old one counts no more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import cbor2

from moderation.signing import NotVerified, Signer, b64, verified_claims, verify_raw

VERSION = "Kindred audit v1"
CHECKPOINT = "kindred-audit-checkpoint+jwt"
START = bytes(32)
"""The digest before the first entry."""
KEY_ROTATED = "attestation_key_rotated"
ATTESTED = "messages_attested"
_ATTESTED = b"Kindred audit attested v1"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry: `network` and `case` 16 bytes (`case` may be None), `at` in ms since 1970 UTC, the rest short words."""

    network: bytes
    seq: int
    at: int
    actor: str
    action: str
    case: bytes | None
    subject: str
    detail: str

    def digest(self, previous: bytes) -> bytes:
        fields = [self.network, self.seq, self.at, self.actor, self.action, self.case, self.subject, self.detail]
        return hashlib.sha256(cbor2.dumps([VERSION, *fields, previous], canonical=True)).digest()


@dataclass(frozen=True, slots=True)
class Signed:
    """An entry as it is kept."""

    entry: Entry
    digest: bytes
    key_id: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class Withheld:
    """What a reader is given of an entry that is kept from them: it holds its place in the chain, and says nothing."""

    seq: int
    digest: bytes
    key_id: str
    signature: bytes


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """That the log of `network` had this digest (32 bytes) in an entry: at `seq`, where it is told."""

    network: str
    digest: str
    seq: int | None = None


def rotated_detail(before: str, after: str) -> str:
    """What an entry KEY_ROTATED says: the ids of both keys."""
    return f"{before}.{after}"


def attested_detail(digests: Sequence[bytes]) -> str:
    """What an entry ATTESTED says: of how many messages, and what binds the SHA-256 of each attestation's JWS (32 bytes).

    The digests tell nothing to who has not the attestation: each of those has salts of its own.
    """
    return f"{len(digests)}.{b64(hashlib.sha256(_ATTESTED + b''.join(digests)).digest())}"


def signed(entry: Entry, previous: bytes, signer: Signer) -> Signed:
    digest = entry.digest(previous)
    return Signed(entry, digest, signer.current, signer.raw(digest))


def checkpoint(network: UUID, place: Mapping[str, int | str], digest: bytes, now_s: int, signer: Signer) -> str:
    """A JWS that anyone may keep: the log can never honestly lose what it names.

    `place` is `{seq}` for who may know how many entries there are, else `{until}`: the day (YYYY-MM-DD) whose last entry it is.
    """
    return signer.jws(CHECKPOINT, {"iat": now_s, "network": str(network), **place, "digest": b64(digest)})


def read_checkpoint(token: str, keys: Mapping[str, bytes]) -> Checkpoint:
    """Raises NotVerified."""
    claims = verified_claims(token, CHECKPOINT, keys)
    try:
        seq = claims.get("seq")
        return Checkpoint(str(claims["network"]), str(claims["digest"]), None if seq is None else int(seq))
    except (KeyError, ValueError):
        raise NotVerified("it is no checkpoint") from None


def verify(
    entries: Iterable[Signed | Withheld], keys: Mapping[str, bytes], kept: Iterable[Checkpoint] = ()
) -> Iterator[str]:
    """What is wrong with one network's log, in its order; nothing when it is whole. `kept` are checkpoints of that network."""
    expected: dict[int, str] = {}
    somewhere: set[str] = set()
    for point in kept:
        if point.seq is None:
            somewhere.add(point.digest)
        elif expected.setdefault(point.seq, point.digest) != point.digest:
            yield f"entry {point.seq}: two checkpoints contradict each other"
    previous, seq, key = START, 0, None
    for found in entries:
        seq += 1
        place = found.seq if isinstance(found, Withheld) else found.entry.seq
        if place != seq:
            yield f"entry {seq}: missing or out of order (found {place})"
            seq = place
        yield from (f"entry {seq}: {problem}" for problem in _wrong(found, previous, keys))
        if key not in (None, found.key_id) and not _rotates(found, key):
            yield f"entry {seq}: signed by a key that was not in use"
        else:
            key = found.key_id
        if seq in expected and expected.pop(seq) != b64(found.digest):
            yield f"entry {seq}: a checkpoint says otherwise"
        somewhere.discard(b64(found.digest))
        previous = found.digest
    for missing in sorted(expected):
        yield f"entry {missing}: a checkpoint names it, and the log does not have it"
    for digest in sorted(somewhere):
        yield f"entry with the digest {digest}: a checkpoint names it, and the log does not have it"


def _rotates(found: Signed | Withheld, before: str | None) -> bool:
    return (
        isinstance(found, Signed)
        and found.entry.action == KEY_ROTATED
        and found.entry.detail == rotated_detail(before or "", found.key_id)
    )


def _wrong(found: Signed | Withheld, previous: bytes, keys: Mapping[str, bytes]) -> Iterator[str]:
    if isinstance(found, Signed) and found.entry.digest(previous) != found.digest:
        yield "it or an entry before it was changed"
    try:
        verify_raw(found.digest, found.signature, found.key_id, keys)
    except NotVerified as problem:
        yield str(problem)
