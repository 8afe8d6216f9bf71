"""Entries go when every device in the room has acknowledged them, or after 30 days; unused device links after minutes.

Suspensions that are for a time end when it is over, by a clock that is believed. A little at a time, while serving.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from chat import progress
from chat.delivery.ages import Ages, Due
from chat.delivery.log import Batch
from chat.delivery.readers import Readers
from chat.delivery.rounds import Clock
from chat.delivery.writer import Writer
from chat.models import Account, DeviceLink, Entry, Room, RoomDevice
from chat.push.outbox import call
from chat.queries.staff import STAFF, concerned_with_staff

ROUND_SECONDS = 10.0
ROOMS = 100
"""Rooms looked at in a round."""
ENTRIES = 500
"""Entries deleted in a transaction."""
BUSY_SECONDS = 4.0
"""For so long a round repeats rooms that have more than that; half of the time is left to senders."""


class Retention:
    """Goes round all rooms in the order of their ids, `ROOMS` at a time.

    `back` is awaited with the accounts of those whom it concerns that somebody of the staff is suspended no more.
    """

    def __init__(
        self,
        writer: Writer,
        readers: Readers,
        clock: Clock,
        back: Callable[[Collection[UUID]], Awaitable[None]],
    ) -> None:
        self._writer = writer
        self._readers = readers
        self._back = back
        self._ages = Ages(writer, readers, clock)
        self._after: UUID | None = None

    async def look(self) -> None:
        """One round. Raises ProtocolError(unavailable)."""
        due = await self._ages.look()
        now = datetime.fromtimestamp(due.now_ms / 1000, UTC)
        if await self._readers.run(forgotten_links, now):
            await self._writer.run(partial(forget_links, now))
        if await self._readers.run(served_suspensions, now):
            await self._back(await self._writer.run(partial(end_suspensions, now)))
        rooms = await self._readers.run(_rooms_after, self._after)
        self._after = rooms[-1] if len(rooms) == ROOMS else None
        until = monotonic() + BUSY_SECONDS
        found = await self._readers.run(expired, rooms, due)
        while found:
            begun = monotonic()
            for room, seqs in found.items():
                await self._writer.run(partial(delete, room, seqs))
            full = [room for room, seqs in found.items() if len(seqs) == ENTRIES]
            took = monotonic() - begun
            if not full or monotonic() + took > until:
                return
            await asyncio.sleep(took)
            found = await self._readers.run(expired, full, due)


def _rooms_after(room: UUID | None) -> list[UUID]:
    found = Room.objects.all() if room is None else Room.objects.filter(id__gt=room)
    return list(found.order_by("id").values_list("id", flat=True)[:ROOMS])


def expired(rooms: Sequence[UUID], due: Due) -> dict[UUID, list[int]]:
    """Seqs of entries that may go, by room, at most `ENTRIES` each.

    Proposals that wait to be committed stay: the commit that covers them is judged by them.
    """
    reached = progress.known_to_all(rooms)
    found: dict[UUID, list[int]] = {}
    for room in rooms:
        waiting = RoomDevice.objects.filter(room=room, removal_seq__isnull=False).values("removal_seq")
        gone = Entry.objects.filter(room=room).exclude(seq__in=waiting)
        everyone = Q(seq__lte=reached.get(room, 0), id__lte=due.settled)
        gone = gone.filter(everyone | Q(id__lte=due.old))
        seqs = list(gone.order_by("seq").values_list("seq", flat=True)[:ENTRIES])
        if seqs:
            found[room] = seqs
    return found


def forgotten_links(now: datetime) -> bool:
    """Whether there are links that nobody came for in time."""
    return DeviceLink.objects.filter(expires_at__lte=now).exists()


def forget_links(now: datetime) -> tuple[None, list[Batch]]:
    """A job of the writer's."""
    with transaction.atomic(durable=True):
        DeviceLink.objects.filter(expires_at__lte=now).delete()
    return None, []


def served_suspensions(now: datetime) -> bool:
    """Whether there are suspensions whose time is over."""
    return Account.objects.filter(suspended_until__lte=now).exists()


def end_suspensions(now: datetime) -> tuple[list[UUID], list[Batch]]:
    """A job of the writer's. Returns whom it concerns that some of the staff come back, so that they are let in again."""
    with transaction.atomic(durable=True):
        over = Account.objects.select_for_update(no_key=True).filter(suspended_until__lte=now).order_by("id")
        back = list(over.values_list("id", "network", "role"))
        accounts = [account for account, _, _ in back]
        Account.objects.filter(id__in=accounts).update(suspended_at=None, suspended_until=None)
        call(accounts)
    return sorted(concerned_with_staff({network for _, network, role in back if role in STAFF})), []


def delete(room: UUID, seqs: Sequence[int]) -> tuple[None, list[Batch]]:
    """A job of the writer's, so that it never waits for the database's only writer, and nobody for it for long."""
    with transaction.atomic(durable=True):
        Entry.objects.filter(room=room, seq__in=seqs).delete()
    return None, []
