"""The wish to push, written in the transaction that makes entries durable: one row a room, however many are away.

Who is to be woken for it is found out later, by whoever works the outbox (rooms.py).
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper

MARGIN_MS = 1_000
"""How far the clocks of two machines may be apart."""
MAX_KNOWN = 20_000
# A row that waits stays as it is. One that is being looked at may be looked at too early for this entry: look again.
# One that is due later than a new one would be is of a clock that was ahead.
_TELL = """
INSERT INTO chat_pushnews (room_id, due_at, looks, claim, claimed_until) VALUES {rows}
ON CONFLICT (room_id) DO UPDATE SET due_at = excluded.due_at, looks = 0, claim = NULL, claimed_until = 0
WHERE chat_pushnews.claim IS NOT NULL OR chat_pushnews.looks > 0 OR chat_pushnews.due_at > excluded.due_at
RETURNING room_id, due_at
"""


class News:
    """One a log writer, used on its thread alone. `known` remembers the rows that wait for certain, so that a busy room
    costs a statement once in PUSH_GRACE_MS.

    This is safe because both this and whoever looks lock the room first: an entry that left the statement out is
    durable before anybody can look.
    """

    def __init__(self) -> None:
        self._known: dict[UUID, int] = {}

    def tell(self, cursor: CursorWrapper, rooms: Collection[UUID], now: int) -> list[tuple[UUID, int]]:
        """Inside the transaction, with the rooms locked. Returns what `committed` is to be given afterwards."""
        known = self._known
        due = now + settings.PUSH_GRACE_MS
        # One that is due later than `due` was told of before the clock was set back.
        unknown = [room for room in rooms if not now + MARGIN_MS <= known.get(room, 0) <= due]
        if not unknown:
            return []
        rows = ",".join(["(%s, %s, 0, NULL, 0)"] * len(unknown))
        text = connection.vendor == "sqlite"
        values = [part for room in unknown for part in (room.hex if text else room, due)]
        cursor.execute(_TELL.format(rows=rows), values)
        return [(room if isinstance(room, UUID) else UUID(room), at) for room, at in cursor.fetchall()]

    def committed(self, told: list[tuple[UUID, int]]) -> None:
        if len(self._known) > MAX_KNOWN:
            self._known.clear()
        self._known.update(told)
