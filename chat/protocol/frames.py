"""Frames from clients (docs/protocol.md, section 4.1): closed, typed, bounded.

`parse(data)` is the only way in. An unknown type or field, a wrong type or length is `malformed`.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from chat.protocol import limits
from chat.protocol.errors import Code, ProtocolError

Bytes16 = Annotated[bytes, Meta(min_length=16, max_length=16)]
Bytes32 = Annotated[bytes, Meta(min_length=32, max_length=32)]
Count = Annotated[int, Meta(ge=0, le=limits.MAX_INT)]


class Frame(Struct, forbid_unknown_fields=True, tag_field="t"):
    """A client's frame; `t` on the wire is the class's tag."""


class Hello(Frame, tag="hello"):
    v: Literal[1]
    token: Bytes32


class Send(Frame, tag="send"):
    id: Bytes16
    room: Bytes16
    epoch: Count
    payload: Annotated[bytes, Meta(min_length=1)]
    tag: Bytes32


class Commit(Frame, tag="commit"):
    """`epoch` is the one the commit was made in; the three MLS messages are parsed in chat.mls."""

    id: Bytes16
    room: Bytes16
    epoch: Count
    commit: Annotated[bytes, Meta(min_length=1)]
    group_info: Annotated[bytes, Meta(min_length=1)]
    welcome: bytes | None
    invite: Bytes16 | None


class Fetch(Frame, tag="fetch"):
    id: Bytes16
    room: Bytes16
    after: Count
    limit: Annotated[int, Meta(ge=1, le=limits.MAX_PAGE_ITEMS)]


class Cursor(Frame, tag="cursor"):
    rooms: Annotated[list[tuple[Bytes16, Count]], Meta(max_length=limits.MAX_CURSORS)]


class InboxAck(Frame, tag="inbox_ack"):
    seq: Count


class Ping(Frame, tag="ping"):
    id: Bytes16


ClientFrame = Hello | Send | Commit | Fetch | Cursor | InboxAck | Ping

_decoder: msgspec.msgpack.Decoder[ClientFrame] = msgspec.msgpack.Decoder(ClientFrame)


def parse(data: bytes) -> ClientFrame:
    """One frame of a client. Raises ProtocolError: `too_large` (with `id` where it has one) or `malformed`."""
    size = len(data)
    if size > limits.MAX_COMMIT_FRAME:
        raise ProtocolError(Code.TOO_LARGE)
    try:
        frame = _decoder.decode(data)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        # The decoder's words may quote what was sent, so they go nowhere.
        raise ProtocolError(Code.MALFORMED) from None
    if size > limits.MAX_PAYLOAD and not isinstance(frame, Commit):
        if size > limits.MAX_FRAME or (isinstance(frame, Send) and len(frame.payload) > limits.MAX_PAYLOAD):
            raise ProtocolError(Code.TOO_LARGE, id=getattr(frame, "id", None))
    return frame
