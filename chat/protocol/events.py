"""Frames to clients (docs/protocol.md, section 4.2), and the one encoding of an entry.

An entry is packed once, when it becomes durable; frames that carry entries are put together from packed ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Literal

import msgspec
from msgspec import Struct

from chat.protocol.errors import ProtocolError


class Event(Struct, tag_field="t"):
    """A frame of the server; `t` on the wire is the class's tag."""


class Ready(Event, tag="ready", omit_defaults=True):
    """`rooms` holds [room, head, epoch, cursor] for each room of this device; `suspended` is left out when it is false."""

    time: int
    domain: str
    account: bytes
    device: str
    rooms: list[tuple[bytes, int, int, int]]
    key_packages_left: int
    suspended: bool = False


class Accepted(Event, tag="accepted"):
    id: bytes
    room: bytes
    seq: int
    time: int
    frank: bytes | None
    key: int


class Inbox(Event, tag="inbox"):
    """`items` holds [seq, "welcome", room, seq of the commit's entry, Welcome]."""

    items: list[tuple[int, str, bytes, int, bytes]]


class Delivered(Event, tag="delivered"):
    room: bytes
    seq: int


class RoomChange(StrEnum):
    REMOVED = "removed"
    OPENED = "opened"
    CLOSED = "closed"
    RENAMED = "renamed"
    ROLES = "roles"


class RoomChanged(Event, tag="room"):
    room: bytes
    change: RoomChange


class AccountChange(StrEnum):
    DEVICES = "devices"
    CASES = "cases"


class AccountChanged(Event, tag="account"):
    """Something about the device's own account is to be asked for anew."""

    change: AccountChange


class Pong(Event, tag="pong"):
    id: bytes


class Error(Event, tag="error"):
    id: bytes | None
    room: bytes | None
    code: str
    message: str
    retry_after_ms: int | None = None
    epoch: int | None = None
    detail: str | None = None
    until: int | None = None


class ByeCode(StrEnum):
    DRAINING = "draining"
    SLOW = "slow"
    REVOKED = "revoked"
    DELETED = "deleted"
    SUSPENDED = "suspended"
    REPLACED = "replaced"
    RATE_LIMITED = "rate_limited"


class Bye(Event, tag="bye"):
    code: ByeCode
    retry_after_ms: int


#: seq, time in ms, kind, epoch, id, payload, tag, frank, hub key id
EntryTuple = tuple[int, int, int, int, bytes, bytes, bytes | None, bytes | None, int]
Kind = Literal[0, 1, 2]

_encode = msgspec.msgpack.Encoder().encode
_ENTRIES_HEAD = b"\x83\xa1t\xa7entries\xa4room\xc4\x10"
_PAGE_HEAD = b"\x85\xa1t\xa4page\xa2id\xc4\x10"


def encode(event: Event) -> bytes:
    return _encode(event)


def error(refusal: ProtocolError, id: bytes | None = None, room: bytes | None = None) -> Error:
    """The `error` event for a refusal of the thing named by `id` and `room`."""
    detail = refusal.detail
    return Error(
        id or detail.get("id"),
        room,
        refusal.code.value,
        refusal.message,
        detail.get("retry_after_ms"),
        detail.get("epoch"),
        detail.get("detail"),
        detail.get("until"),
    )


def pack_entry(entry: EntryTuple) -> bytes:
    return _encode(entry)


def entries_frame(room: bytes, count: int, packed: bytes) -> bytes:
    """An `entries` frame from `count` packed entries joined together."""
    return b"".join((_ENTRIES_HEAD, room, b"\xa5items", _array_head(count), packed))


def page_frame(id: bytes, room: bytes, packed: Sequence[bytes], head: int) -> bytes:
    """A `page` frame from packed entries."""
    return b"".join(
        (
            _PAGE_HEAD,
            id,
            b"\xa4room\xc4\x10",
            room,
            b"\xa4head",
            _encode(head),
            b"\xa5items",
            _array_head(len(packed)),
            *packed,
        )
    )


def _array_head(count: int) -> bytes:
    if count < 16:
        return bytes((0x90 | count,))
    if count < 0x10000:
        return b"\xdc" + count.to_bytes(2, "big")
    return b"\xdd" + count.to_bytes(4, "big")
