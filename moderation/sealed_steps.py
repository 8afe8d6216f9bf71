"""What an entry of the audit log about a decision keeps to itself: of which case it came, and who did what to whom.

An entry's words stay for ever, and its moment is the decision's. With the case's id in it whoever has the database would find
in which case something was decided, also once that is forgotten. So such an entry names neither, but binds both:

    detail = base64url(SHA-256(CBOR(["Kindred audit case v1", case (16) or null, salt (16)]))) || "." ||
             base64url(SHA-256(CBOR(["Kindred audit step v1", actor, subject, detail, salt (16)])))

What opens these lies beside the entry, sealed under a hub key (sealing.py), for those to read who may. It is in no digest:
when a case is forgotten its part goes, and the log stays whole.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import cbor2

from chat.sealing import NotOpened, seal, unseal
from moderation.signing import b64, unb64

_INFO = b"kindred audit openings v1"
_CASE, _STEP = "Kindred audit case v1", "Kindred audit step v1"
_SALT = 16
_PADDED = 512


@dataclass(frozen=True, slots=True)
class CasePart:
    """None for a decision whose case was forgotten before this step; `salt` is 16 random bytes."""

    case: UUID | None
    salt: bytes

    @property
    def bound(self) -> str:
        return _bound(_CASE, None if self.case is None else self.case.bytes, self.salt)


@dataclass(frozen=True, slots=True)
class StepPart:
    """`actor` and `subject` are pseudonyms, as in other entries; `salt` is 16 random bytes."""

    actor: str
    subject: str
    detail: str
    salt: bytes

    @property
    def bound(self) -> str:
        return _bound(_STEP, self.actor, self.subject, self.detail, self.salt)


@dataclass(frozen=True, slots=True)
class Opening:
    """A part that was forgotten is None. `kept`: those of the staff who are not to know of it, once the case is forgotten."""

    case: CasePart | None
    step: StepPart | None
    kept: frozenset[UUID] = frozenset()

    @property
    def case_id(self) -> UUID | None:
        return None if self.case is None else self.case.case

    def fits(self, detail: str) -> bool:
        """Whether an entry with that `detail` is of what this says."""
        case, _, step = detail.partition(".")
        return (self.case is None or self.case.bound == case) and (self.step is None or self.step.bound == step)

    def forgotten(self, kept: Iterable[UUID], asker: str) -> Opening:
        """Without the case, and without all else where whoever asked is named: `asker` is their name in that case alone."""
        named = self.step is not None and asker in (self.step.actor, self.step.subject)
        return Opening(None, None if named else self.step, frozenset(kept))


def bind(case: UUID | None, actor: str, subject: str, detail: str) -> tuple[str, Opening]:
    """The `detail` of the entry that keeps this to itself, and what opens it."""
    of_case, of_step = secrets.token_bytes(_SALT), secrets.token_bytes(_SALT)
    case_part, step_part = CasePart(case, of_case), StepPart(actor, subject, detail, of_step)
    return f"{case_part.bound}.{step_part.bound}", Opening(case_part, step_part)


def seal_opening(digest: bytes, opening: Opening) -> bytes:
    """Of one length for nearly all, whatever is left of it; `digest` is the entry's, so that it opens in no other's place."""
    case, step = opening.case, opening.step
    told = {
        "case": None if case is None else [None if case.case is None else case.case.hex, b64(case.salt)],
        "step": None if step is None else [step.actor, step.subject, step.detail, b64(step.salt)],
        "kept": sorted(account.hex for account in opening.kept),
    }
    plain = json.dumps(told).encode()
    return seal(_INFO, _row(digest), plain.ljust(-(-len(plain) // _PADDED) * _PADDED))


def open_sealed(digest: bytes, sealed: bytes) -> Opening | None:
    """None where nobody can open it any more: its key is gone, or it is another entry's."""
    try:
        told = json.loads(unseal(_INFO, _row(digest), sealed))
    except NotOpened:
        return None
    case = step = None
    if told["case"] is not None:
        number, salt = told["case"]
        case = CasePart(None if number is None else UUID(number), unb64(salt))
    if told["step"] is not None:
        actor, subject, detail, salt = told["step"]
        step = StepPart(actor, subject, detail, unb64(salt))
    return Opening(case, step, frozenset(UUID(account) for account in told["kept"]))


def _bound(*said: object) -> str:
    return b64(hashlib.sha256(cbor2.dumps(list(said), canonical=True)).digest())


def _row(digest: bytes) -> UUID:
    return UUID(bytes=digest[:16])
