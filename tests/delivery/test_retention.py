"""What everyone has, and what is older than thirty days, goes; nothing else does."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any
from uuid import UUID

import pytest

from chat.delivery import retention
from chat.delivery.ages import SETTLED_MS, due
from chat.delivery.log import Appended, Stamp, now_ms
from chat.delivery.readers import Readers
from chat.delivery.removals import remove_devices
from chat.delivery.retention import ENTRIES, Retention, delete, expired
from chat.delivery.rounds import Clock
from chat.delivery.writer import Writer
from chat.models import Entry, EntryMark, Room
from tests.delivery.groups import Circle, circle
from tests.delivery.harness import Store, in_db
from tests.factories import acknowledged, device_of
from tests.socket.test_sync import fill

DAY = 86_400_000
PASSED = 100 * DAY


async def nobody(staff: Collection[UUID]) -> None:
    assert not staff, "nobody was suspended"


def aged(here: Circle, *days: int) -> None:
    """Lets that many days have passed (of `PASSED`) since the entries from seq 2 on came."""
    EntryMark.objects.all().delete()
    EntryMark.objects.create(passed_ms=PASSED, wall_ms=now_ms(), entry=Entry.objects.latest("pk").pk)
    for seq, old in enumerate(days, 2):
        entry = Entry.objects.get(room=here.group.room, seq=seq).pk
        mark = {"entry": entry, "wall_ms": now_ms() - old * DAY}
        EntryMark.objects.update_or_create(passed_ms=PASSED - old * DAY, defaults=mark)


def seen_by(here: Circle, *cursors: int) -> None:
    people = zip(here.members, cursors, strict=True)
    acknowledged(here.group.room, {device_of(person).pk: cursor for person, cursor in people})


def left(here: Circle) -> list[int]:
    return list(Entry.objects.filter(room=here.group.room).order_by("seq").values_list("seq", flat=True))


def prune(here: Circle, passed: int = PASSED) -> list[int]:
    for room, seqs in expired([here.group.room], due(passed, now_ms())).items():
        delete(room, seqs)
    return left(here)


async def test_what_every_device_has_acknowledged_goes(store: Store) -> None:
    here = await in_db(circle, 3)
    await in_db(fill, here, 9)
    await in_db(aged, here, *[1] * 9)
    await in_db(seen_by, here, 10, 4, 7)
    assert await in_db(prune, here) == [5, 6, 7, 8, 9, 10]
    assert await in_db(lambda: Room.objects.get(id=here.group.room).head) == 10


async def test_what_was_stored_a_moment_ago_stays_for_retries(store: Store) -> None:
    here = await in_db(circle, 1)
    await in_db(fill, here, 3)
    await in_db(aged, here, 0, 0, 0)
    await in_db(seen_by, here, 4)
    assert await in_db(prune, here) == [1, 2, 3, 4]
    assert await in_db(prune, here, PASSED + SETTLED_MS) == []


async def test_what_is_older_than_thirty_days_goes_whoever_lacks_it(store: Store) -> None:
    here = await in_db(circle, 2)
    await in_db(fill, here, 5)
    await in_db(aged, here, 40, 31, 29, 1, 0)
    await in_db(seen_by, here, 6, 0)
    assert await in_db(prune, here) == [4, 5, 6]


async def test_a_removal_that_waits_for_its_commit_stays_however_old(store: Store) -> None:
    here = await in_db(circle, 2)
    await in_db(fill, here, 2)
    gone = await in_db(lambda: device_of(here.members[1]).pk)
    await in_db(remove_devices, here.group.room, [gone])
    await in_db(aged, here, *[31] * 3)
    await in_db(lambda: acknowledged(here.group.room, {device_of(here.members[0]).pk: 4}))
    assert await in_db(prune, here) == [4]


async def test_the_rounds_reach_every_room_a_little_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "ROOMS", 2)
    circles = [await in_db(circle, 1) for _ in range(5)]
    for here in circles:
        await in_db(fill, here, ENTRIES + 10)
        await in_db(seen_by, here, ENTRIES + 11)
    await in_db(aged, circles[-1], *[1] * (ENTRIES + 10))
    monkeypatch.setattr(retention, "BUSY_SECONDS", 0)
    published: list[Appended] = []
    writer = Writer(asyncio.get_running_loop(), lambda: Stamp("x", 1, bytes(32)), published.append)
    writer.start()
    readers = Readers()
    keeper = Retention(writer, readers, Clock(), nobody)
    rooms: Any = await in_db(Room.objects.count)
    for _ in range(rooms // 2 + 1):
        await keeper.look()
    assert [len(await in_db(left, here)) for here in circles] == [11] * 5
    for _ in range(rooms // 2 + 1):
        await keeper.look()
    assert [await in_db(left, here) for here in circles] == [[]] * 5
    await asyncio.to_thread(writer.stop)
    readers.stop()


async def test_a_busy_room_is_emptied_in_one_round(store: Store) -> None:
    here = await in_db(circle, 1)
    await in_db(fill, here, 3 * ENTRIES)
    await in_db(seen_by, here, 3 * ENTRIES + 1)
    await in_db(aged, here, *[1] * 3 * ENTRIES)
    writer = Writer(asyncio.get_running_loop(), lambda: Stamp("x", 1, bytes(32)), lambda _: None)
    writer.start()
    readers = Readers()
    keeper = Retention(writer, readers, Clock(), nobody)
    rooms: Any = await in_db(Room.objects.count)
    for _ in range(rooms // retention.ROOMS + 1):
        await keeper.look()
    assert await in_db(left, here) == []
    await asyncio.to_thread(writer.stop)
    readers.stop()
