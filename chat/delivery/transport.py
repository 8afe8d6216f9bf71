# ruff: noqa: SLF001 (what servers do not tell in public is read here, and nowhere else)
"""A socket through whichever ASGI server is there: written to without ever waiting for a slow receiver, and read early.

ASGI's `send` says neither how much is still waiting to leave nor how to cut off someone who stopped reading, and it
frames the same bytes anew for every member. Where the server is one we know (Daphne, uvicorn), its connection
object is reached through `send`: a frame is then framed once for a whole room, the backlog is the transport's own, and
messages are taken as soon as they are read (intake.py).
Any other server gets a bounded queue and one task for as long as something waits in it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from chat.delivery.intake import Intake

logger = logging.getLogger(__name__)

Send = Callable[[dict[str, Any]], Awaitable[None]]
Take = Callable[[bytes], None]


class Outgoing:
    """Server frames that leave together: `payloads` for ASGI, `wire` as finished WebSocket frames (RFC 6455 5.2)."""

    __slots__ = ("payloads", "wire")

    def __init__(self, *payloads: bytes) -> None:
        self.payloads = payloads
        parts: list[bytes] = []
        for payload in payloads:
            size = len(payload)
            if size < 126:
                parts.append(bytes((0x82, size)))
            elif size < 0x10000:
                parts.append(b"\x82\x7e" + size.to_bytes(2, "big"))
            else:
                parts.append(b"\x82\x7f" + size.to_bytes(8, "big"))
            parts.append(payload)
        self.wire = b"".join(parts)


class Transport:
    """What delivery needs of a connection."""

    __slots__ = ()

    def write(self, out: Outgoing) -> int:
        """Never blocks and never raises. Returns the backlog that is left."""
        raise NotImplementedError

    def backlog(self) -> int:
        """Bytes that still wait to leave."""
        raise NotImplementedError

    def abort(self) -> None:
        """Drops the connection with whatever still waits to leave."""
        raise NotImplementedError

    def admit(self) -> None:
        """Says that a known device has the connection: others are ended first where too many are open."""

    @property
    def early(self) -> bool:
        """Whether more than one message came before anyone listened, where the server is known. Only the first is kept."""
        return False

    def listen(self, take: Take) -> None:
        """From now on `take` is given messages as they are read, instead of ASGI's `receive`: those that come in one
        frame, where the server is known and nothing that it has read before still waits.
        """


class DaphneTransport(Transport):
    """Daphne's `send` is `partial(Server.handle_reply, protocol)` over an Autobahn protocol on Twisted's TCP transport."""

    __slots__ = ("_direct", "_intake", "_protocol", "_tcp")

    def __init__(self, protocol: Any) -> None:
        from twisted.internet.tcp import Server

        self._protocol = protocol
        self._tcp = protocol.transport
        # TLS and Unix sockets have a write path of their own.
        self._direct = type(self._tcp) is Server
        self._intake = Intake(protocol.dataReceived, self.abort)
        protocol.dataReceived = self._intake.feed

    @staticmethod
    def fits(protocol: Any) -> bool:
        return protocol._perMessageCompress is None and hasattr(protocol.transport, "_tempDataLen")

    def write(self, out: Outgoing) -> int:
        protocol, tcp = self._protocol, self._tcp
        if protocol.state != 3:  # WebSocketProtocol.STATE_OPEN
            return 0
        wire = out.wire
        if protocol.send_queue:
            protocol.sendData(wire)
            return self.backlog()
        if self._direct and not tcp.dataBuffer and not tcp._tempDataBuffer and tcp.connected:
            # Nothing waits: one system call, instead of asking the reactor to call back when it can write.
            try:
                sent = tcp.socket.send(wire)
            except OSError:
                sent = 0  # a full buffer, or a lost connection: Twisted finds out which
            if sent == len(wire):
                return 0
            wire = wire[sent:]
        tcp.write(wire)
        return self.backlog()

    def backlog(self) -> int:
        tcp = self._tcp
        return int(tcp._tempDataLen + len(tcp.dataBuffer) - tcp.offset)

    def abort(self) -> None:
        self._tcp.abortConnection()

    def admit(self) -> None:
        admit = getattr(self._tcp, "admit", None)  # from backend/daphne_limits.py
        if admit is not None:
            admit()

    @property
    def early(self) -> bool:
        return self._intake.early

    def listen(self, take: Take) -> None:
        if self._protocol.application_queue.empty():
            self._intake.take = take


class UvicornTransport(Transport):
    """uvicorn's `send` is a method of its sans-I/O WebSocket protocol, which is an asyncio protocol."""

    __slots__ = ("_connection", "_intake", "_protocol", "_tcp")

    def __init__(self, protocol: Any) -> None:
        self._protocol = protocol
        self._connection = protocol.conn
        self._tcp = protocol.transport
        self._intake = Intake(protocol.data_received, self.abort)
        protocol.data_received = self._intake.feed
        self._tcp.set_protocol(protocol)  # uvloop keeps the method that it calls

    @staticmethod
    def fits(protocol: Any) -> bool:
        return type(protocol).__name__ == "WebSocketsSansIOProtocol" and not protocol.conn.extensions

    def write(self, out: Outgoing) -> int:
        protocol = self._protocol
        if protocol.close_sent or protocol.disconnected or self._connection.state != 1:  # State.OPEN
            return 0
        self._tcp.write(out.wire)
        return self.backlog()

    def backlog(self) -> int:
        return int(self._tcp.get_write_buffer_size())

    def abort(self) -> None:
        self._tcp.abort()

    @property
    def early(self) -> bool:
        return self._intake.early

    def listen(self, take: Take) -> None:
        if self._protocol.queue.empty():
            self._intake.take = take


class QueueTransport(Transport):
    """Any ASGI server: frames wait here while the server's `send` waits."""

    __slots__ = ("_bytes", "_closed", "_send", "_task", "_waiting")

    def __init__(self, send: Send) -> None:
        self._send = send
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._closed = False
        self._task: asyncio.Task[None] | None = None

    def write(self, out: Outgoing) -> int:
        if self._closed:
            return 0
        self._waiting += out.payloads
        self._bytes += sum(map(len, out.payloads))
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._pump())
        return self._bytes

    async def _pump(self) -> None:
        try:
            while self._waiting:
                payload = self._waiting.popleft()
                await self._send({"type": "websocket.send", "bytes": payload})
                self._bytes -= len(payload)
        except Exception as error:  # noqa: BLE001 (each server has its own way of saying that the connection is gone)
            logger.debug("a connection went away: %s", type(error).__name__)
            self.abort()
        finally:
            self._task = None

    def backlog(self) -> int:
        return self._bytes

    def abort(self) -> None:
        self._closed = True
        self._waiting.clear()
        self._bytes = 0


def transport_for(send: Send) -> Transport:
    """The best way to write to the connection behind an accepted ASGI `send`."""
    if isinstance(send, partial) and len(send.args) == 1 and type(send.args[0]).__module__ == "daphne.ws_protocol":
        protocol = send.args[0]
        if DaphneTransport.fits(protocol):
            return DaphneTransport(protocol)
    protocol = getattr(send, "__self__", None)
    if type(protocol).__module__.startswith("uvicorn.") and UvicornTransport.fits(protocol):
        return UvicornTransport(protocol)
    return QueueTransport(send)
