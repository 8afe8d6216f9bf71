"""Bringing a connection what its device may hear: its rooms, each from what was given out here last, and its inbox."""

from __future__ import annotations

import asyncio
from uuid import UUID

from django.conf import settings

from chat.delivery import sync
from chat.delivery.connection import Connection
from chat.delivery.cursors import Cursors
from chat.delivery.hub import Hub
from chat.delivery.inbox import Inboxes
from chat.delivery.log import now_ms
from chat.delivery.readers import Readers
from chat.delivery.repair import Repair
from chat.protocol import events


class ComingIn:
    """`enter` for a new connection; `welcome` and `join` for one whose device may have come into rooms since."""

    def __init__(self, hub: Hub, readers: Readers, repair: Repair, inboxes: Inboxes, cursors: Cursors) -> None:
        self._hub = hub
        self._readers = readers
        self._repair = repair
        self._inboxes = inboxes
        self._cursors = cursors

    async def enter(self, connection: Connection, inbox_head: int) -> None:
        """Makes the connection its device's, subscribes it to its rooms, and sends `ready` and the inbox.

        `inbox_head` is the seq that the device's inbox had last given out, as read before.
        """
        self._hub.add(connection)
        try:
            found = await self._session(connection)
        except BaseException:
            self._hub.remove(connection)
            raise
        if self._hub.devices.get(connection.device) is not connection:
            return  # a newer one has taken its place meanwhile
        rooms = [
            (p.room.bytes, p.head, p.epoch, p.cursor) for p in (self._subscribe(connection, p) for p in found.places)
        ]
        connection.send(
            events.encode(
                events.Ready(
                    now_ms(),
                    settings.DOMAIN,
                    connection.account.bytes,
                    connection.device_hex,
                    rooms,
                    found.key_packages_left,
                    connection.suspended,
                )
            )
        )
        connection.ready = True
        waiting = found.inbox
        if waiting.frame is not None:
            connection.send(waiting.frame)
        if waiting.more:
            connection.inbox_seq = waiting.last
            self._inboxes.go_on(connection)
        else:
            connection.inbox_seq = max(waiting.last, inbox_head)
        self._cursors.greet(connection, found.places)

    async def welcome(self, device: int) -> None:
        """Brings a device here its inbox and the rooms that it has come into."""
        connection = self._hub.devices.get(device)
        if connection is None:
            return
        connection.changes += 1
        if not connection.ready:
            return
        await self._inboxes.bring(connection)
        await self.join(connection)

    async def join(self, connection: Connection, room: UUID | None = None) -> list[sync.Place]:
        """Subscribes it to its rooms, or to one if it is in it. Returns them with their heads as of then."""
        while True:
            changes = connection.changes
            places = await self._readers.run(sync.places, connection.device, room)
            for place in places:
                await self._given_out(place)
            if connection.changes == changes:
                break
        if self._hub.devices.get(connection.device) is not connection:
            return []
        return [self._subscribe(connection, place) for place in places]

    async def _session(self, connection: Connection) -> sync.Session:
        """Read until nothing changed while it was read; after that, what changes is told to the connection."""
        while True:
            changes = connection.changes
            found = await self._readers.run(sync.session, connection.device)
            for place in found.places:
                await self._given_out(place)
            if connection.changes == changes:
                return found

    def _subscribe(self, connection: Connection, place: sync.Place) -> sync.Place:
        head = self._hub.subscribe(place.room, connection, place.head)
        return sync.Place(place.room, head, place.epoch, place.cursor, place.joined_seq)

    async def _given_out(self, place: sync.Place) -> None:
        """Waits until the commit that lets a device in has been given out here: what is before is not for it."""
        room = self._hub.rooms.get(place.room)
        while room is not None and room.last < place.joined_seq:
            self._repair.fill(room)
            await asyncio.sleep(0.01)
            room = self._hub.rooms.get(place.room)
