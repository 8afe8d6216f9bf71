"""The socket: a frame comes in, is parsed, and goes to delivery; what comes back is written by the hub.

Channels' own dispatch hops to a thread for every frame (to close old database connections) and gives every
connection a channel and a task of its own. Neither is needed here: the consumer reads its socket itself and
touches no database.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any
from uuid import UUID

from channels.consumer import AsyncConsumer

from chat import franking
from chat.access import access_device_to_connect
from chat.delivery import process
from chat.delivery.connection import Connection
from chat.delivery.log import Append
from chat.delivery.quota import ROW_BYTES, Stored, quota
from chat.delivery.rates import Bucket, DeviceRates, take
from chat.delivery.requests import Request, Requests, error_frame
from chat.delivery.transport import Outgoing, transport_for
from chat.mls.errors import MlsError
from chat.mls.framing import private_message_header
from chat.models import Device
from chat.protocol import events, frames, limits
from chat.protocol.errors import Code, ProtocolError, unavailable

logger = logging.getLogger(__name__)

MALFORMED_COST = 9.0
HELLO_COST = 20.0
REFUSED = 4008
"""The close code after a refusal. Autobahn sends no other codes than 1000 and those that applications define."""
DRAIN_RETRY_MS = 500

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


class SocketConsumer(AsyncConsumer):  # type: ignore[misc]
    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if (await receive())["type"] != "websocket.connect":
            return
        await send({"type": "websocket.accept"})
        await Socket(process.here(), receive, send).run()


class Socket:
    """One connection from `hello` to its end."""

    __slots__ = (
        "_connection", "_delivery", "_patience", "_rates", "_receive", "_requests", "_send", "_transport",
    )  # fmt: skip

    def __init__(self, delivery: process.Delivery, receive: Receive, send: Send) -> None:
        self._delivery = delivery
        self._receive = receive
        self._send = send
        self._transport = transport_for(send)
        self._connection: Connection
        self._rates: DeviceRates
        #: For a device that goes on though it is refused.
        self._patience: Bucket | None = None
        self._requests: Requests | None = None

    async def run(self) -> None:
        if not await self._enter():
            return
        connection = self._connection
        try:
            if self._transport.early:
                connection.send(error_frame(ProtocolError(Code.MALFORMED, "nothing may come before `ready`"), None))
                connection.end(REFUSED)
            while True:
                self._transport.listen(self._heard)
                event = await self._receive()
                if event["type"] != "websocket.receive":
                    return
                if not connection.closing:
                    self._take(event.get("bytes"))
        finally:
            # Also when the server cancels this at its own end.
            connection.closing = True
            self._delivery.hub.remove(connection)
            if self._requests is not None:
                self._requests.cancel()

    # Coming in

    async def _enter(self) -> bool:
        try:
            async with asyncio.timeout(limits.HELLO_SECONDS):
                event = await self._receive()
        except TimeoutError:
            # Too slow, not unknown: it may well come again.
            await self._refuse(unavailable())
            return False
        if event["type"] != "websocket.receive":
            return False
        try:
            device = await self._authenticate(event.get("bytes"))
            if self._delivery.draining:
                await self._goodbye(events.ByeCode.DRAINING, DRAIN_RETRY_MS)
                return False
            await self._ready(device)
        except ProtocolError as refusal:
            if refusal.detail.get("revoked"):
                await self._goodbye(events.ByeCode.REVOKED, 0)
            elif refusal.code is Code.RATE_LIMITED:
                await self._goodbye(events.ByeCode.RATE_LIMITED, refusal.detail["retry_after_ms"])
            else:
                await self._refuse(refusal)
            return False
        return True

    async def _authenticate(self, data: bytes | None) -> Device:
        if data is None or len(data) > limits.MAX_FRAME:
            raise ProtocolError(Code.UNAUTHENTICATED)
        hello = frames.parse(data)
        if not isinstance(hello, frames.Hello):
            raise ProtocolError(Code.UNAUTHENTICATED)
        return await self._delivery.readers.run(access_device_to_connect, hello.token)

    async def _ready(self, device: Device) -> None:
        self._rates = self._delivery.rates.of(device.pk)
        take(self._rates.frames, HELLO_COST)
        loop = asyncio.get_running_loop()
        self._connection = Connection(
            self._transport,
            lambda code: loop.create_task(self._close(code)),
            device=device.pk,
            account=device.account_id,
            network=device.account.network_id,
            device_hex=device.hex,
            sender_uri=franking.user_uri(self._delivery.domain, device.account_id),
            suspended=device.account.suspended,
        )
        self._transport.admit()
        await self._delivery.coming_in.enter(self._connection, device.inbox_head)
        self._delivery.visits.note(device)

    async def _refuse(self, refusal: ProtocolError) -> None:
        self._transport.write(Outgoing(events.encode(events.error(refusal))))
        await self._close(REFUSED)

    async def _goodbye(self, code: events.ByeCode, retry_after_ms: int) -> None:
        self._transport.write(Outgoing(events.encode(events.Bye(code, retry_after_ms))))
        await self._close()

    async def _close(self, code: int = 1000) -> None:
        try:
            await self._send({"type": "websocket.close", "code": code})
        except Exception as error:  # noqa: BLE001 (each server has its own way of saying that it is closed already)
            logger.debug("a socket was closed already: %s", type(error).__name__)
            self._transport.abort()

    # Frames

    def _heard(self, data: bytes) -> None:
        """A message straight from the socket, in the server's own turn: whatever is wrong here ends this socket alone."""
        if self._connection.closing:
            return
        try:
            self._take(data)
        except Exception:
            logger.exception("a fault while taking a frame")
            self._connection.end()

    def _take(self, data: bytes | None) -> None:
        frame: frames.ClientFrame | None = None
        try:
            take(self._rates.frames, 1.0 + len(data or b"") // limits.MAX_FRAME)
            if data is None:
                raise ProtocolError(Code.MALFORMED)
            frame = frames.parse(data)
            self._handle(frame)
        except ProtocolError as refusal:
            self._answer_refusal(refusal, frame)

    def _answer_refusal(self, refusal: ProtocolError, frame: frames.ClientFrame | None) -> None:
        if refusal.code is Code.MALFORMED:
            self._rates.frames.spend(MALFORMED_COST)
        elif refusal.code is Code.RATE_LIMITED:
            if self._patience is None:
                self._patience = Bucket(limits.REFUSED_RATE, monotonic())
            if self._patience.take(1.0, monotonic()):
                self._connection.end(REFUSED)
                return
        self._connection.send(error_frame(refusal, frame))

    def _handle(self, frame: frames.ClientFrame) -> None:
        if self._delivery.draining and isinstance(frame, frames.Send | frames.Commit):
            raise unavailable()  # what waits already is answered; this is for the process that comes next
        match frame:
            case frames.Send():
                self._append(frame)
            case frames.Cursor(rooms=rooms):
                self._note_cursors(rooms)
            case frames.Ping(id=id):
                self._connection.send(events.encode(events.Pong(id)))
            case frames.Fetch():
                self._later(frame, self._rates.fetches)
            case frames.Commit():
                self._later(frame, self._rates.commits)
            case frames.InboxAck():
                self._later(frame)
            case frames.Hello():
                raise ProtocolError(Code.MALFORMED, "this socket has said hello already")

    def _append(self, frame: frames.Send) -> None:
        take(self._rates.sends, 1.0 + len(frame.payload) // limits.SEND_STEP)
        try:
            header = private_message_header(frame.payload)
        except MlsError as error:
            raise ProtocolError(Code.MALFORMED, error.detail) from None
        if header != (frame.room, frame.epoch):
            raise ProtocolError(Code.MALFORMED, "the message is of another room or epoch than its frame says")
        connection = self._connection
        kind = Stored.CASE if connection.suspended else Stored.MESSAGES
        quota.take(kind, connection.account, connection.network, len(frame.payload) + ROW_BYTES)
        room = connection.rooms.get(frame.room)
        entry = Append(
            connection, UUID(bytes=frame.room) if room is None else room.id, connection.device, connection.sender_uri,
            frame.id, frame.epoch, frame.payload, frame.tag,
        )  # fmt: skip
        if room is None or connection.suspended:
            self._later(entry)
        else:
            self._delivery.store(entry)

    def _later(self, request: Request, rate: Bucket | None = None) -> None:
        if self._requests is None:
            self._requests = Requests(self._delivery, self._connection)
        self._requests.put(request, rate)

    def _note_cursors(self, rooms: list[tuple[bytes, int]]) -> None:
        connection = self._connection
        for room_id, seq in rooms:
            room = connection.rooms.get(room_id)
            if room is not None:
                seen = seq if seq <= room.last else connection.may_know(room, seq)
                self._delivery.cursors.note(room.id, connection.device, seen)
