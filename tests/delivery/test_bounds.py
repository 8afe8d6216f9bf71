"""What delivery keeps and waits for has an end."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from chat.delivery import local_room, redis_link, repair, write_ahead
from chat.delivery.hub import Hub
from chat.delivery.outside import NOBODY
from chat.delivery.readers import Readers
from chat.delivery.redis_link import Link
from chat.delivery.repair import Repair
from chat.delivery.usual import Usual
from chat.hub_keys import HubKeys
from chat.models import Entry, Room
from chat.protocol.errors import unavailable
from tests.delivery.groups import circle
from tests.delivery.harness import Store, in_db, until
from tests.delivery.test_hub import ROOM, batch, connection, entry
from tests.socket.test_sync import fill


@pytest.fixture
def sqlite_store(database_allowed: None) -> Iterator[Store]:
    with Store() as made:
        yield made


async def welcome(_: int) -> None:
    """Nobody comes in here."""


def test_a_room_whose_gap_is_not_filled_holds_a_bounded_part_and_nobody_gets_a_copy_of_their_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(local_room, "MAX_HELD_BYTES", 2000)
    hub = Hub()
    (sender, own), (reader, other) = connection(1), connection(2)
    for one in (sender, reader):
        hub.add(one)
        hub.subscribe(ROOM, one, 0)
    room = hub.rooms[ROOM]
    for seq in range(2, 202):
        hub.take(batch(seq, 1, {seq: sender} if seq == 5 else None))
        assert sum(len(packed) for held in room.held.values() for packed in held.packed) <= 4000
    hub.deliver_from_log(room, 1, [entry(seq) for seq in range(1, 202)])
    assert other.seen() == list(range(1, 202))
    assert sorted(own.seen()) == list(range(1, 202))
    assert [frame["seq"] for frame in own.frames if frame["t"] == "accepted"] == [5]
    assert not room.skips


async def test_a_gap_is_asked_for_less_and_less_often_while_nothing_can_be_read() -> None:
    asked: list[float] = []

    async def fail(*_: object) -> None:
        asked.append(time.monotonic())
        raise unavailable()

    hub = Hub()
    one, _ = connection(1)
    hub.add(one)
    hub.subscribe(ROOM, one, 0)
    readers: Any = SimpleNamespace(run=fail)
    keeper = Repair(hub, readers, welcome, 1.0)
    hub.on_gap = keeper.on_gap
    hub.take(batch(3, 1))
    await asyncio.sleep(2)
    assert len(asked) <= 5
    await until(lambda: len(asked) >= 2)
    hub.rooms[ROOM].held.clear()


async def test_a_room_whose_log_is_all_gone_is_caught_up_with_its_head(sqlite_store: Store) -> None:
    here = await in_db(circle, 1)
    await in_db(fill, here, 4)
    await in_db(lambda: Entry.objects.filter(room=here.group.room).delete())
    hub, readers = Hub(), Readers()
    one, _ = connection(1)
    hub.add(one)
    hub.subscribe(here.group.room, one, 1)
    keeper = Repair(hub, readers, welcome, 1.0)
    room = hub.rooms[here.group.room]
    keeper.fill(room)
    await until(lambda: not room.filling)
    assert room.last == await in_db(lambda: Room.objects.get(id=here.group.room).head) == 5
    readers.stop()
    assert repair.MAX_PAUSE_SECONDS > 0


async def test_a_redis_that_answers_and_does_not_read_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_link, "MAX_UNSENT_BYTES", 100_000)
    stopped = asyncio.Event()

    async def slow(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await stopped.wait()
        writer.close()

    server = await asyncio.start_server(slow, "127.0.0.1", 0, limit=1024)
    link = Link(lambda _: None)
    await asyncio.get_running_loop().create_connection(lambda: link, *server.sockets[0].getsockname())

    async def publish() -> None:
        for _ in range(1000):
            link.send(b"PUBLISH", b"room", bytes(100_000))
            await asyncio.sleep(0)

    with pytest.raises(ConnectionError):
        await publish()
    assert link.lost.is_set()
    stopped.set()
    server.close()


def test_nobody_is_the_usual_writer_of_no_room() -> None:
    usual, room = Usual(b"zz"), uuid4()
    usual.heard(room, NOBODY, 1.0)
    assert usual.writer(room, 1.0) is None
    usual.heard(room, b"aa", 1.0)
    usual.heard(room, NOBODY, 1.0)
    assert usual.writer(room, 1.0) == b"aa"


def test_keys_as_they_are_known_look_at_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    def look() -> None:
        raise AssertionError("a file was looked at")

    keys = HubKeys(1, {1: bytes(32)}, look)
    monkeypatch.setattr("chat.hub_keys.LOOK_SECONDS", -1)
    assert keys.known() == (1, bytes(32))
    with pytest.raises(AssertionError):
        keys.newest()


async def test_emptying_the_write_ahead_log_does_not_wait_for_whoever_reads(sqlite_store: Store) -> None:
    await in_db(circle, 1)
    reader = sqlite3.connect(sqlite_store.folder / "kindred.sqlite3", isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM chat_room").fetchone()
    await in_db(circle, 1)
    log = sqlite_store.folder / "kindred.sqlite3-wal"

    def timed() -> float:
        begun = time.monotonic()
        write_ahead.empty()
        return time.monotonic() - begun

    assert await in_db(timed) < 2
    assert log.stat().st_size > 0
    reader.execute("COMMIT")
    await in_db(write_ahead.empty)
    assert reader.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall() == [(0, 0, 0)]
    reader.close()
