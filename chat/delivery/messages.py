"""What processes tell one another through the Channels layer: closed types, ciphertext and ids alone."""

from __future__ import annotations

from uuid import UUID

import msgspec
from msgspec import Struct

from chat.protocol.events import AccountChange, ByeCode, RoomChange

HEAD = 32
"""A message's `sender` lies within so many bytes of its beginning."""


class Message(Struct, tag_field="t", array_like=True):
    """`sender` is the random id of the process that tells."""

    sender: bytes


class NewEntries(Message, tag="entries"):
    """Consecutive entries of a room, and devices that are no longer in it."""

    room: UUID
    first: int
    packed: list[bytes]
    removed: list[int]


class Admitted(Message, tag="admitted"):
    """Devices that have come into a room by others' doing: their Welcome waits in their inbox."""

    room: UUID
    devices: list[int]


class Removed(Message, tag="removed"):
    """Devices that are out of a room without an entry saying so."""

    room: UUID
    devices: list[int]


class DeliveredTo(Message, tag="delivered"):
    room: UUID
    seq: int


class Forwarded(Message, tag="forwarded"):
    """Appends for the process that usually writes their rooms (forwards.py): they name senders, so they are sealed.

    `number` runs for each pair of processes; `key` is the id of the hub key that theirs is derived from.
    """

    key: int
    number: int
    sealed: bytes


class Declined(Message, tag="declined"):
    """Appends that were handed over and not stored by this process: (room, entry id)."""

    entries: list[tuple[UUID, bytes]]


class NetworkRoom(Message, tag="network_room"):
    """An open room of a network has changed."""

    network: UUID
    room: UUID
    change: RoomChange


class AccountNews(Message, tag="account"):
    """Something about an account has changed."""

    account: UUID
    change: AccountChange


class RoomNews(Message, tag="room_news"):
    """What concerns a room's members and stands in no entry."""

    room: UUID
    change: RoomChange


class Barred(Message, tag="barred"):
    """Devices to cut off everywhere."""

    devices: list[int]
    code: ByeCode


AnyMessage = (
    NewEntries | Forwarded | Declined | Admitted | Removed | DeliveredTo | NetworkRoom | RoomNews | AccountNews | Barred
)

_encoder = msgspec.msgpack.Encoder()
_decoder: msgspec.msgpack.Decoder[AnyMessage] = msgspec.msgpack.Decoder(AnyMessage)


def encode(message: AnyMessage) -> bytes:
    return _encoder.encode(message)


def decode(data: bytes) -> AnyMessage:
    """Raises msgspec.DecodeError for what no process of this version sends."""
    return _decoder.decode(data)
