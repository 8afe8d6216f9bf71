"""Delivery in this process: the writer, the hub and what connects them, one of each for an event loop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from contextlib import suppress
from functools import partial
from uuid import UUID
from weakref import WeakKeyDictionary

from django.conf import settings
from django.utils import timezone

from chat.delivery import inbox, messages
from chat.delivery.cleanup import ROUND_SECONDS as CLEANUP_SECONDS
from chat.delivery.cleanup import Cleanup
from chat.delivery.coming_in import ComingIn
from chat.delivery.commit_store import earlier, store
from chat.delivery.commits import Groups, judge, know, outdated
from chat.delivery.connection import Connection
from chat.delivery.cursors import FLUSH_SECONDS, Cursors
from chat.delivery.drain import ANSWERS_SECONDS, on_signal
from chat.delivery.forwards import Forwards, own_alone
from chat.delivery.franks import LOOK_SECONDS as FRANKS_SECONDS
from chat.delivery.franks import Franks
from chat.delivery.hearing import Hearing
from chat.delivery.hub import Hub
from chat.delivery.layer import Layer
from chat.delivery.log import Append, Appended, Stamp
from chat.delivery.own_cases import append_own
from chat.delivery.presence import FLUSH_SECONDS as PRESENCE_SECONDS
from chat.delivery.presence import Presence
from chat.delivery.quota import MEASURE_SECONDS, ROW_BYTES, Stored, quota
from chat.delivery.rates import Rates
from chat.delivery.readers import Readers
from chat.delivery.removals import Removal
from chat.delivery.repair import Repair
from chat.delivery.retention import ROUND_SECONDS, Retention
from chat.delivery.rounds import BESIDE_SECONDS, Clock, look_beside
from chat.delivery.visits import FLUSH_SECONDS as VISIT_SECONDS
from chat.delivery.visits import Visits
from chat.delivery.writer import Again, Writer
from chat.protocol import events
from chat.protocol.errors import Code, ProtocolError, unavailable
from chat.protocol.frames import Commit
from chat.push import inside

logger = logging.getLogger(__name__)

ALONE = 5.0
"""A single process is told everything, so it looks for what it missed five times less often."""
TRIES = 3
KEYS_SECONDS = 1.0


def stamp() -> Stamp:
    """What this installation's franks are made with from now on."""
    return Stamp(settings.DOMAIN, *settings.HUB_KEYS.newest())


def known_stamp() -> Stamp:
    """The same for the event loop, where no file is looked at: a second old at most."""
    return Stamp(settings.DOMAIN, *settings.HUB_KEYS.known())


class Delivery:
    """Made by `here`. Everything but `announce_removal` and its like runs on the event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.draining = False
        self._cleaning: list[asyncio.Task[None]] = []
        self.domain: str = settings.DOMAIN
        self.hub = Hub()
        self.readers = Readers()
        self.layer = Layer(Hearing(self).heard)
        self.writer = Writer(loop, stamp, self.publish)
        self.forwards = Forwards(loop, self.layer, known_stamp, self.writer.append)
        self.franks = Franks(self.writer)
        self.cursors = Cursors(self.hub, self.writer, self.readers, self.layer, self.franks)
        self.repair = Repair(self.hub, self.readers, self.welcome, 1.0 if self.layer.shared else ALONE)
        self.inboxes = inbox.Inboxes(self.readers, self.repair.keep)
        self.coming_in = ComingIn(self.hub, self.readers, self.repair, self.inboxes, self.cursors)
        self.visits = Visits(self.writer)
        self.presence = Presence(self.layer.id.hex(), self.hub, self.writer)
        self.rates = Rates()
        self.groups = Groups()
        self.hub.on_gap = self.repair.on_gap
        self.hub.on_doubt = self.repair.doubt
        self.hub.on_room = self.layer.follow
        self.hub.on_inbox = self.inboxes.go_on
        self.hub.owners = self.forwards.owners

    def start(self) -> None:
        self.writer.start()
        self.layer.start()
        self.repair.start()
        self.repair.every(FLUSH_SECONDS, self.cursors.flush)
        self.repair.every(FRANKS_SECONDS, self.franks.look)
        self.repair.every(VISIT_SECONDS, self.visits.flush)
        self.repair.every(PRESENCE_SECONDS, self.presence.flush)
        self.repair.every(KEYS_SECONDS, self._renew_keys)
        self.repair.keep(self._measure_first())
        self.repair.every(MEASURE_SECONDS, self._measure)
        if settings.CLEAN_INSIDE:
            clock = Clock()
            self._cleaning = [
                self.repair.every(ROUND_SECONDS, Retention(self.writer, self.readers, clock, self.back).look),
                self.repair.every(CLEANUP_SECONDS, Cleanup(self.writer, self.readers, clock, self.closed).look),
                self.repair.every(BESIDE_SECONDS, look_beside),
            ]
        on_signal(self.loop, self.drain)

    async def _renew_keys(self) -> None:
        await asyncio.to_thread(settings.HUB_KEYS.newest)

    async def _measure(self) -> None:
        await self.readers.run(quota.measure)

    async def _measure_first(self) -> None:
        with suppress(ProtocolError):
            await self._measure()

    async def drain(self) -> None:
        """Answers what was sent, says goodbye to everyone, and keeps their cursors."""
        self.draining = True
        for task in self._cleaning:
            task.cancel()  # one change after the other of theirs would keep everybody from their goodbye
        self.forwards.stop()
        try:
            async with asyncio.timeout(ANSWERS_SECONDS):
                await self.writer.idle()
        except TimeoutError:
            logger.warning("not everything that was sent could be answered before the process ends")
        for connection in list(self.hub.devices.values()):
            self.hub.cut(connection, events.ByeCode.DRAINING, 500)
        try:
            await self.cursors.flush()
            await self.visits.flush()
            await self.presence.leave()
        except ProtocolError:
            return  # clients acknowledge again where they connect next, and a presence without beat is passed over
        finally:
            await asyncio.to_thread(inside.stop)

    # From sockets

    async def welcome(self, device: int) -> None:
        """Brings a device here its inbox and the rooms that it has come into."""
        await self.coming_in.welcome(device)

    async def append(self, connection: Connection, entry: Append) -> None:
        """For a device that the hub does not know in this room: it may have come in by another process."""
        if not await self.coming_in.join(connection, entry.room):
            raise ProtocolError(Code.NOT_IN_ROOM)
        if connection.suspended:
            for owner, frame in await self.writer.run(partial(append_own, entry, known_stamp()), entry.room):
                owner.send(frame)
        else:
            self.store(entry)

    def store(self, entry: Append) -> None:
        """Makes it durable, here or where the room is written anyway. Raises `unavailable` when too much waits."""
        if not self.forwards.take(entry):
            self.writer.append(entry)

    async def commit(self, connection: Connection, frame: Commit) -> None:
        """Judges and stores a commit; the connection is answered with the batch, or here when it is a repeated one."""
        repeated = await self.readers.run(earlier, connection.device, frame)
        for _ in range(TRIES):
            if repeated is not None:
                # A device that was not answered the first time was perhaps not brought into the room either.
                await self.coming_in.join(connection, UUID(bytes=frame.room))
                connection.send(repeated)
                return
            known = await self.readers.run(know, connection.device, frame)
            try:
                facts = await self.readers.run(judge, known, frame, self.groups, timezone.now())
            except ProtocolError:
                if await self.readers.run(outdated, known):
                    continue
                raise
            _take_quota(connection, frame)
            try:
                repeated = await self.writer.run(partial(store, known, frame, facts, connection), known.room.id)
            except Again:
                continue
            if repeated is None:
                self.groups.put(known.room.id, facts.after)
                return
        raise unavailable()

    async def acknowledge_inbox(self, connection: Connection, seq: int) -> None:
        given = min(seq, connection.inbox_seq)
        await self.writer.run(partial(inbox.acknowledge, connection.device, given, own_cases=connection.suspended))

    # To sockets

    def publish(self, done: Appended) -> None:
        for batch in done.batches:
            own_alone(batch)
        self.hub.publish(done)
        for batch in done.batches:
            self.layer.tell_entries(batch)
            if batch.change is not None and batch.change.added:
                self.layer.tell_everyone(messages.Admitted(self.layer.id, batch.room, list(batch.change.added)))

    async def closed(self, network: UUID, room: UUID) -> None:
        """An open room that nobody founded has gone."""
        self.hub.tell_network(network, events.RoomChanged(room.bytes, events.RoomChange.CLOSED))
        self.layer.tell_everyone(messages.NetworkRoom(self.layer.id, network, room, events.RoomChange.CLOSED))

    async def back(self, concerned: Collection[UUID]) -> None:
        """Somebody of the staff is suspended no more, which concerns these accounts."""
        for account in concerned:
            self.hub.tell_account(account, events.AccountChanged(events.AccountChange.CASES))
            self.layer.tell_everyone(messages.AccountNews(self.layer.id, account, events.AccountChange.CASES))

    def removed(self, removal: Removal) -> None:
        """What `remove_devices` stored."""
        if removal.batch is not None:
            self.publish(Appended(batches=[removal.batch]))
        elif removal.devices:
            self.hub.drop_devices(removal.room, removal.devices)
            self.layer.tell_everyone(messages.Removed(self.layer.id, removal.room, list(removal.devices)))


def _take_quota(connection: Connection, frame: Commit) -> None:
    """A group info takes the place of the one before; that of a new room has none."""
    size = len(frame.commit) + len(frame.welcome or b"") + (0 if frame.epoch else len(frame.group_info)) + ROW_BYTES
    quota.take(Stored.HANDSHAKES, connection.account, connection.network, size)


_running: WeakKeyDictionary[asyncio.AbstractEventLoop, Delivery] = WeakKeyDictionary()


def here() -> Delivery:
    """The running event loop's, started when it is first asked for."""
    loop = asyncio.get_running_loop()
    delivery = _running.get(loop)
    if delivery is None:
        delivery = _running[loop] = Delivery(loop)
        delivery.start()
    return delivery


def running() -> Delivery | None:
    """This process's, if sockets have been served: for code on other threads."""
    for loop, delivery in list(_running.items()):
        if loop.is_running():
            return delivery
    return None
