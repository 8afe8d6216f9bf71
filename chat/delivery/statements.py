# ruff: noqa: S608 (what is put together here are placeholders and names from this file alone)
"""The few statements of the hot path, in SQLite's and PostgreSQL's words, through Django's connection.

Rows of many rooms are locked, looked up and written together. All of it runs inside the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import psycopg
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
    """What appends are judged by: the rooms, locked; who may send to them; which entry ids they hold already.

    `senders` gives the time (ms) before which the room takes nothing of theirs, if there is one.
    """

    rooms: dict[UUID, RoomRow]
    senders: dict[tuple[UUID, int], int | None]
    repeats: dict[tuple[UUID, bytes], StoredRow]


class Cursor(Protocol):
    """What a statement needs of a cursor, Django's or the driver's."""

    def execute(self, query: Any, params: Any = ..., /) -> Any: ...
    def executemany(self, query: Any, params: Any, /) -> Any: ...
    def fetchall(self) -> list[Any]: ...


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

    def look(
        self, rooms: Sequence[UUID], senders: Sequence[tuple[UUID, int]], ids: Sequence[tuple[UUID, bytes]]
    ) -> Found:
        """Locks the rooms; looks up which (room, device) may send now, and which (room, entry id) are stored already."""
        with self._together(3) as (locked, may_send, stored):
            self._lock(locked, rooms)
            self._pairs(may_send, _SENDERS, senders)
            self._pairs(stored, _REPEATS, ids)
            return Found(
                self._locked(locked),
                {(self.uuid(room), device): until for room, device, until in may_send.fetchall()},
                {
                    (self.uuid(room), bytes(entry_id)): StoredRow(seq, at, None if frank is None else bytes(frank), key)
                    for room, entry_id, seq, at, frank, key in stored.fetchall()
                },
            )

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
        """So many cursors, whose statements reach the database together where that spares waiting."""
        with connection.cursor() as cursor:
            yield [cursor, *(connection.cursor() for _ in range(1, count))]

    def _locked(self, cursor: Cursor) -> dict[UUID, RoomRow]:
        return {self.uuid(room): RoomRow(*row) for room, *row in cursor.fetchall()}

    def _lock(self, cursor: Cursor, rooms: Sequence[UUID]) -> None:
        marks = ",".join(["%s"] * len(rooms))
        cursor.execute(
            f"SELECT id, epoch, head, first_sendable FROM chat_room WHERE id IN ({marks})",
            [self.room(room) for room in rooms],
        )

    def _pairs(self, cursor: Cursor, select: str, pairs: Sequence[tuple[UUID, Any]]) -> None:
        marks = ",".join(["(%s,%s)"] * len(pairs))
        cursor.execute(
            f"{select} (VALUES {marks})", [part for room, other in pairs for part in (self.room(room), other)]
        )

    def insert(self, cursor: Cursor, rows: Sequence[EntryRow]) -> None:
        marks = ",".join(["%s"] * len(EntryRow._fields))
        cursor.executemany(
            f"INSERT INTO chat_entry ({_COLUMNS}) VALUES ({marks})", [(row.room.hex, *row[1:]) for row in rows]
        )

    def set_heads(self, cursor: Cursor, heads: Sequence[tuple[UUID, int]]) -> None:
        cursor.executemany(
            "UPDATE chat_room SET head = %s WHERE id = %s", [(head, self.room(room)) for room, head in heads]
        )

    def set_cursors(self, cursor: Cursor, cursors: Sequence[tuple[UUID, int, int]]) -> None:
        """Moves cursors forward, never back: (room, device, seq)."""
        cursor.executemany(
            "UPDATE chat_roomdevice SET cursor = %s WHERE room_id = %s AND device_id = %s AND cursor < %s",
            [(seq, self.room(room), device, seq) for room, device, seq in cursors],
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
        connection.ensure_connection()
        raw = connection.connection
        with connection.wrap_database_errors, raw.pipeline():
            yield [psycopg.Cursor(raw) for _ in range(count)]

    def _lock(self, cursor: Cursor, rooms: Sequence[UUID]) -> None:
        # NO KEY: inserting an entry takes a key-share lock on its room, which need not wait.
        cursor.execute(
            "SELECT id, epoch, head, first_sendable FROM chat_room WHERE id = ANY(%b::uuid[]) "
            "ORDER BY id FOR NO KEY UPDATE",
            [list(rooms)],
        )

    def _pairs(self, cursor: Cursor, select: str, pairs: Sequence[tuple[UUID, Any]]) -> None:
        kind = "bytea" if isinstance(pairs[0][1], bytes) else "bigint"
        cursor.execute(
            f"{select} (SELECT * FROM unnest(%b::uuid[], %b::{kind}[]))",
            [[room for room, _ in pairs], [other for _, other in pairs]],
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

    def set_cursors(self, cursor: Cursor, cursors: Sequence[tuple[UUID, int, int]]) -> None:
        cursor.execute(
            "UPDATE chat_roomdevice rd SET cursor = n.seq "
            "FROM unnest(%b::uuid[], %b::bigint[], %b::bigint[]) AS n (room, device, seq) "
            "WHERE rd.room_id = n.room AND rd.device_id = n.device AND rd.cursor < n.seq",
            [list(column) for column in zip(*cursors, strict=True)],
        )


def statements() -> Statements:
    """Those for the default database."""
    return PostgresStatements() if connection.vendor == "postgresql" else Statements()
