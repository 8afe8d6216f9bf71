"""The server's signed statement about one message (docs/protocol.md, section 12).

It says that the server stamped a message with this tag, from this sender, at this place and time, and for which case
it says so. It knows nothing of the text: whoever holds the opened message recomputes the tag.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chat import franking
from moderation.signing import NotVerified, Signer, b64, verified_claims

KIND = "kindred-attestation+jwt"


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
    """What an attestation says, parsed."""

    case: str
    sender: str
    room: str
    seq: int
    time: int
    tag: str


def is_genuine(message: Stamped, domain: str, hub_keys: Mapping[int, bytes]) -> bool:
    """Whether this server stamped exactly this: sender, room, place, time and tag."""
    hub_key = hub_keys.get(message.key)
    if hub_key is None:
        return False
    context = franking.context(
        franking.user_uri(domain, message.sender), franking.room_uri(domain, message.room), message.seq, message.time
    )
    return franking.verify(hub_key, message.tag, context, message.frank)


def attest(message: Stamped, case: UUID, domain: str, now_s: int, signer: Signer) -> str:
    """The JWS about a message that `is_genuine`; `now_s` in seconds since 1970 UTC."""
    claims: dict[str, Any] = {
        "iss": f"mimi://{domain}",
        "iat": now_s,
        "case": str(case),
        "sender": franking.user_uri(domain, message.sender),
        "room": franking.room_uri(domain, message.room),
        "seq": message.seq,
        "time": message.time,
        "tag": b64(message.tag),
    }
    return signer.jws(KIND, claims)


def read(token: str, keys: Mapping[str, bytes]) -> Attested:
    """What an attestation says. Raises NotVerified when it is not signed by one of `keys` or lacks a field."""
    claims = verified_claims(token, KIND, keys)
    try:
        return Attested(**{name: claims[name] for name in ("case", "sender", "room", "seq", "time", "tag")})
    except KeyError as missing:
        raise NotVerified(f"it says no {missing.args[0]}") from None
