"""The server's signed statement about one message (docs/protocol.md, section 12).

It says that the server stamped a message with this tag, from this sender, at this place and time, and for which case
it says so. It knows nothing of the text: whoever holds the opened message recomputes the tag.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from chat import franking
from moderation import disclosure
from moderation.signing import NotVerified, Signer, b64

KIND = "kindred-attestation+sd-jwt"
LATEST = 253_402_300_799_999
"""The end of the year 9999 in ms since 1970 UTC, the last that can be written as a date."""


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
    """What an attestation says, parsed. `sender` and `room` are URIs, `tag` base64url; None where that was withheld."""

    case: str
    seq: int
    time: int
    sender: str | None
    room: str | None
    tag: str | None


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
    """The SD-JWT (RFC 9901) about a message that `is_genuine`; `now_s` in seconds since 1970 UTC.

    Sender, room and tag can be withheld later, so that evidence need not name who has nothing to do with it.
    """
    plain = {
        "iss": f"mimi://{domain}",
        "iat": now_s,
        "case": str(case),
        "seq": message.seq,
        "time": message.time,
    }
    withholdable = {
        "sender": franking.user_uri(domain, message.sender),
        "room": franking.room_uri(domain, message.room),
        "tag": b64(message.tag),
    }
    return disclosure.issue(signer, KIND, plain, withholdable)


def withhold(token: str) -> str:
    """The attestation without sender, room and tag: that there was a message at this place and time, and no more."""
    return disclosure.present(token, ("sender", "room", "tag"))


def read(token: str, keys: Mapping[str, bytes]) -> Attested:
    """What an attestation says. Raises NotVerified when it is not signed by one of `keys` or has not the form."""
    said = disclosure.claims(token, KIND, keys)
    try:
        case, seq, time = said["case"], said["seq"], said["time"]
    except KeyError as missing:
        raise NotVerified(f"it says no {missing.args[0]}") from None
    rest = [said.get(name) for name in ("sender", "room", "tag")]
    if (
        not isinstance(seq, int)
        or not isinstance(time, int)
        or not (0 <= seq < 2**53 and 0 <= time <= LATEST)
        or any(type(value) not in (str, type(None)) for value in rest)
    ):
        raise NotVerified("it has not the form")
    return Attested(str(case), seq, time, *rest)
