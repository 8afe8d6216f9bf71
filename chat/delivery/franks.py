"""Taking out the franks of entries that every device has: with a hub key beside the database they would name senders.

Each of them is a row that is written anew, so it is done a little at a time, and not while senders wait: what is left then goes
with its entry, minutes later (retention.py).
"""

from __future__ import annotations

import asyncio
from functools import partial
from time import monotonic
from uuid import UUID

from django.db import connection, transaction

from chat.delivery.log import Batch
from chat.delivery.statements import statements
from chat.delivery.writer import Writer

LOOK_SECONDS = 0.5
PART = 64
"""Entries of a transaction."""
MAX_ROOMS = 10_000


class Franks:
    """`note` what has been delivered; `look` takes it out."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._due: dict[UUID, tuple[int, int]] = {}

    def note(self, room: UUID, after: int, last: int) -> None:
        """Every device of the room has its entries after `after` and up to `last`."""
        if room in self._due:
            after, last = min(after, self._due[room][0]), max(last, self._due[room][1])
        elif len(self._due) >= MAX_ROOMS:
            return
        if last > after:
            self._due[room] = after, last

    async def look(self) -> None:
        """One round, which ends when senders are busy. Raises ProtocolError(unavailable); the rest is for the next one."""
        while self._due and not self._writer.busy:
            begun = monotonic()
            parts = self._taken()
            try:
                await self._writer.run(partial(_forget, parts))
            except BaseException:
                for part in parts:
                    self.note(*part)
                raise
            await asyncio.sleep(2 * (monotonic() - begun))

    def _taken(self) -> list[tuple[UUID, int, int]]:
        parts: list[tuple[UUID, int, int]] = []
        left = PART
        while self._due and left > 0:
            room, (after, last) = self._due.popitem()
            end = min(last, after + left)
            parts.append((room, after, end))
            left -= end - after
            if end < last:
                self._due[room] = end, last
        return parts


def _forget(parts: list[tuple[UUID, int, int]]) -> tuple[None, list[Batch]]:
    """A job of the writer's."""
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        statements().forget_franks(cursor, parts)
    return None, []
