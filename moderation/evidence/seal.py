"""What the server says of a bundle: its seal, and whether the key that made it counts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from moderation.evidence import bundle as form
from moderation.evidence.bundle import Bundle
from moderation.evidence.order import Known
from moderation.signing import NotVerified, Published, b64, fingerprint, signing_key, verified_claims


@dataclass(frozen=True)
class Sealed:
    """What the server said when it sealed; `at` in seconds since 1970 UTC."""

    at: int
    known: Known


def read_seal(files: Mapping[str, bytes], bundle: Bundle, published: Mapping[str, Published]) -> Sealed:
    """Raises NotVerified, saying why."""
    try:
        token = files[form.SEALED].decode("ascii")
    except UnicodeDecodeError:
        raise NotVerified("it cannot be read") from None
    claims = verified_claims(token, form.SEAL, {kid: key.public for kid, key in published.items()})
    if claims.get("manifest") != b64(hashlib.sha256(files[form.MANIFEST]).digest()):
        raise NotVerified(f"{form.MANIFEST} is not what was sealed")
    belongs = (bundle.network, bundle.case, bundle.made_by, f"mimi://{bundle.domain}")
    if tuple(claims.get(name) for name in ("network", "case", "by", "iss")) != belongs:
        raise NotVerified("it belongs to another network, case, server or maker")
    if "handed_over" not in claims or claims["handed_over"] != bundle.handed_over:
        raise NotVerified("it says otherwise for which hand-over it was made, or whether for any")
    at, made_at = claims.get("iat"), claims.get("made_at")
    if type(at) is not int or made_at != bundle.made_at:
        raise NotVerified("it says otherwise when it was made")
    problem = _key_problem(token, at, published[signing_key(token)])
    if problem is not None:
        raise NotVerified(problem)
    return Sealed(at, _known(claims.get("custody")))


def _key_problem(token: str, at: int, key: Published) -> str | None:
    """Why what this key signed counts for nothing; `at` in seconds since 1970 UTC."""
    if not key.in_use(at):
        return "signed at a time when its key was not in use"
    if key.until is not None and fingerprint(token) not in key.seals:
        return "its key was replaced, and the server's log of that time does not have it"
    return None


def _known(claim: object) -> Known:
    try:
        return msgspec.convert(claim, Known, strict=True)
    except msgspec.ValidationError:
        raise NotVerified("it does not say what the server's log had") from None
