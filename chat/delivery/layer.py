"""Between processes: one publication for a room and batch, one channel in each process, through the Channels layer.

It is only the fast way. What it loses or mixes up is found by seq and read from the log (repair.py), so nothing here
waits for it, and without it messages still arrive within a second.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections import deque
from collections.abc import Callable
from uuid import UUID

import msgspec
from channels.layers import get_channel_layer

from chat.delivery import messages
from chat.delivery.log import Batch
from chat.delivery.redis_layer import RedisLayer

logger = logging.getLogger(__name__)

EVERYONE = "everyone"
MAX_WAITING_BYTES = 16 * 1024 * 1024
MAX_MERGED_BYTES = 1024 * 1024
RETRY_SECONDS = 0.5


def process_group(process: bytes) -> str:
    return f"process.{process.hex()}"


def room_group(room: UUID) -> str:
    return f"room.{room.hex}"


def shared_layer() -> RedisLayer | None:
    """The layer, if it reaches other processes."""
    layer = get_channel_layer()
    return layer if isinstance(layer, RedisLayer) else None


class Layer:
    """`on_message` is called on the event loop with what other processes tell."""

    def __init__(self, on_message: Callable[[messages.AnyMessage], None]) -> None:
        self.id = os.urandom(8)
        self._layer = shared_layer()
        self._on_message = on_message
        self._outbox: deque[tuple[str, messages.AnyMessage]] = deque()
        #: The waiting message of each room that further entries can join.
        self._extensible: dict[UUID, messages.NewEntries] = {}
        self._waiting_bytes = 0
        self._wanted: dict[str, bool] = {}
        self._work = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._name = ""
        # Sender and receiver ask for the channel at once, and must be given the same one.
        self._naming = asyncio.Lock()

    @property
    def shared(self) -> bool:
        return self._layer is not None

    def start(self) -> None:
        if self._layer is not None:
            self._wanted[EVERYONE] = self._wanted[process_group(self.id)] = True
            self._tasks = [asyncio.create_task(work(self._layer)) for work in (self._receive, self._send)]
            self._work.set()

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    def follow(self, room: UUID, here: bool) -> None:
        """Begins or ends to hear of a room."""
        if self._layer is not None:
            self._wanted[room_group(room)] = here
            self._work.set()

    def tell_entries(self, batch: Batch) -> None:
        """What waits for a room already and is continued by this goes out together with it."""
        if self._layer is None:
            return
        size = sum(map(len, batch.packed))
        removed = list(batch.change.removed) if batch.change is not None else []
        waiting = self._extensible.get(batch.room)
        if waiting is not None and not removed and waiting.first + len(waiting.packed) == batch.first:
            waiting.packed.extend(batch.packed)
            self._waiting_bytes += size
        else:
            message = messages.NewEntries(self.id, batch.room, batch.first, list(batch.packed), removed)
            self._extensible[batch.room] = message
            self._put(room_group(batch.room), message, size)
        if removed or self._waiting_bytes > MAX_MERGED_BYTES:
            self._extensible.pop(batch.room, None)

    def tell_room(self, room: UUID, message: messages.AnyMessage) -> None:
        self._put(room_group(room), message)

    def tell_process(self, process: bytes, message: messages.AnyMessage, size: int = 64) -> None:
        self._put(process_group(process), message, size)

    def tell_everyone(self, message: messages.AnyMessage) -> None:
        self._put(EVERYONE, message)

    def _put(self, group: str, message: messages.AnyMessage, size: int = 64) -> None:
        if self._layer is None:
            return
        if self._waiting_bytes > MAX_WAITING_BYTES:
            # The layer is away or too slow; others read the log.
            self._outbox.clear()
            self._extensible.clear()
            self._waiting_bytes = 0
        self._outbox.append((group, message))
        self._waiting_bytes += size
        self._work.set()

    def _take(self) -> tuple[str, messages.AnyMessage]:
        group, message = self._outbox.popleft()
        if isinstance(message, messages.NewEntries) and self._extensible.get(message.room) is message:
            del self._extensible[message.room]
        if not self._outbox:
            self._waiting_bytes = 0
        return group, message

    async def _send(self, layer: RedisLayer) -> None:
        """One task, so that what is told first arrives first."""
        while True:
            await self._work.wait()
            self._work.clear()
            try:
                await self._change_groups(layer)
                await layer.connected()
                while self._outbox:
                    group, message = self._take()
                    layer.publish(group, messages.encode(message))
            except Exception as error:  # noqa: BLE001 (whatever a layer raises, the log is still there)
                logger.warning("the channel layer does not take messages: %s", type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
                self._work.set()

    async def _change_groups(self, layer: RedisLayer) -> None:
        channel = await self._channel(layer)
        while self._wanted:
            group, here = next(iter(self._wanted.items()))
            if here:
                await layer.group_add(group, channel)
            else:
                await layer.group_discard(group, channel)
            if self._wanted.get(group) is here:
                del self._wanted[group]

    async def _channel(self, layer: RedisLayer) -> str:
        async with self._naming:
            if not self._name:
                self._name = await layer.new_channel("kindred")
            return self._name

    async def _receive(self, layer: RedisLayer) -> None:
        while True:
            try:
                data = (await layer.receive(await self._channel(layer)))["data"]
                if data.find(self.id, 0, messages.HEAD) >= 0:
                    continue  # pub/sub tells everyone, also who told it
                message = messages.decode(data)
            except msgspec.DecodeError:
                logger.warning("a message from a process of another version was passed over")
                continue
            except Exception as error:  # noqa: BLE001 (as above)
                logger.warning("the channel layer does not answer: %s", type(error).__name__)
                await asyncio.sleep(RETRY_SECONDS)
                continue
            try:
                self._on_message(message)
            except Exception:
                # The next ones are heard all the same; what this one told is found in the log.
                logger.exception("a fault while hearing %s from another process", type(message).__name__)
