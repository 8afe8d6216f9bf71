"""One authenticated socket: whose it is, which rooms reach it, and how it is cut off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from chat.delivery.transport import Outgoing, Transport
from chat.protocol import events

if TYPE_CHECKING:
    from chat.delivery.local_room import LocalRoom

MAX_BACKLOG = 3 * 1024 * 1024
"""Bytes that may wait for one receiver: two pages and what happens meanwhile. More means it does not read."""
LOW_BACKLOG = 256 * 1024
"""A page, and a part of an inbox, is sent only when less than this waits."""
CUT_SECONDS = 5.0
"""How long a receiver that is cut off may take to read what waits, its `bye` last."""


class Connection:
    """`device` is the primary key. `close` is called once, when a `bye` has left or time is up, to end the socket.

    Until `ready` nothing is sent. Whoever reads its rooms compares `changes` before and after, and reads them again when
    they differ: several may read at once, so none may reset what the others rely on.
    One of a `suspended` account has the rooms of its own cases alone.
    """

    __slots__ = (
        "_close", "account", "bringing", "changes", "closing", "device", "device_hex", "heads", "inbox_due", "inbox_seq",
        "network", "ready", "rooms", "sender_uri", "suspended", "transport",
    )  # fmt: skip

    def __init__(
        self, transport: Transport, close: Callable[[int], object], *, device: int, account: UUID, network: UUID,
        device_hex: str, sender_uri: str, suspended: bool = False,
    ) -> None:  # fmt: skip
        self.transport = transport
        self.device = device
        self.account = account
        self.network = network
        self.device_hex = device_hex
        self.sender_uri = sender_uri
        self.suspended = suspended
        #: By the room's 16 bytes.
        self.rooms: dict[bytes, LocalRoom] = {}
        #: What it was given of its inbox, whether more is on its way, and whether more has come meanwhile (inbox.py).
        self.inbox_seq = 0
        #: Heads of rooms that pages told it of, where they are ahead of what was given out here.
        self.heads: dict[bytes, int] = {}
        self.bringing = False
        self.inbox_due = False
        self.ready = False
        #: How often it has come into or gone out of rooms.
        self.changes = 0
        self.closing = False
        self._close = close

    def write(self, out: Outgoing) -> None:
        """Sends at once. A receiver that has stopped reading is cut off instead of being waited for."""
        if self.closing:
            return
        if self.transport.write(out) > MAX_BACKLOG:
            self.bye(events.ByeCode.SLOW, 1000)

    def send(self, payload: bytes) -> None:
        self.write(Outgoing(payload))

    def paged(self, room_id: bytes, head: int) -> None:
        """A page tells it that head of a room that it is in."""
        room = self.rooms.get(room_id)
        if room is None or head > room.last:
            self.heads[room_id] = head
        else:
            self.heads.pop(room_id, None)

    def may_know(self, room: LocalRoom, seq: int) -> int:
        """The seq that it says it has, or the last that it was told of where that is less."""
        return min(seq, max(room.last, self.heads.get(room.id.bytes, 0)))

    async def emptied(self) -> bool:
        """Waits until little waits to leave. False when it is closed.

        The reader sets the pace; one that has stopped is found by the server's pings.
        """
        while not self.closing and self.transport.backlog() > LOW_BACKLOG:  # noqa: ASYNC110 (it tells nobody)
            await asyncio.sleep(0.02)
        return not self.closing

    def bye(self, code: events.ByeCode, retry_after_ms: int) -> None:
        """Says why, then closes. Nothing else is written after it."""
        if self.closing:
            return
        self.transport.write(Outgoing(events.encode(events.Bye(code, retry_after_ms))))
        self.end()

    def end(self, code: int = 1000) -> None:
        """Closes (a WebSocket close code) when what was written has left, so that whoever reads at all has read it."""
        self.closing = True
        loop = asyncio.get_running_loop()
        self._finish(loop, loop.time() + CUT_SECONDS, code)

    def _finish(self, loop: asyncio.AbstractEventLoop, deadline: float, code: int) -> None:
        if self.transport.backlog() and loop.time() < deadline:
            loop.call_later(0.05, self._finish, loop, deadline, code)
            return
        if self.transport.backlog():
            self.transport.abort()
        self._close(code)
