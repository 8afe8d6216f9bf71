"""What stands in a bundle's JSON files. An undeclared field or a wrong type is refused."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from moderation.attestation import LATEST

FORMAT = "kindred-evidence/1"
SEAL = "kindred-export+jwt"

BUNDLE, PAGE, KEYS, MANIFEST, SEALED = "bundle.json", "index.html", "keys.json", "manifest.json", "seal.jwt"
NAMES = (BUNDLE, PAGE, KEYS, MANIFEST, SEALED)
"""Every bundle has these files; beside them stand pictures."""

Count = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
Time = Annotated[int, msgspec.Meta(ge=0, le=LATEST)]


class Message(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One message. `who` labels its sender ("Person A"), the same for the same sender throughout.

    Of a message that is withheld, to protect somebody who has nothing to do with the case, only the attestation that
    it stood there is left: `content`, `who` and `text` are null and `withheld` says why.
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
    """An entry of the audit log about this case (section 12), with the digest before it, so that it verifies alone."""

    seq: Count
    at: Time
    actor: str
    action: str
    subject: str
    detail: str
    previous: str
    digest: str
    key_id: str
    signature: str


class Bundle(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """`network` and `case` are UUIDs, `made_at` ms since 1970 UTC, `made_by` an audit pseudonym.

    `handed_over` is the hand-over for which it was made, a UUID, or None where nobody's consent is recorded.
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
