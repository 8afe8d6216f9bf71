"""The server's signed statement about one message (docs/protocol.md, section 12).

It says that the server stamped a message with this tag, from this sender, at this place and time, and for which case
it says so. It knows nothing of the text: whoever holds the opened message recomputes the tag.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from chat import franking
from moderation import disclosure
from moderation.signing import NotVerified, Signer, b64

KIND = "kindred-attestation+sd-jwt"
LATEST = 253_402_300_799_999
"""The end of the year 9999 in ms since 1970 UTC, the last that can be written as a date."""
_MARK_INFO, _MARK_BYTES = b"kindred marks v1", 16


@dataclass(frozen=True, slots=True)
class Stamped:
    """A message as its receiver kept it: tag and frank 32 bytes each, `time` in ms since 1970 UTC, `key` a hub key id."""

    sender: UUID
    room: UUID
    seq: int
    time: int
    tag: bytes
    frank: bytes
    key: int


@dataclass(frozen=True, slots=True)
class Attested:
    """What an attestation says, parsed. `sender` and `room` are URIs, `tag` base64url; None where that was withheld.

    `mark` (base64url) is the same for the same message in one case; None in attestations from before there were marks.
    """

    case: str
    seq: int
    time: int
    sender: str | None
    room: str | None
    tag: str | None
    mark: str | None


def is_genuine(message: Stamped, domain: str, hub_keys: Mapping[int, bytes]) -> bool:
    """Whether this server stamped exactly this: sender, room, place, time and tag."""
    hub_key = hub_keys.get(message.key)
    if hub_key is None:
        return False
    context = franking.context(
        franking.user_uri(domain, message.sender), franking.room_uri(domain, message.room), message.seq, message.time
    )
    return franking.verify(hub_key, message.tag, context, message.frank)


def mark(message: Stamped, case: UUID, hub_keys: Mapping[int, bytes]) -> bytes:
    """By which a message that `is_genuine` is known again when all else of it is withheld (16 bytes).

    Of the frank, and not of where it stood: without it even whoever has the keys cannot try which room a mark is of. By
    the key that stamped the message, so that no rotation changes it. Two cases have two marks of one message.
    """
    key = HKDF(SHA256(), 32, salt=None, info=_MARK_INFO).derive(hub_keys[message.key])
    return hmac.digest(key, case.bytes + message.frank, "sha256")[:_MARK_BYTES]


def attest(message: Stamped, case: UUID, domain: str, now_s: int, signer: Signer, hub_keys: Mapping[int, bytes]) -> str:
    """The SD-JWT (RFC 9901) about a message that `is_genuine`; `now_s` in seconds since 1970 UTC.

    Sender, room and tag can be withheld later, so that evidence need not name who has nothing to do with it.
    """
    plain = {
        "iss": f"mimi://{domain}",
        "iat": now_s,
        "case": str(case),
        "seq": message.seq,
        "time": message.time,
        "mark": b64(mark(message, case, hub_keys)),
    }
    withholdable = {
        "sender": franking.user_uri(domain, message.sender),
        "room": franking.room_uri(domain, message.room),
        "tag": b64(message.tag),
    }
    return disclosure.issue(signer, KIND, plain, withholdable)


def withhold(token: str) -> str:
    """The attestation without sender, room and tag: that there was a message at this place and time, its mark, and no more."""
    return disclosure.present(token, ("sender", "room", "tag"))


def digest(token: str) -> bytes:
    """SHA-256 of what the server signed, the same whatever is withheld (32 bytes)."""
    return hashlib.sha256(token.partition("~")[0].encode()).digest()


def read(token: str, keys: Mapping[str, bytes]) -> Attested:
    """What an attestation says. Raises NotVerified when it is not signed by one of `keys` or has not the form."""
    said = disclosure.claims(token, KIND, keys)
    try:
        case, seq, time = said["case"], said["seq"], said["time"]
    except KeyError as missing:
        raise NotVerified(f"it says no {missing.args[0]}") from None
    rest = [said.get(name) for name in ("sender", "room", "tag", "mark")]
    if (
        not isinstance(seq, int)
        or not isinstance(time, int)
        or not (0 <= seq < 2**53 and 0 <= time <= LATEST)
        or any(type(value) not in (str, type(None)) for value in rest)
    ):
        raise NotVerified("it has not the form")
    return Attested(str(case), seq, time, *rest)
