# ruff: noqa: S608 (what is put together here are names from this file alone)
"""Rooms that somebody else has locked: whoever sends to them is refused, and all others go on.

A lock is waited for once, with everything that is to be stored together. From then on the room is looked at before,
without waiting, until it is free again.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection

from chat.delivery.log import Append

logger = logging.getLogger(__name__)

MAX_KNOWN = 10_000
# SQLSTATE: lock_not_available, deadlock_detected, query_canceled (by statement_timeout).
_LOCKED, _DEADLOCK, _TOO_LONG = "55P03", "40P01", "57014"
# What an append locks: its room, and the wish to push for it.
_NOT_FREE = [
    f"WITH free AS MATERIALIZED (SELECT {name} FROM {table} WHERE {name} = ANY(%s::uuid[]) FOR NO KEY UPDATE SKIP LOCKED) "
    f"SELECT {name} FROM {table} WHERE {name} = ANY(%s::uuid[]) EXCEPT SELECT {name} FROM free"
    for table, name in (("chat_room", "id"), ("chat_pushnews", "room_id"))
]


def in_the_way(error: BaseException) -> bool:
    """Whether somebody else's lock is to blame, or a statement that took too long, and not a store that refuses."""
    return _state(error) in (_LOCKED, _DEADLOCK, _TOO_LONG)


def _state(error: BaseException) -> str | None:
    return getattr(error.__cause__, "sqlstate", None)


def not_free(rooms: Collection[UUID]) -> set[UUID]:
    """Those that somebody else has locked just now. In SQLite that is always all or none, and not asked for."""
    found: set[UUID] = set()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for statement in _NOT_FREE:
                cursor.execute(statement, [list(rooms), list(rooms)])
                found.update(room for (room,) in cursor.fetchall())
    return found


class LockedRooms:
    """Those that one log writer met. Used on its thread alone, outside of transactions."""

    def __init__(self) -> None:
        self._known: set[UUID] = set()

    def parted(self, entries: list[Append]) -> tuple[list[Append], list[Append]]:
        """The entries that can be stored now, and those whose rooms are held. Raises what the database raises."""
        if not self._known:
            return entries, []
        held = self._still({entry.room for entry in entries})
        if not held:
            return entries, []
        return [e for e in entries if e.room not in held], [e for e in entries if e.room in held]

    def holds(self, room: UUID) -> bool:
        """Whether it is one of them, and not free by now. Raises what the database raises."""
        return bool(self._known) and bool(self._still({room}))

    def blame(self, error: BaseException, rooms: Collection[UUID]) -> bool:
        """Finds out which of the rooms were in the way of what failed so. Returns whether to try again without those."""
        if not in_the_way(error):
            return False
        try:
            held = not_free(rooms)
        except (DatabaseError, InterfaceError) as another:
            logger.warning("it is not known which rooms are locked: %s", type(another).__name__)
            return False
        if held:
            logger.warning("%d rooms are locked by somebody else", len(held))
        if len(self._known) > MAX_KNOWN:
            self._known.clear()
        self._known |= held
        # What was in the way may have gone by now. A statement that took long by itself would do so again.
        return bool(held) or _state(error) != _TOO_LONG

    def _still(self, rooms: set[UUID]) -> set[UUID]:
        suspected = self._known & rooms
        if not suspected:
            return suspected
        held = not_free(suspected)
        self._known -= suspected - held
        return held
