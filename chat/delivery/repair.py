"""Finding what a process was not told, and reading it from the log: gaps, forgotten heads, inboxes, bars."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from uuid import UUID

from chat.delivery import sync
from chat.delivery.hub import GAP_SECONDS, Hub
from chat.delivery.local_room import LocalRoom
from chat.delivery.readers import Readers
from chat.delivery.rounds import rounds
from chat.protocol.errors import ProtocolError
from chat.protocol.events import ByeCode

logger = logging.getLogger(__name__)

HEADS_SECONDS = 0.3
SETTLE_SECONDS = 0.1
"""How long a room may be behind the log's head before it has missed something: its news may be on its way."""
DEVICES_SECONDS = 5.0
STRETCH = 200
MAX_PAUSE_SECONDS = 5.0
CHUNK = 500


class Repair:
    """`pace` scales the rounds: a single process is told everything and looks less often."""

    def __init__(self, hub: Hub, readers: Readers, welcome: Callable[[int], Awaitable[None]], pace: float) -> None:
        self._hub = hub
        self._readers = readers
        self._welcome = welcome
        self._pace = pace
        #: How long to wait for what is missing: longer and longer while the database cannot be read.
        self._pause = GAP_SECONDS
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        self.every(HEADS_SECONDS * self._pace, self.look_at_heads)
        self.every(DEVICES_SECONDS, self.look_at_devices)

    def every(self, seconds: float, look: Callable[[], Awaitable[None]]) -> asyncio.Task[None]:
        """Does it again and again; when the database cannot be read, the next time counts."""
        return self.keep(rounds(seconds, look))

    def stop(self) -> None:
        for task in self._tasks:
            task.cancel()

    def on_gap(self, room: LocalRoom) -> None:
        """Something came before its turn: what is missing is probably on its way, so wait a moment."""
        if not room.filling:
            room.filling = True
            asyncio.get_running_loop().call_later(self._pause, self._after_gap, room)

    def _after_gap(self, room: LocalRoom) -> None:
        room.filling = False
        if room.held:
            self.fill(room)

    def fill(self, room: LocalRoom) -> None:
        """Reads and gives out what the log holds after the room's last."""
        if not room.filling:
            room.filling = True
            self.keep(self._fill(room))

    def keep(self, work: Awaitable[None]) -> asyncio.Task[None]:
        """Runs it beside everything else, until it is done or delivery ends."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _fill(self, room: LocalRoom) -> None:
        try:
            while self._hub.rooms.get(room.id) is room:
                last = room.last
                found = await self._readers.run(sync.stretch, room.id, last, STRETCH)
                self._pause = GAP_SECONDS
                if not found.packed:
                    # The end of the log, or all the rest has gone from it.
                    gone = await self._readers.run(sync.gone_up_to, room.id, room.last)
                    # Only now: more may have been given out while it was read.
                    room.last = max(room.last, gone)
                    self._hub.deliver_from_log(room, room.last + 1, [])
                    break
                if found.members is not None:
                    if room.last != last:
                        continue  # who has come in meanwhile is not among them
                    here = [connection.device for connection in room.connections]
                    self._hub.drop_devices(room.id, [device for device in here if device not in found.members])
                # What is no longer kept cannot be given out; clients see by seq that it is missing.
                room.last = max(room.last, found.first - 1)
                self._hub.deliver_from_log(room, found.first, found.packed)
        except ProtocolError:
            logger.warning("a gap could not be filled: the database cannot be read")
            self._pause = min(MAX_PAUSE_SECONDS, 2 * self._pause)
        finally:
            room.filling = False
        if room.held:
            self.on_gap(room)

    def doubt(self, room: UUID, devices: Collection[int]) -> None:
        """Takes out of the room those of the devices that are really out of it by the log."""
        here = [device for device in devices if device in self._hub.devices]
        if here:
            self.keep(self._judge(room, here))

    async def _judge(self, room_id: UUID, devices: list[int]) -> None:
        try:
            while True:
                last = self._last(room_id)
                inside = await self._readers.run(sync.inside, room_id, devices)
                if self._last(room_id) == last:
                    break  # else somebody may have come in while it was read
        except ProtocolError:
            logger.warning("it is not known who was removed from a room: the database cannot be read")
            self.keep(self._again(room_id, devices))
            return
        self._hub.drop_devices(room_id, [device for device in devices if device not in inside])

    async def _again(self, room_id: UUID, devices: list[int]) -> None:
        await asyncio.sleep(MAX_PAUSE_SECONDS)
        self.doubt(room_id, devices)

    def _last(self, room_id: UUID) -> int | None:
        room = self._hub.rooms.get(room_id)
        return None if room is None else room.last

    async def look_at_heads(self) -> None:
        """A room that is behind its head, and has not moved on a moment later, has missed something."""
        rooms = list(self._hub.rooms)
        for start in range(0, len(rooms), CHUNK):
            heads = await self._readers.run(sync.heads, rooms[start : start + CHUNK])
            behind = [
                (room, room.last)
                for room_id, head in heads.items()
                if (room := self._hub.rooms.get(room_id)) is not None and head > room.last
            ]
            if behind:
                asyncio.get_running_loop().call_later(SETTLE_SECONDS * self._pace, self._fill_those_left, behind)

    def _fill_those_left(self, behind: list[tuple[LocalRoom, int]]) -> None:
        for room, last in behind:
            if room.last == last and self._hub.rooms.get(room.id) is room:
                self.fill(room)

    async def look_at_some(self, devices: Collection[int]) -> None:
        """Cuts off those of the devices that may not be here, by what the database says now."""
        here = [device for device in devices if device in self._hub.devices]
        if not here:
            return
        try:
            self._bar(here, await self._readers.run(sync.barred, here))
        except ProtocolError:
            logger.warning("devices are cut off later: the database cannot be read")  # look_at_devices does

    async def look_at_devices(self) -> None:
        """Cuts off who was revoked, suspended or deleted, or is suspended no more, and brings Welcomes that nobody announced."""
        devices = list(self._hub.devices)
        for start in range(0, len(devices), CHUNK):
            some = devices[start : start + CHUNK]
            self._bar(some, await self._readers.run(sync.barred, some))
            for device, seq in (await self._readers.run(sync.inbox_heads, some)).items():
                connection = self._hub.devices.get(device)
                if connection is not None and connection.ready and connection.inbox_seq < seq:
                    await self._welcome(device)

    def _bar(self, devices: list[int], barred: dict[int, ByeCode]) -> None:
        for device in devices:
            code, connection = barred.get(device), self._hub.devices.get(device)
            limited = connection is not None and connection.suspended
            if code is None and limited:
                self._hub.bar(device, ByeCode.DRAINING)  # its suspension is over: it comes back to all of its rooms
            elif code is not None and not (limited and code is ByeCode.SUSPENDED):
                self._hub.bar(device, code)
