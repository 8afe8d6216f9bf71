"""A connection's frames whose answer takes reading or judging: one after the other, so that nobody has two in the works."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from uuid import UUID

from chat.delivery import sync
from chat.delivery.connection import Connection
from chat.delivery.log import Append, refused
from chat.delivery.process import Delivery
from chat.delivery.rates import Bucket, take
from chat.protocol import events, frames
from chat.protocol.errors import Code, ProtocolError, unavailable

logger = logging.getLogger(__name__)

MAX_QUEUED = 16

Request = frames.Fetch | frames.Commit | frames.InboxAck | Append


class Requests:
    """Made when the first such frame comes; its task lives only while something waits."""

    __slots__ = ("_connection", "_delivery", "_task", "_waiting")

    def __init__(self, delivery: Delivery, connection: Connection) -> None:
        self._delivery = delivery
        self._connection = connection
        self._waiting: deque[Request] = deque()
        self._task: asyncio.Task[None] | None = None

    def put(self, request: Request, rate: Bucket | None = None) -> None:
        """Raises rate_limited when too many wait already, which costs nothing of `rate`, or when that is used up."""
        if len(self._waiting) >= MAX_QUEUED:
            raise ProtocolError(Code.RATE_LIMITED, retry_after_ms=1000)
        if rate is not None:
            take(rate)
        self._waiting.append(request)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._work())

    def cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _work(self) -> None:
        connection = self._connection
        try:
            while self._waiting and not connection.closing:
                request = self._waiting.popleft()
                try:
                    await self._do(request)
                except ProtocolError as refusal:
                    connection.send(error_frame(refusal, request))
                except Exception:
                    logger.exception("a fault while answering a frame")
                    connection.send(error_frame(unavailable(), request))
        finally:
            self._task = None

    async def _do(self, request: Request) -> None:
        connection, delivery = self._connection, self._delivery
        if connection.suspended and not isinstance(request, frames.InboxAck):
            await self._refuse_others_rooms(request.room if isinstance(request, Append) else UUID(bytes=request.room))
        match request:
            case frames.Fetch():
                await self._page(request)
            case frames.Commit():
                await delivery.commit(connection, request)
            case frames.InboxAck(seq=seq):
                await delivery.acknowledge_inbox(connection, seq)
            case Append():
                await delivery.append(connection, request)

    async def _refuse_others_rooms(self, room: UUID) -> None:
        """A suspended account has the rooms of its own cases, and nothing else."""
        if not await self._delivery.readers.run(sync.places, self._connection.device, room):
            raise ProtocolError(Code.SUSPENDED)

    async def _page(self, frame: frames.Fetch) -> None:
        connection = self._connection
        if not await connection.emptied():
            return
        room = UUID(bytes=frame.room)
        page = await self._delivery.readers.run(sync.page, connection.device, room, frame.after, frame.limit)
        connection.paged(frame.room, page.head)
        connection.send(events.page_frame(frame.id, frame.room, page.packed, page.head))


def error_frame(refusal: ProtocolError, of: frames.ClientFrame | Append | None) -> bytes:
    """The `error` for what a client sent; None for a frame that could not be read."""
    if isinstance(of, Append):
        return refused(of, refusal)[1]
    return events.encode(events.error(refusal, getattr(of, "id", None), getattr(of, "room", None)))
