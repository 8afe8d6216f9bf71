"""Appending to rooms' logs: what is checked and stamped inside the one transaction that makes it durable."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection

from chat.delivery.durably import durably
from chat.delivery.statements import EntryRow, Found, RoomRow, Statements, StoredRow
from chat.franking import context, frank, room_uri
from chat.protocol import events, limits
from chat.protocol.errors import Code, ProtocolError
from chat.push.news import News

APPLICATION, COMMIT, PROPOSAL = 0, 1, 2


@dataclass(slots=True)
class Append:
    """An application message on its way into the log. `owner` is the connection to answer; it is never stored.

    `sender` is the sender's URI, bound into the frank alone.
    """

    owner: Any
    room: UUID
    device: int
    sender: str
    entry_id: bytes
    epoch: int
    payload: bytes
    tag: bytes


@dataclass(slots=True)
class Change:
    """Devices (primary keys) that come into or go out of a room with an entry.

    `added` gives each newcomer's inbox seq of `welcome`, 0 for one who came in without a Welcome; `seq` is the
    commit's.
    """

    added: dict[int, int] = field(default_factory=dict)
    removed: frozenset[int] = frozenset()
    welcome: bytes = b""
    seq: int = 0


Owner = tuple[int, Any, bytes]
"""(Index among a batch's entries, connection, its `accepted` frame, or nothing where it has been sent)."""


@dataclass(slots=True)
class Batch:
    """Consecutive new entries of one room from `first` on, packed, and which of them belong to whom."""

    room: UUID
    first: int
    packed: list[bytes] = field(default_factory=list)
    owners: list[Owner] = field(default_factory=list)
    change: Change | None = None

    @property
    def last(self) -> int:
        return self.first + len(self.packed) - 1


@dataclass(slots=True)
class Appended:
    """What came of a group of appends: batches to fan out, and frames for those who get nothing but an answer."""

    batches: list[Batch] = field(default_factory=list)
    answers: list[tuple[Any, bytes]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What franks are made with: the domain of URIs, the current hub key (32 bytes) and its id."""

    domain: str
    key_id: int
    key: bytes

    def frank(self, tag: bytes, sender: str, room: str, seq: int, accepted_ms: int) -> bytes:
        """`sender` and `room` are URIs."""
        return frank(self.key, tag, context(sender, room, seq, accepted_ms))


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def packed(row: EntryRow) -> bytes:
    return events.pack_entry(
        (row.seq, row.accepted_at, row.kind, row.epoch, row.entry_id, row.payload, row.tag, row.frank, row.hub_key)
    )


def accepted(entry_id: bytes, room: UUID, stored: StoredRow | EntryRow) -> bytes:
    """The `accepted` frame for what was stored, now or earlier."""
    return events.encode(
        events.Accepted(entry_id, room.bytes, stored.seq, stored.accepted_at, stored.frank, stored.hub_key)
    )


def refused(entry: Append, refusal: ProtocolError) -> tuple[Any, bytes]:
    return entry.owner, events.encode(events.error(refusal, entry.entry_id, entry.room.bytes))


def append_all(entries: list[Append], sql: Statements, stamp: Stamp, news: News | None = None) -> Appended:
    """Makes the entries durable together, in one transaction. Raises what the database raises; then none is stored.

    `news`, when push is on, is told in the same transaction.
    """
    done = Appended()
    told: list[tuple[UUID, int]] = []
    by_room: dict[UUID, list[Append]] = {}
    for entry in entries:
        by_room.setdefault(entry.room, []).append(entry)
    with durably():
        found = sql.look(
            {room: {entry.device for entry in own} for room, own in by_room.items()},
            {room: {entry.entry_id for entry in own} for room, own in by_room.items()},
        )
        at = now_ms()
        rows: list[EntryRow] = []
        for room, own in by_room.items():
            rows += _judge(room, own, found, stamp, at, done)
        if rows:
            sql.append(rows, [(batch.room, batch.last) for batch in done.batches])
            if news is not None:
                with connection.cursor() as cursor:
                    told = news.tell(cursor, [batch.room for batch in done.batches], at)
    if told and news is not None:
        news.committed(told)
    return done


def _judge(room: UUID, entries: list[Append], found: Found, stamp: Stamp, at: int, done: Appended) -> list[EntryRow]:
    """The rows of those entries of the room that are new and may come in; `done` gets them as a batch, and all answers."""
    locked = found.rooms.get(room)
    senders = found.senders.get(room, {})
    known = found.repeats.get(room, {})
    uri = room_uri(stamp.domain, room)
    batch = Batch(room, 0 if locked is None else locked.head + 1)
    rows: list[EntryRow] = []
    for entry in entries:
        refusal = _refusal(entry, locked, senders)
        if refusal is not None:
            done.answers.append(refused(entry, refusal))
            continue
        repeated = known.get(entry.entry_id)
        if repeated is not None:
            done.answers.append((entry.owner, accepted(entry.entry_id, room, repeated)))
            continue
        quiet_until = senders[entry.device]
        if quiet_until is not None and quiet_until > at:
            done.answers.append(refused(entry, ProtocolError(Code.MUTED, until=quiet_until)))
            continue
        seq = batch.first + len(rows)
        stamped = stamp.frank(entry.tag, entry.sender, uri, seq, at)
        row = EntryRow(
            room, seq, APPLICATION, entry.epoch, entry.entry_id, entry.payload, entry.tag, stamped, stamp.key_id, at
        )
        known[entry.entry_id] = StoredRow(seq, at, stamped, stamp.key_id)
        batch.owners.append((len(rows), entry.owner, accepted(entry.entry_id, room, row)))
        batch.packed.append(packed(row))
        rows.append(row)
    if rows:
        done.batches.append(batch)
    return rows


def _refusal(entry: Append, room: RoomRow | None, senders: dict[int, int | None]) -> ProtocolError | None:
    if room is None or entry.device not in senders:
        return ProtocolError(Code.NOT_IN_ROOM)
    if room.epoch == 0:
        return ProtocolError(Code.ROOM_NOT_READY)
    if entry.epoch > room.epoch:
        return ProtocolError(Code.STALE_EPOCH, "this epoch has not begun", epoch=room.epoch)
    # What is encrypted for an epoch of somebody who has gone since could be read by them, with the store in hand.
    if entry.epoch < max(1, room.epoch - limits.PAST_EPOCHS, room.first_sendable):
        return ProtocolError(Code.EPOCH_TOO_OLD, epoch=room.epoch)
    return None
