# ruff: noqa: S608 (what is put together here are placeholders and names from this file alone)
"""The few statements of the hot path, in SQLite's and PostgreSQL's words, through Django's connection.

Rows of many rooms are locked, looked up and written together. All of it runs inside the caller's transaction.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from django.db import connection


class RoomRow(NamedTuple):
    """A locked room: its group's epoch, its log's last seq, and the first epoch whose messages it takes."""

    epoch: int
    head: int
    first_sendable: int


class EntryRow(NamedTuple):
    """An entry in the order of the table's columns as INSERT names them; `accepted_at` in ms."""

    room: UUID
    seq: int
    kind: int
    epoch: int
    entry_id: bytes
    payload: bytes
    tag: bytes | None
    frank: bytes | None
    hub_key: int
    accepted_at: int


class StoredRow(NamedTuple):
    """What a repeated entry is answered with."""

    seq: int
    accepted_at: int
    frank: bytes | None
    hub_key: int


class Found(NamedTuple):
    """What appends are judged by: the rooms, locked; the devices that may send to each; what each holds already by id.

    `senders` gives the time (ms) before which the room takes nothing of theirs, if there is one.
    """

    rooms: dict[UUID, RoomRow]
    senders: dict[UUID, dict[int, int | None]]
    repeats: dict[UUID, dict[bytes, StoredRow]]


class Cursor(Protocol):
    """What a statement needs of a cursor, Django's or the driver's."""

    def execute(self, query: Any, params: Any = ..., /) -> Any: ...
    def executemany(self, query: Any, params: Any, /) -> Any: ...
    def fetchall(self) -> list[Any]: ...


class _Plain:
    """SQLite's cursor without Django's work around each statement, which cost more than the statement."""

    __slots__ = ("_cursor", "fetchall")

    def __init__(self, database: sqlite3.Connection) -> None:
        self._cursor = database.cursor(sqlite3.Cursor)
        self.fetchall = self._cursor.fetchall

    def execute(self, query: str, values: Sequence[Any] = (), /) -> None:
        self._cursor.execute(_marked(query), values)

    def executemany(self, query: str, rows: Iterable[Sequence[Any]], /) -> None:
        self._cursor.executemany(_marked(query), rows)


@lru_cache(maxsize=1024)
def _marked(query: str) -> str:
    """The statement with SQLite's marks for values. Those here hold no other per cent signs."""
    return query.replace("%s", "?")


_COLUMNS = "room_id, seq, kind, epoch, entry_id, payload, tag, frank, hub_key, accepted_at"
# A device counts while it is in the room, not revoked, and its account not suspended.
_SENDERS = """
SELECT rd.room_id, rd.device_id, m.until FROM chat_roomdevice rd
JOIN chat_device d ON d.id = rd.device_id JOIN chat_account a ON a.id = d.account_id
LEFT JOIN chat_roommute m ON m.room_id = rd.room_id AND m.account_id = d.account_id
WHERE rd.removed_at IS NULL AND d.revoked_at IS NULL AND a.suspended_at IS NULL AND (rd.room_id, rd.device_id) IN
"""
_REPEATS = "SELECT room_id, entry_id, seq, accepted_at, frank, hub_key FROM chat_entry WHERE (room_id, entry_id) IN "


class Statements:
    """SQLite: whoever holds the write lock (BEGIN IMMEDIATE) has every room to itself."""

    def look(self, senders: Mapping[UUID, Collection[int]], ids: Mapping[UUID, Collection[bytes]]) -> Found:
        """Locks the rooms; looks up which of their devices may send now, and which entry ids are stored already."""
        names = {self.room(room): room for room in senders}
        with self._together(3) as (locked, may_send, stored):
            self._lock(locked, list(senders))
            self._pairs(may_send, _SENDERS, senders)
            self._pairs(stored, _REPEATS, ids)
        # Only now: while results are asked for one by one, PostgreSQL does not count the transaction as idle.
        with connection.wrap_database_errors:
            found = Found(self._locked(locked), {room: {} for room in senders}, {room: {} for room in senders})
            for room, device, until in may_send.fetchall():
                found.senders[names[room]][device] = until
            for room, entry_id, seq, at, frank, key in stored.fetchall():
                row = StoredRow(seq, at, None if frank is None else bytes(frank), key)
                found.repeats[names[room]][bytes(entry_id)] = row
            return found

    def append(self, rows: Sequence[EntryRow], heads: Sequence[tuple[UUID, int]]) -> None:
        """Inserts the entries and moves their rooms' heads."""
        with self._together(2) as (entries, rooms):
            self.insert(entries, rows)
            self.set_heads(rooms, heads)

    def lock_rooms(self, cursor: Cursor, rooms: Sequence[UUID]) -> dict[UUID, RoomRow]:
        """The rooms that exist. Nobody else appends to them until the transaction ends."""
        self._lock(cursor, rooms)
        return self._locked(cursor)

    def room(self, value: UUID) -> Any:
        return value.hex

    def uuid(self, value: Any) -> UUID:
        return UUID(value)

    @contextmanager
    def _together(self, count: int) -> Iterator[list[Cursor]]:
        """The driver's own cursors, whose statements reach the database together where that spares waiting."""
        connection.ensure_connection()
        with connection.wrap_database_errors:
            yield [_Plain(connection.connection) for _ in range(count)]

    def _locked(self, cursor: Cursor) -> dict[UUID, RoomRow]:
        return {self.uuid(room): RoomRow(*row) for room, *row in cursor.fetchall()}

    def _lock(self, cursor: Cursor, rooms: Sequence[UUID]) -> None:
        marks = ",".join(["%s"] * len(rooms))
        cursor.execute(
            f"SELECT id, epoch, head, first_sendable FROM chat_room WHERE id IN ({marks})",
            [self.room(room) for room in rooms],
        )

    def _pairs(self, cursor: Cursor, select: str, pairs: Mapping[UUID, Collection[Any]]) -> None:
        values: list[Any] = []
        for room, others in pairs.items():
            name = self.room(room)
            for other in others:
                values += (name, other)
        marks = ",".join(["(%s,%s)"] * (len(values) // 2))
        cursor.execute(f"{select} (VALUES {marks})", values)

    def insert(self, cursor: Cursor, rows: Sequence[EntryRow]) -> None:
        marks = ",".join(["%s"] * len(EntryRow._fields))
        cursor.executemany(
            f"INSERT INTO chat_entry ({_COLUMNS}) VALUES ({marks})", [(row.room.hex, *row[1:]) for row in rows]
        )

    def set_heads(self, cursor: Cursor, heads: Sequence[tuple[UUID, int]]) -> None:
        cursor.executemany(
            "UPDATE chat_room SET head = %s WHERE id = %s", [(head, self.room(room)) for room, head in heads]
        )

    def forget_franks(self, cursor: Cursor, ranges: Sequence[tuple[UUID, int, int]]) -> None:
        """Takes out the franks of entries: (room, after which seq, up to which)."""
        cursor.executemany(
            "UPDATE chat_entry SET frank = NULL WHERE room_id = %s AND seq > %s AND seq <= %s AND frank IS NOT NULL",
            [(self.room(room), after, last) for room, after, last in ranges],
        )


class PostgresStatements(Statements):
    """PostgreSQL: row locks on the rooms, taken in one order so that two processes never wait for each other."""

    def room(self, value: UUID) -> Any:
        return value

    def uuid(self, value: UUID) -> UUID:
        return value

    @contextmanager
    def _together(self, count: int) -> Iterator[list[Cursor]]:
        """The driver's own cursors, which send values as bytes instead of quoting them, in one round trip."""
        # Only where there is PostgreSQL: importing its driver is a tenth of a start.
        from chat.delivery.pipelined import cursors

        connection.ensure_connection()
        with connection.wrap_database_errors, cursors(connection.connection, count) as made:
            yield [*made]

    def _lock(self, cursor: Cursor, rooms: Sequence[UUID]) -> None:
        # NO KEY: inserting an entry takes a key-share lock on its room, which need not wait.
        cursor.execute(
            "SELECT id, epoch, head, first_sendable FROM chat_room WHERE id = ANY(%b::uuid[]) "
            "ORDER BY id FOR NO KEY UPDATE",
            [list(rooms)],
        )

    def _pairs(self, cursor: Cursor, select: str, pairs: Mapping[UUID, Collection[Any]]) -> None:
        others = [other for own in pairs.values() for other in own]
        kind = "bytea" if isinstance(others[0], bytes) else "bigint"
        cursor.execute(
            f"{select} (SELECT * FROM unnest(%b::uuid[], %b::{kind}[]))",
            [[room for room, own in pairs.items() for _ in own], others],
        )

    def insert(self, cursor: Cursor, rows: Sequence[EntryRow]) -> None:
        cursor.execute(
            f"INSERT INTO chat_entry ({_COLUMNS}) SELECT * FROM unnest(%b::uuid[], %b::bigint[], %b::smallint[], "
            "%b::bigint[], %b::bytea[], %b::bytea[], %b::bytea[], %b::bytea[], %b::smallint[], %b::bigint[])",
            [list(column) for column in zip(*rows, strict=True)],
        )

    def set_heads(self, cursor: Cursor, heads: Sequence[tuple[UUID, int]]) -> None:
        rooms, values = zip(*heads, strict=True)
        cursor.execute(
            "UPDATE chat_room r SET head = n.head FROM unnest(%b::uuid[], %b::bigint[]) AS n (id, head) "
            "WHERE r.id = n.id",
            [list(rooms), list(values)],
        )


def statements() -> Statements:
    """Those for the default database."""
    return PostgresStatements() if connection.vendor == "postgresql" else Statements()
