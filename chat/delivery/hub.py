"""The hub of one process and event loop: which rooms reach which sockets, and in what order.

Each local room remembers the last seq that it has given out. What comes next in order goes out at once, as one frame
for all; what comes too early waits a moment for what is missing, which is then read from the log. So whatever the
way between processes loses or mixes up, a socket sees every entry once and in order.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable
from operator import itemgetter
from uuid import UUID

from chat.delivery.connection import LOW_BACKLOG, Connection
from chat.delivery.fanout import answer_owners, deliver, entries_of
from chat.delivery.local_room import LocalRoom, Seen
from chat.delivery.log import Appended, Batch, Change, Owner
from chat.delivery.transport import Outgoing
from chat.protocol import events
from chat.protocol.limits import MAX_ACCOUNT_CONNECTIONS

logger = logging.getLogger(__name__)

GAP_SECONDS = 0.1


def _nothing(*_: object) -> None:
    """Before anyone listens."""


def _nobody(*_: object) -> list[Owner]:
    return []


class Hub:
    """All methods run on the event loop. The `on_…` and `owners` are set by whoever repairs, follows, brings and hands over."""

    def __init__(self) -> None:
        self.rooms: dict[UUID, LocalRoom] = {}
        self.devices: dict[int, Connection] = {}
        self.on_gap: Callable[[LocalRoom], None] = _nothing
        self.on_room: Callable[[UUID, bool], None] = _nothing
        #: Devices that an old message says have been removed from the room: they may have come in again since.
        self.on_doubt: Callable[[UUID, Collection[int]], None] = _nothing
        #: Something waits in its inbox, and has to wait for its turn.
        self.on_inbox: Callable[[Connection], None] = _nothing
        #: Whose entries are that come from the log, besides those that the room knows of.
        self.owners: Callable[[UUID, list[bytes]], list[Owner]] = _nobody
        self._accounts: dict[UUID, tuple[Connection, ...]] = {}
        self._seen = Seen()

    # Who is here

    def add(self, connection: Connection) -> None:
        """Makes it its device's only connection, and closes what is more than an account may have."""
        before = self.devices.get(connection.device)
        if before is not None:
            self.cut(before, events.ByeCode.REPLACED, 0)
        others = self._accounts.get(connection.account, ())
        if len(others) >= MAX_ACCOUNT_CONNECTIONS:
            self.cut(others[0], events.ByeCode.REPLACED, 60_000)
        self.devices[connection.device] = connection
        self._accounts[connection.account] = (*self._accounts.get(connection.account, ()), connection)

    def remove(self, connection: Connection) -> None:
        # First of all: what waits in a room that closes now might let it in again.
        if self.devices.get(connection.device) is connection:
            del self.devices[connection.device]
        for room in list(connection.rooms.values()):
            self.unsubscribe(room, connection)
        left = tuple(other for other in self._accounts.get(connection.account, ()) if other is not connection)
        if left:
            self._accounts[connection.account] = left
        else:
            self._accounts.pop(connection.account, None)

    def cut(self, connection: Connection, code: events.ByeCode, retry_after_ms: int) -> None:
        """Nothing more reaches the connection but the reason."""
        self.remove(connection)
        connection.bye(code, retry_after_ms)

    def bar(self, device: int, code: events.ByeCode) -> None:
        connection = self.devices.get(device)
        if connection is not None:
            self.cut(connection, code, 0)

    def subscribe(self, room_id: UUID, connection: Connection, head: int) -> int:
        """From now on the room reaches the connection. `head` is the log's, as read before.

        Returns the seq after which live entries begin.
        """
        room = self.rooms.get(room_id)
        if room is None:
            room = self.rooms[room_id] = LocalRoom(room_id, max(head, self._seen.taken(room_id)))
            self.on_room(room_id, True)
        room.connections[connection] = None
        connection.rooms[room_id.bytes] = room
        return room.last

    def unsubscribe(self, room: LocalRoom, connection: Connection) -> None:
        connection.rooms.pop(room.id.bytes, None)
        room.connections.pop(connection, None)
        if not room.connections and self.rooms.get(room.id) is room:
            self._close(room)

    def _close(self, room: LocalRoom) -> None:
        """Nobody here hears it any more. What waited for its turn may still let somebody in."""
        del self.rooms[room.id]
        self._seen.see(room.id, room.last)
        self.on_room(room.id, False)
        held, room.held = room.held, {}
        for _, batch in sorted(held.items()):
            batch.owners = []  # they have been answered
            self.take(batch)

    def drop_devices(self, room_id: UUID, devices: Iterable[int]) -> None:
        """Removed devices get nothing more of the room, and are told so."""
        for device in devices:
            connection = self.devices.get(device)
            if connection is None:
                continue
            connection.changes += 1
            room = connection.rooms.get(room_id.bytes)
            if room is not None:
                connection.send(events.encode(events.RoomChanged(room_id.bytes, events.RoomChange.REMOVED)))
                self.unsubscribe(room, connection)

    # What is new

    def tell_room(self, room_id: UUID, event: events.Event) -> None:
        room = self.rooms.get(room_id)
        if room is not None:
            out = Outgoing(events.encode(event))
            for connection in tuple(room.connections):
                connection.write(out)

    def tell_network(self, network: UUID, event: events.Event) -> None:
        out = Outgoing(events.encode(event))
        for connection in list(self.devices.values()):
            if connection.network == network and connection.ready and not connection.suspended:
                connection.write(out)

    def tell_account(self, account: UUID, event: events.Event) -> None:
        out = Outgoing(events.encode(event))
        for connection in self._accounts.get(account, ()):
            if connection.ready:
                connection.write(out)

    def publish(self, done: Appended) -> None:
        """What the log writer made durable, in its order."""
        for owner, frame in done.answers:
            owner.send(frame)
        for batch in done.batches:
            try:
                self.take(batch)
            except Exception:
                # Others must not go without theirs. What is missing here is found by seq.
                logger.exception("a fault while giving out a batch")
                answer_owners(batch)

    def take(self, *batches: Batch) -> None:
        """New entries, from this process or another one. What follows on one another goes out together."""
        behind: dict[UUID, LocalRoom] = {}
        for batch in batches:
            if batch.change is not None and batch.change.removed:
                self._take_out(batch, batch.change.removed)
            room = self.rooms.get(batch.room)
            if room is None:
                self._seen.see(batch.room, batch.last)
                answer_owners(batch)
                self._admit(batch, batch.last)
            elif batch.first == room.last + 1 and (batch.owners or len(batches) == 1):
                self._deliver(room, batch)
                if room.held:
                    behind[room.id] = room
            else:
                answer_owners(batch)
                room.hold(batch)
                behind[room.id] = room
        for room in behind.values():
            self._release(room)
            if room.held:
                self.on_gap(room)

    def _take_out(self, batch: Batch, removed: Collection[int]) -> None:
        """At once, also where the batch comes before its turn; but what comes late may have been overtaken by the log."""
        room = self.rooms.get(batch.room)
        if room is not None and batch.last <= room.last:
            self.on_doubt(batch.room, removed)
        else:
            self.drop_devices(batch.room, removed)

    def deliver_from_log(self, room: LocalRoom, first: int, packed: list[bytes]) -> None:
        """Entries that were read from the log to close a gap; those given out meanwhile are left out."""
        end = first + len(packed)
        # Up to each entry that is held here and lets somebody in, who then hears the rest as well.
        for stop in (*room.openings(first, end), end):
            part = packed[max(0, room.last + 1 - first) : stop - first]
            if part:
                batch = room.with_skips(Batch(room.id, stop - len(part), part))
                batch.owners = sorted(batch.owners + self.owners(room.id, batch.packed), key=itemgetter(0))
                self._deliver(room, batch)
            self._release(room)

    def _release(self, room: LocalRoom) -> None:
        """Gives out what was held and is next now; forgets what the log has overtaken."""
        while (run := room.next_run()) is not None:
            if run.packed:
                self._deliver(room, run)
            else:
                self._admit(run, room.last)
        room.settle()

    def _deliver(self, room: LocalRoom, batch: Batch) -> None:
        room.last = batch.last
        deliver(room, batch)
        self._admit(batch, batch.last)

    def _admit(self, batch: Batch, head: int) -> None:
        """Newcomers get their Welcome, then the room."""
        if batch.change is None:
            return
        room = self.rooms.get(batch.room)
        out = room.held_out() if room is not None else ()
        for device, inbox_seq in batch.change.added.items():
            connection = self.devices.get(device)
            if connection is None:
                continue
            connection.changes += 1
            if not connection.ready:
                continue
            if inbox_seq > connection.inbox_seq:
                self._hand(connection, inbox_seq, batch.room, batch.change)
            if batch.room.bytes not in connection.rooms and device not in out:
                self.subscribe(batch.room, connection, head)
                # The first entry let it in; what was stored together with that comes after, so it is for it too.
                if len(batch.packed) > 1 and batch.first == batch.change.seq:
                    connection.send(entries_of(batch, 1, len(batch.packed)))

    def _hand(self, connection: Connection, inbox_seq: int, room: UUID, change: Change) -> None:
        """A Welcome at once where it is next in the inbox and little waits to leave; else it is read in its turn."""
        low = connection.transport.backlog() <= LOW_BACKLOG
        if low and not connection.bringing and inbox_seq == connection.inbox_seq + 1:
            connection.send(
                events.encode(events.Inbox([(inbox_seq, "welcome", room.bytes, change.seq, change.welcome)]))
            )
            connection.inbox_seq = inbox_seq
        else:
            self.on_inbox(connection)
