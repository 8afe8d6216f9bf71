"""Retention goes on while devices catch up from far behind: it takes what all have acknowledged and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest

from chat.delivery.ages import SETTLED_MS
from chat.delivery.log import Appended, Stamp, now_ms
from chat.delivery.readers import Readers
from chat.delivery.retention import Retention
from chat.delivery.rounds import Clock
from chat.delivery.writer import Writer
from chat.models import Entry, EntryMark
from tests.conftest import Judged
from tests.delivery.groups import circle
from tests.delivery.harness import Server, in_db, until
from tests.delivery.member import Member, judge
from tests.delivery.test_log import log_of
from tests.delivery.test_retention import nobody
from tests.socket.test_sync import fill

ENTRIES = 6000


@pytest.fixture
async def retention(server: Server) -> AsyncIterator[Retention]:
    """As a worker process has it, beside the server."""
    published: list[Appended] = []
    writer = Writer(asyncio.get_running_loop(), lambda: Stamp("x", 1, bytes(32)), published.append)
    readers = Readers()
    writer.start()
    yield Retention(writer, readers, Clock(), nobody)
    await asyncio.to_thread(writer.stop)
    readers.stop()


class Phone(Member):
    """Takes its time between pages. With half of it, it waits for `going_on` where that is set."""

    going_on: asyncio.Event | None = None

    async def _fetch(self) -> None:
        if self._asked is None:
            await asyncio.sleep(0.15)
            if self.going_on is not None and self.cursor > ENTRIES // 2:
                await self.going_on.wait()
            await super()._fetch()


def age() -> None:
    """Lets so much time have passed since all of it came that it goes as soon as everyone has it."""
    newest, passed, wall = Entry.objects.latest("pk").pk, 10 * SETTLED_MS, now_ms()
    EntryMark.objects.all().delete()
    EntryMark.objects.create(passed_ms=passed - 2 * SETTLED_MS, wall_ms=wall - 2 * SETTLED_MS, entry=newest)
    EntryMark.objects.create(passed_ms=passed, wall_ms=wall, entry=newest)


@pytest.mark.faults
async def test_retention_takes_nothing_from_devices_that_are_catching_up(
    server: Server, retention: Retention, judged: Judged
) -> None:
    here = await in_db(circle, 3)
    await in_db(fill, here, ENTRIES, 2000)
    await in_db(age)
    before = await in_db(log_of, here.group.room)
    going_on = asyncio.Event()
    async with AsyncExitStack() as stack:
        phones = [Phone(lambda: server.address, person.token, here.room) for person in here.members]
        phones[2].going_on = going_on
        for phone in phones:
            stack.push_async_callback(phone.stop)
        left_meanwhile: list[int] = []

        async def look() -> None:
            while True:
                await retention.look()
                if min(phone.cursor for phone in phones) < ENTRIES:
                    left_meanwhile.append(len(await in_db(log_of, here.group.room)))
                await asyncio.sleep(0.02)

        looking = asyncio.create_task(look())
        stack.callback(looking.cancel)
        for cursor in (1000, 3000):
            await phones[0].caught_up_to(cursor)
            await phones[0].say()
            if phones[1]._wire is not None:
                phones[1]._wire.transport.abort()
        await until(lambda: bool(left_meanwhile) and left_meanwhile[-1] < len(before), 60)
        going_on.set()
        await asyncio.gather(*(phone.everything_sent() for phone in phones))
        head = max(seq for seq, _ in await in_db(log_of, here.group.room))
        await asyncio.gather(*(phone.caught_up_to(head) for phone in phones))
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
        assert looking.cancelled(), "retention ended by itself"
    after = await in_db(log_of, here.group.room)
    stored = before + [row for row in after if row[0] > before[-1][0]]
    assert 0 < left_meanwhile[-1] < len(before)
    judged(judge(list(phones), stored), sum(len(phone.accepted) for phone in phones))
