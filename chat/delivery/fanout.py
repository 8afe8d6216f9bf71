"""Writing a batch to a room's sockets: framed once, one write for each socket."""

from __future__ import annotations

from chat.delivery.connection import Connection
from chat.delivery.local_room import LocalRoom
from chat.delivery.log import Batch
from chat.delivery.transport import Outgoing
from chat.protocol import events


def deliver(room: LocalRoom, batch: Batch) -> None:
    """Everyone gets the batch's entries; a sender gets its `accepted` in the place of its own instead of a copy."""
    others = tuple(room.connections)
    if batch.owners:
        own: dict[Connection, list[tuple[int, bytes]]] = {}
        for index, owner, answer in batch.owners:
            own.setdefault(owner, []).append((index, answer))
        for owner, mine in own.items():
            _write_around(room, batch, owner, mine)
        others = tuple(connection for connection in others if connection not in own)
    if others:
        out = Outgoing(entries_of(batch, 0, len(batch.packed)))
        for connection in others:
            connection.write(out)


def entries_of(batch: Batch, start: int, end: int) -> bytes:
    """An `entries` frame with those of the batch."""
    run = batch.packed[start:end]
    return events.entries_frame(batch.room.bytes, len(run), b"".join(run))


def answer_owners(batch: Batch) -> None:
    for _, owner, answer in batch.owners:
        if answer:
            owner.send(answer)


def _write_around(room: LocalRoom, batch: Batch, owner: Connection, mine: list[tuple[int, bytes]]) -> None:
    """The others' entries in runs, each own one's `accepted` (empty when it was sent already) between them: one write."""
    subscribed = owner in room.connections
    payloads: list[bytes] = []
    start = 0
    for index, answer in [*mine, (len(batch.packed), b"")]:
        if subscribed and start < index:
            payloads.append(entries_of(batch, start, index))
        if answer:
            payloads.append(answer)
        start = index + 1
    if payloads:
        owner.write(Outgoing(*payloads))
