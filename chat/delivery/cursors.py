"""Cursors: acknowledgements are gathered here and written once a second, and rooms hear what everyone has."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from itertools import islice
from uuid import UUID

from django.db import transaction

from chat import progress
from chat.delivery import sync
from chat.delivery.connection import Connection
from chat.delivery.franks import Franks
from chat.delivery.hub import Hub
from chat.delivery.layer import Layer
from chat.delivery.log import Batch
from chat.delivery.messages import DeliveredTo
from chat.delivery.readers import Readers
from chat.delivery.transport import Outgoing
from chat.delivery.writer import Writer
from chat.protocol import events

FLUSH_SECONDS = 1.0
CHUNK = 1000


class Cursors:
    """What all devices of a room have is told to `franks` too."""

    def __init__(self, hub: Hub, writer: Writer, readers: Readers, layer: Layer, franks: Franks) -> None:
        self._franks = franks
        self._hub = hub
        self._writer = writer
        self._readers = readers
        self._layer = layer
        self._waiting: dict[tuple[UUID, int], int] = {}
        #: Rooms of which it is not known here how far they have come, and where whoever came asks from.
        self._asked: dict[UUID, int] = {}

    def greet(self, connection: Connection, places: Iterable[sync.Place]) -> None:
        """Tells it how far its rooms have come since it joined, now or after a moment: it may have been away then."""
        known: list[bytes] = []
        for place in places:
            room = self._hub.rooms.get(place.room)
            if room is None or not room.delivered:
                self._asked[place.room] = min(place.joined_seq, self._asked.get(place.room, place.joined_seq))
            elif room.delivered > place.joined_seq:
                known.append(events.encode(events.Delivered(place.room.bytes, room.delivered)))
        if known:
            connection.write(Outgoing(*known))

    def note(self, room: UUID, device: int, seq: int) -> None:
        """The device has everything of the room up to seq."""
        key = (room, device)
        if seq > self._waiting.get(key, 0):
            self._waiting[key] = seq

    async def flush(self) -> None:
        """Writes what was noted, and tells rooms how far all of their devices have come.

        Raises ProtocolError(unavailable); then it is all still noted.
        """
        if not self._waiting and not self._asked:
            return
        taken, self._waiting = self._waiting, {}
        asked = {room: self._asked.pop(room) for room in list(islice(self._asked, CHUNK))}
        moved: dict[UUID, int] = {}
        try:
            cursors = sorted((room, device, seq) for (room, device), seq in taken.items())
            for start in range(0, len(cursors), CHUNK):
                for room, seqs in (await self._writer.run(partial(_store, cursors[start : start + CHUNK]))).items():
                    moved[room] = seqs.now
                    self._franks.note(room, seqs.before, seqs.now)
            reached = await self._readers.run(progress.known_to_all, asked.keys() - moved.keys()) if asked else {}
        except BaseException:
            self._asked = asked | self._asked
            for (room, device), seq in taken.items():
                self.note(room, device, seq)
            raise
        for room, seq in moved.items():
            self.tell(room, seq)
            self._layer.tell_room(room, DeliveredTo(self._layer.id, room, seq))
        for room, seq in reached.items():
            if seq > asked[room]:
                self.tell(room, seq)

    def tell(self, room_id: UUID, seq: int) -> None:
        room = self._hub.rooms.get(room_id)
        if room is not None and seq > room.delivered:
            room.delivered = seq
            self._hub.tell_room(room_id, events.Delivered(room_id.bytes, seq))


def _store(cursors: list[tuple[UUID, int, int]]) -> tuple[dict[UUID, progress.Reached], list[Batch]]:
    """Returns the seq that all devices of each room have, as it was and as it is now."""
    with transaction.atomic(durable=True):
        return progress.advance(cursors), []
