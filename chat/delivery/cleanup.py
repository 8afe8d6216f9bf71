"""What nobody will use any more goes: rooms that were never founded, invites and attachments that have expired, and
what SQLite keeps of what was deleted.

A little at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

from django.db import connection, transaction

from chat.delivery import write_ahead
from chat.delivery.log import Batch
from chat.delivery.readers import Readers
from chat.delivery.rounds import Clock, looked
from chat.delivery.statements import statements
from chat.delivery.writer import Writer
from chat.models import Blob, Invite, Room, RoomInvite, RoomKind

ROUND_SECONDS = 600.0
ROWS = 100
"""Rows of a kind deleted in a round."""
BLOBS = 20
"""Attachments deleted in a transaction: at most 30 MiB. A round has as many transactions as it takes, `ROWS` at most."""
UNFOUNDED = timedelta(days=30)
"""How long a room waits for the first commit of its group."""
EXPIRED = timedelta(days=90)
"""How long an invite is kept after it has expired, for staff to look at."""

forgetters: list[Callable[[datetime], None]] = []
"""What else goes by the clock that is believed, on another thread: apps that build on this one add theirs when they are ready."""


@dataclass(frozen=True, slots=True)
class Stale:
    rooms: list[UUID]
    invites: list[UUID]
    room_invites: list[UUID]
    blobs: list[int]


class Cleanup:
    """`closed` is awaited with network and id of each open room that has gone."""

    def __init__(
        self, writer: Writer, readers: Readers, clock: Clock, closed: Callable[[UUID, UUID], Awaitable[None]]
    ) -> None:
        self._writer = writer
        self._readers = readers
        self._clock = clock
        self._closed = closed

    async def look(self) -> None:
        """One round. Raises ProtocolError(unavailable)."""
        now = self._clock.now_ms()
        if now is not None and not self._clock.doubted:
            await self._forget(datetime.fromtimestamp(now / 1000, UTC))
        await self._writer.run(write_ahead.empty)

    async def _forget(self, moment: datetime) -> None:
        stale = await self._readers.run(find_stale, moment)
        if stale.rooms:
            for network, room in await self._writer.run(partial(forget_rooms, stale.rooms)):
                await self._closed(network, room)
        if stale.invites or stale.room_invites:
            await self._writer.run(partial(forget_invites, stale.invites, stale.room_invites))
        for start in range(0, len(stale.blobs), BLOBS):
            await self._writer.run(partial(forget_blobs, stale.blobs[start : start + BLOBS]))
        for forget in forgetters:
            await asyncio.to_thread(looked, partial(forget, moment))


def find_stale(now: datetime) -> Stale:
    """At most `ROWS` of each kind, of attachments `ROWS` batches.

    An invite through which somebody came is part of who invited whom, and stays.
    """
    rooms = Room.objects.filter(epoch=0, created_at__lt=now - UNFOUNDED)
    invites = Invite.objects.filter(expires_at__lt=now - EXPIRED, joined=None)
    room_invites = RoomInvite.objects.filter(expires_at__lt=now - EXPIRED)
    blobs = Blob.objects.filter(expires_on__lt=now.date())
    return Stale(
        list(rooms.values_list("id", flat=True)[:ROWS]),
        list(invites.values_list("id", flat=True)[:ROWS]),
        list(room_invites.values_list("id", flat=True)[:ROWS]),
        list(blobs.values_list("pk", flat=True)[: ROWS * BLOBS]),
    )


def forget_rooms(rooms: Sequence[UUID]) -> tuple[list[tuple[UUID, UUID]], list[Batch]]:
    """A job of the writer's. Returns (network, room) of the open ones; a room that was founded meanwhile stays."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            locked = statements().lock_rooms(cursor, rooms)
        unfounded = Room.objects.filter(id__in=[room for room, row in locked.items() if row.epoch == 0])
        listed = list(unfounded.filter(kind=RoomKind.OPEN).values_list("network_id", "id"))
        unfounded.delete()
    return listed, []


def forget_invites(invites: Sequence[UUID], room_invites: Sequence[UUID]) -> tuple[None, list[Batch]]:
    """A job of the writer's."""
    with transaction.atomic(durable=True):
        Invite.objects.filter(id__in=invites, joined=None).delete()
        RoomInvite.objects.filter(id__in=room_invites).delete()
    return None, []


def forget_blobs(blobs: Sequence[int]) -> tuple[None, list[Batch]]:
    """A job of the writer's."""
    with transaction.atomic(durable=True):
        Blob.objects.filter(pk__in=blobs).delete()
    return None, []
