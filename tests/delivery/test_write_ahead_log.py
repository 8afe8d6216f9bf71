"""SQLite's write-ahead log: what was deleted goes from it with the next clean-up, and messages need not make it longer."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from os import urandom
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from chat.delivery import write_ahead
from chat.delivery.cleanup import UNFOUNDED, Cleanup
from chat.delivery.log import Stamp
from chat.delivery.readers import Readers
from chat.delivery.rounds import Clock
from chat.delivery.writer import Writer
from chat.models import Network, Room
from tests.delivery.groups import circle
from tests.delivery.harness import Server, Store, in_db, socket_to
from tests.delivery.test_log import log_of


def _unfounded(title: str) -> UUID:
    network = Room.objects.get(id=circle(1).group.room).network
    room = Room.objects.create(network=network, kind="open", title=title)
    Room.objects.filter(id=room.id).update(created_at=timezone.now() - UNFOUNDED - timedelta(hours=1))
    return room.id


@pytest.fixture
def sqlite_store(database_allowed: None) -> Iterator[Store]:
    with Store() as made:
        yield made


def _log(store: Store) -> Path:
    return store.folder / "kindred.sqlite3-wal"


async def test_a_round_leaves_nothing_in_the_write_ahead_log(sqlite_store: Store) -> None:
    title = urandom(16).hex()
    gone: list[UUID] = []

    async def closed(_: UUID, room: UUID) -> None:
        gone.append(room)

    room = await in_db(_unfounded, title)
    assert title.encode() in _log(sqlite_store).read_bytes()
    writer, readers = Writer(asyncio.get_running_loop(), lambda: Stamp("x", 1, bytes(32)), lambda _: None), Readers()
    writer.start()
    await Cleanup(writer, readers, Clock(), closed).look()
    assert gone == [room]
    assert title.encode() not in _log(sqlite_store).read_bytes()
    await asyncio.to_thread(writer.stop)
    readers.stop()


async def test_a_round_by_a_clock_that_is_not_believed_leaves_nothing_there_either(sqlite_store: Store) -> None:
    async def closed(*_: object) -> None:
        raise AssertionError("no room goes by that clock")

    title = urandom(16).hex()
    room = await in_db(_unfounded, title)
    await in_db(Room.objects.filter(id=room).delete)
    assert title.encode() in _log(sqlite_store).read_bytes()
    writer, readers, clock = (
        Writer(asyncio.get_running_loop(), lambda: Stamp("x", 1, bytes(32)), lambda _: None), Readers(), Clock(),
    )  # fmt: skip
    clock.doubted = True
    writer.start()
    await Cleanup(writer, readers, clock, closed).look()
    assert title.encode() not in _log(sqlite_store).read_bytes()
    await asyncio.to_thread(writer.stop)
    readers.stop()


async def test_messages_are_written_over_what_is_there(own_server: Server) -> None:
    here = await in_db(circle, 2)
    async with socket_to(own_server, here.members[0].token) as sender:
        await sender.ask(here.group.message(), "accepted")
        long = _log(own_server.store).stat().st_size
        assert long >= write_ahead.MAX_PAGES * write_ahead.FRAME_BYTES
        for _ in range(50):
            await sender.ask(here.group.message(size=60_000), "accepted")
    assert _log(own_server.store).stat().st_size == long
    # What is longer than the messages and was taken back is nothing to whoever reads the log after a crash.
    own_server.__exit__()
    assert len(await in_db(log_of, here.group.room)) == 52


def test_what_was_given_its_length_holds_nothing_new(sqlite_store: Store) -> None:
    Network.objects.create(title="before")
    write_ahead.lengthen(100)
    assert _log(sqlite_store).stat().st_size >= 100 * write_ahead.FRAME_BYTES
    connection.close()
    with sqlite3.connect(sqlite_store.folder / "kindred.sqlite3") as other:
        assert other.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert other.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'spilt'").fetchone() == (0,)
        assert other.execute("SELECT title FROM chat_network").fetchall() == [("before",)]
    other.close()


def test_a_disk_without_room_for_it_is_said(sqlite_store: Store, caplog: pytest.LogCaptureFixture) -> None:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 1")  # as many as there are
    write_ahead.lengthen(100)
    assert "the write-ahead log keeps its length: OperationalError" in caplog.text
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA max_page_count = 4294967294")
        assert cursor.execute("PRAGMA cache_size").fetchall() == [(-2000,)]
    Network.objects.create(title="after")
    assert Network.objects.filter(title="after").exists()
