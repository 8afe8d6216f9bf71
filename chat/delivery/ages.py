"""How old entries are: by how much time has passed since, not by what a clock said when they came.

A wall clock may be wrong by years when a process starts, ahead as well as behind, and nobody's unread messages may go
for that. So every other minute a mark says how much time has passed in all, and what the newest entry was. Time passes
with the uptime of processes, and by a day at most while none of them ran.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.db import transaction
from django.db.models import Max

from chat.delivery.log import Batch, now_ms
from chat.delivery.readers import Readers
from chat.delivery.rounds import BELIEVED_AFTER_MS, Clock
from chat.delivery.writer import Writer
from chat.models import Entry, EntryMark
from chat.protocol.limits import ENTRY_DAYS

DAY_MS = 86_400_000
MARK_MS = 120_000
KEPT_MS = ENTRY_DAYS * DAY_MS
SETTLED_MS = 600_000
"""What everyone has acknowledged stays this long all the same, so that a retry that crosses its answer is recognised."""
LEAP_MS = DAY_MS
"""More than this between two processes is rather a wrong clock than time that has passed."""


@dataclass(frozen=True, slots=True)
class Mark:
    passed_ms: int
    wall_ms: int
    entry: int


@dataclass(frozen=True, slots=True)
class Due:
    """Primary keys up to which entries have been kept for long enough: `settled` once everyone has them, `old` anyway."""

    settled: int
    old: int
    now_ms: int
    """The wall clock, or what it should say where it has leapt."""


class Ages:
    """One in each process that deletes. `uptime_ms` never goes back, whatever happens to the wall clock."""

    def __init__(
        self,
        writer: Writer,
        readers: Readers,
        clock: Clock,
        uptime_ms: Callable[[], int] = lambda: time.monotonic_ns() // 1_000_000,
    ) -> None:
        self._writer = writer
        self._readers = readers
        self._clock = clock
        self._uptime_ms = uptime_ms
        self._started = uptime_ms()
        #: How much time had passed at which uptime.
        self._known: tuple[int, int] | None = None

    async def look(self) -> Due:
        """Sets a mark when it is time to. Raises ProtocolError(unavailable)."""
        newest = await self._readers.run(newest_mark)
        uptime, wall = self._uptime_ms(), now_ms()
        if self._known is None:
            away = wall - newest.wall_ms if newest else 0
            passed = (newest.passed_ms if newest else 0) + (away if 0 < away <= LEAP_MS else 0)
        else:
            passed = self._known[0] + uptime - self._known[1]
        if newest is not None:
            passed = max(passed, newest.passed_ms)  # another process may know of more
        self._known = passed, uptime
        believed = self._believed(newest, passed, wall, uptime)
        if newest is None or passed - newest.passed_ms >= MARK_MS:
            await self._writer.run(partial(set_mark, passed, believed))
        return await self._readers.run(due, passed, believed)

    def _believed(self, newest: Mark | None, passed: int, wall: int, uptime: int) -> int:
        """The wall clock, or what it should say where it has leapt. Tells `Clock` which of the two."""
        expected = wall if newest is None else newest.wall_ms + passed - newest.passed_ms
        # Entries get no older by the leap.
        long_run = uptime - self._started >= BELIEVED_AFTER_MS and self._clock.now_ms() is not None
        ahead = wall - expected > LEAP_MS and not long_run
        self._clock.doubted = ahead
        return expected if ahead else max(expected, wall)


def newest_mark() -> Mark | None:
    row = EntryMark.objects.order_by("-passed_ms").values_list("passed_ms", "wall_ms", "entry").first()
    return None if row is None else Mark(*row)


def due(passed: int, now: int) -> Due:
    return Due(_entry_before(passed - SETTLED_MS), _entry_before(passed - KEPT_MS), now)


def _entry_before(passed: int) -> int:
    """The newest entry that was there by then; 0 where nobody knows of one."""
    found = EntryMark.objects.filter(passed_ms__lte=passed).order_by("-passed_ms").values_list("entry", flat=True)
    return found.first() or 0


def set_mark(passed: int, wall: int) -> tuple[None, list[Batch]]:
    """A job of the writer's. Forgets marks that no age is judged by any more."""
    with transaction.atomic(durable=True):
        newest = newest_mark()
        if newest is None or newest.passed_ms < passed:
            entry = Entry.objects.aggregate(newest=Max("id"))["newest"] or 0
            EntryMark.objects.create(passed_ms=passed, wall_ms=wall, entry=max(entry, newest.entry if newest else 0))
        last = EntryMark.objects.filter(passed_ms__lte=passed - KEPT_MS).aggregate(last=Max("passed_ms"))["last"]
        if last is not None:
            EntryMark.objects.filter(passed_ms__lt=last).delete()
    return None, []
