"""Rooms that nobody founded and invites long expired go; what somebody uses or remembers stays."""

from __future__ import annotations

import asyncio
import signal
import subprocess
from collections.abc import Sequence
from datetime import datetime, timedelta
from os import environ, urandom
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError
from django.utils import timezone

from chat.delivery import cleanup
from chat.delivery.cleanup import EXPIRED, UNFOUNDED, Cleanup, find_stale, forget_invites, forget_rooms
from chat.delivery.log import Batch, Stamp
from chat.delivery.readers import Readers
from chat.delivery.rounds import Clock
from chat.delivery.writer import Writer
from chat.models import Account, Blob, Invite, Room, RoomInvite
from chat.protocol.errors import Code, ProtocolError
from tests.delivery.groups import Circle, circle
from tests.delivery.harness import PATH, ROOT, Store, in_db, procfile
from tests.delivery.test_retention import aged, left, seen_by
from tests.socket.test_sync import fill

HOUR = timedelta(hours=1)


def unfounded(here: Circle, kind: str, age: timedelta) -> Room:
    network = Room.objects.get(id=here.group.room).network
    title = "Open" if kind == "open" else None
    room = Room.objects.create(id=uuid4(), network=network, kind=kind, title=title)
    Room.objects.filter(id=room.id).update(created_at=timezone.now() - age)
    return room


def expired_invite(here: Circle, ago: timedelta) -> Invite:
    network = Room.objects.get(id=here.group.room).network
    return Invite.objects.create(network=network, secret_hash=urandom(32), expires_at=timezone.now() - ago)


def clean() -> list[tuple[UUID, UUID]]:
    stale = find_stale(timezone.now())
    listed, _ = forget_rooms(stale.rooms)
    forget_invites(stale.invites, stale.room_invites)
    return listed


async def test_a_room_that_nobody_founded_in_thirty_days_goes_and_an_open_one_is_told(store: Store) -> None:
    here = await in_db(circle, 2)
    old = [await in_db(unfounded, here, kind, UNFOUNDED + HOUR) for kind in ("open", "group", "direct")]
    young = [await in_db(unfounded, here, kind, UNFOUNDED - HOUR) for kind in ("open", "group", "direct")]
    await in_db(lambda: Room.objects.filter(id=here.group.room).update(created_at=timezone.now() - 10 * UNFOUNDED))
    assert await in_db(clean) == [(old[0].network_id, old[0].id)]
    stayed: Any = await in_db(lambda: set(Room.objects.values_list("id", flat=True)))
    assert {here.group.room, *(room.id for room in young)} <= stayed
    assert not stayed & {room.id for room in old}


async def test_a_room_that_is_founded_meanwhile_stays(store: Store) -> None:
    here = await in_db(circle, 1)
    room = await in_db(unfounded, here, "group", UNFOUNDED + HOUR)
    stale = await in_db(find_stale, timezone.now())
    assert room.id in stale.rooms
    await in_db(lambda: Room.objects.filter(id=room.id).update(epoch=1))
    await in_db(forget_rooms, stale.rooms)
    assert await in_db(Room.objects.filter(id=room.id).exists)


async def test_an_invite_goes_ninety_days_after_it_expired_unless_somebody_came_by_it(store: Store) -> None:
    here = await in_db(circle, 1)
    recent = await in_db(expired_invite, here, EXPIRED - HOUR)
    old = await in_db(expired_invite, here, EXPIRED + HOUR)
    used = await in_db(expired_invite, here, EXPIRED + HOUR)
    await in_db(lambda: Account.objects.filter(id=here.members[0].account).update(invite=used))
    room_invite = await in_db(
        lambda: RoomInvite.objects.create(
            room_id=here.group.room, secret_hash=urandom(32), expires_at=timezone.now() - EXPIRED - HOUR
        )
    )
    await in_db(clean)
    kept: Any = await in_db(lambda: set(Invite.objects.values_list("id", flat=True)))
    assert {recent.id, used.id} <= kept
    assert old.id not in kept
    assert not await in_db(RoomInvite.objects.filter(id=room_invite.id).exists)


async def test_a_round_cleans_and_believes_no_clock_that_was_set(store: Store) -> None:
    here = await in_db(circle, 1)
    room = await in_db(unfounded, here, "open", UNFOUNDED + HOUR)
    told: list[UUID] = []

    async def closed(network: UUID, gone: UUID) -> None:
        told.append(gone)

    class Set(Clock):
        def now_ms(self) -> int | None:
            return None

    writer, readers = Writer(asyncio.get_running_loop(), lambda: Stamp("x", 1, bytes(32)), lambda _: None), Readers()
    writer.start()
    await Cleanup(writer, readers, Set(), closed).look()
    assert told == []
    await Cleanup(writer, readers, Clock(), closed).look()
    assert told == [room.id]
    await asyncio.to_thread(writer.stop)
    readers.stop()


async def test_what_other_apps_forget_goes_by_the_same_clock(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[datetime] = []
    monkeypatch.setattr(cleanup, "forgetters", [told.append])

    async def closed(network: UUID, room: UUID) -> None:
        raise AssertionError("no room was to go")

    class Set(Clock):
        def now_ms(self) -> int | None:
            return None

    doubted, clock = Clock(), Clock()
    doubted.doubted = True
    writer, readers = Writer(asyncio.get_running_loop(), lambda: Stamp("x", 1, bytes(32)), lambda _: None), Readers()
    writer.start()
    for wrong in (Set(), doubted):
        await Cleanup(writer, readers, wrong, closed).look()
    assert told == []
    await Cleanup(writer, readers, clock, closed).look()
    (moment,) = told
    assert abs(moment - timezone.now()) < HOUR

    def fail(_: datetime) -> None:
        raise OperationalError("gone")

    monkeypatch.setattr(cleanup, "forgetters", [fail])
    with pytest.raises(ProtocolError) as refusal:
        await Cleanup(writer, readers, clock, closed).look()
    assert refusal.value.code == Code.UNAVAILABLE
    await asyncio.to_thread(writer.stop)
    readers.stop()


async def test_the_worker_cleans_and_stops_when_asked(store: Store) -> None:
    here = await in_db(circle, 1)
    await in_db(fill, here, 3)
    await in_db(aged, here, 1, 1, 1)
    await in_db(seen_by, here, 4)
    environment = {**environ, **store.environment, "DJANGO_SETTINGS_MODULE": "backend.settings", "PATH": PATH}
    worker = await asyncio.to_thread(
        subprocess.Popen, procfile("worker"), cwd=ROOT, env=environment, stdout=subprocess.PIPE
    )
    try:
        async with asyncio.timeout(120):
            while await in_db(left, here):  # noqa: ASYNC110 (a table tells nobody)
                await asyncio.sleep(0.2)
        worker.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(worker.wait, 60) == 0
    finally:
        worker.kill()
        worker.wait()


def blobs(here: Circle, days: int, count: int) -> list[int]:
    """That many attachments which expire in so many days."""
    day = timezone.now().date() + timedelta(days=days)
    return [
        Blob.objects.create(room_id=here.group.room, blob=urandom(16), size=5, sealed=b"bytes", expires_on=day).pk
        for _ in range(count)
    ]


async def test_attachments_go_a_few_at_a_time_when_their_day_is_over(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = await in_db(circle, 2)
    monkeypatch.setattr(cleanup, "BLOBS", 2)
    await in_db(blobs, here, -1, 5)
    kept = await in_db(blobs, here, 0, 1) + await in_db(blobs, here, 30, 1)
    jobs: list[list[int]] = []
    forget = cleanup.forget_blobs

    def counted(pks: Sequence[int]) -> tuple[None, list[Batch]]:
        jobs.append(list(pks))
        return forget(pks)

    monkeypatch.setattr(cleanup, "forget_blobs", counted)
    writer = Writer(asyncio.get_running_loop(), lambda: Stamp("x", 1, bytes(32)), lambda _: None)
    writer.start()
    readers = Readers()

    async def closed(network: UUID, room: UUID) -> None:
        raise AssertionError("no room was to go")

    await Cleanup(writer, readers, Clock(), closed).look()
    left: Any = await in_db(lambda: sorted(Blob.objects.values_list("pk", flat=True)))
    assert left == kept
    assert [len(pks) for pks in jobs] == [2, 2, 1]
    await asyncio.to_thread(writer.stop)
    readers.stop()
