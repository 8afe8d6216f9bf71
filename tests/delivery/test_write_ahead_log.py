"""What SQLite keeps of what was deleted goes with the next clean-up."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from os import urandom
from uuid import UUID

import pytest
from django.utils import timezone

from chat.delivery.cleanup import UNFOUNDED, Cleanup
from chat.delivery.log import Stamp
from chat.delivery.readers import Readers
from chat.delivery.rounds import Clock
from chat.delivery.writer import Writer
from chat.models import Room
from tests.delivery.groups import circle
from tests.delivery.harness import Store, in_db


def _unfounded(title: str) -> UUID:
    network = Room.objects.get(id=circle(1).group.room).network
    room = Room.objects.create(network=network, kind="open", title=title)
    Room.objects.filter(id=room.id).update(created_at=timezone.now() - UNFOUNDED - timedelta(hours=1))
    return room.id


@pytest.fixture
def sqlite_store(database_allowed: None) -> Iterator[Store]:
    with Store() as made:
        yield made


async def test_a_round_leaves_nothing_in_the_write_ahead_log(sqlite_store: Store) -> None:
    title = urandom(16).hex()
    gone: list[UUID] = []

    async def closed(_: UUID, room: UUID) -> None:
        gone.append(room)

    log = sqlite_store.folder / "kindred.sqlite3-wal"
    room = await in_db(_unfounded, title)
    assert title.encode() in log.read_bytes()
    writer, readers = Writer(asyncio.get_running_loop(), lambda: Stamp("x", 1, bytes(32)), lambda _: None), Readers()
    writer.start()
    await Cleanup(writer, readers, Clock(), closed).look()
    assert gone == [room]
    assert log.read_bytes() == b""
    await asyncio.to_thread(writer.stop)
    readers.stop()
