"""What stands in a bundle's JSON files. An undeclared field or a wrong type is refused."""

from __future__ import annotations

from typing import Annotated, Literal, TypeVar

import msgspec

from moderation.attestation import LATEST

FORMAT = "kindred-evidence/1"
SEAL = "kindred-export+jwt"

BUNDLE, PAGE, KEYS, MANIFEST, SEALED = "bundle.json", "index.html", "keys.json", "manifest.json", "seal.jwt"
NAMES = (BUNDLE, PAGE, KEYS, MANIFEST, SEALED)
"""Every bundle has these files; beside them stand pictures."""

REASONS = {
    "uninvolved": "By someone who has nothing to do with the case.",
    "left_out": "Left out by the moderator who made this.",
}
"""Why a message may be withheld, and how the page says so. Nobody has to take a maker's own words for the server's."""

Count = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{43}\Z")]
"""32 bytes in base64url."""
Time = Annotated[int, msgspec.Meta(ge=0, le=LATEST)]
T = TypeVar("T")


def label(number: int) -> str:
    """How the page calls the sender that appears as the `number`th (from 0): Person A to Person Z, then Person AA."""
    letters, left = "", number + 1
    while left > 0:
        left, letter = divmod(left - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"Person {letters}"


class Message(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One message. `who` is the `label` of its sender, by the order in which senders appear.

    Of a message that is withheld, to protect somebody who has nothing to do with the case, only the attestation that
    it stood there is left: `content`, `who` and `text` are null and `withheld` is one of REASONS.
    `content` is the MIMI content (base64url), `text` what it says, as people saw it. `pictures` has one item for each
    attachment: the name of the picture's file, or None when it was not to be had; none for a message that is withheld.
    """

    attestation: str
    who: str | None
    content: str | None
    text: str | None
    withheld: str | None
    pictures: list[str | None]


class Custody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """An entry of the audit log about this case (section 12), with the digest before it, so that it verifies alone.

    `attested` are the digests (base64url) of the attestations that it tells of.
    """

    seq: Count
    at: Time
    actor: str
    action: str
    subject: str
    detail: str
    attested: list[str]
    previous: str
    digest: str
    key_id: str
    signature: str


class Bundle(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """`network` and `case` are UUIDs, `made_at` ms since 1970 UTC, `made_by` an audit pseudonym.

    `made_at` is a time of the server, which seals it only within a few minutes. `handed_over` is the hand-over for which it
    was made, a UUID, or None where nobody's consent is recorded.
    """

    format: Literal["kindred-evidence/1"]
    domain: str
    network: str
    case: str
    made_at: Time
    made_by: str
    handed_over: str | None
    messages: list[Message]
    custody: list[Custody]


class Manifest(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """SHA-256 (lower-case hex) of each file by name, but of the manifest and the seal."""

    format: Literal["kindred-evidence/1"]
    files: dict[str, str]


class Jwk(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A signing key as it is published; of a retired one also `exp` and `seals` (moderation/signing.py)."""

    kty: Literal["OKP"]
    crv: Literal["Ed25519"]
    alg: Literal["EdDSA"]
    use: Literal["sig"]
    kid: Digest
    x: Digest
    nbf: Count
    exp: Count | msgspec.UnsetType = msgspec.UNSET
    seals: list[Digest] | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        if (self.exp is msgspec.UNSET) is not (self.seals is msgspec.UNSET):
            raise ValueError("a retired key has both")


class KeySet(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The server's published keys when the bundle was made."""

    keys: list[Jwk]
    domain: str


def exactly(data: bytes, kind: type[T]) -> T:
    """What JSON of a bundle says, in its one spelling: nothing else is written between the lines. Raises ValueError."""
    try:
        found = msgspec.json.decode(data, type=kind, strict=True)
    except msgspec.MsgspecError:
        raise ValueError("it has not the form") from None
    if msgspec.json.encode(found) != data:
        raise ValueError("it is not as it would be written")
    return found
