"""An inbox is brought part by part: nobody can fill another's so that it is never read."""

from __future__ import annotations

import asyncio
import os

import pytest

from chat.delivery import sync
from chat.delivery.connection import LOW_BACKLOG, MAX_BACKLOG
from chat.delivery.inbox import Inboxes
from chat.delivery.readers import Readers
from chat.models import Device, InboxItem, WelcomeBlob
from chat.protocol import limits
from tests.delivery.groups import Circle, circle
from tests.delivery.harness import Server, in_db, socket_to, until
from tests.delivery.test_hub import connection
from tests.factories import device_of

LARGE = 1_000_170


def fill(here: Circle, *sizes: int) -> int:
    """Welcomes of those sizes wait for the first member's device. Returns its primary key."""
    device = device_of(here.members[0])
    for size in sizes:
        blob = WelcomeBlob.objects.create(payload=os.urandom(size))
        seq = device.inbox_head = device.inbox_head + 1
        InboxItem.objects.create(device=device, seq=seq, room_id=here.group.room, entry_seq=1, welcome=blob)
    device.save(update_fields=["inbox_head"])
    return device.pk


def left(device: int) -> int:
    return InboxItem.objects.filter(device=device).count()


async def test_an_inbox_of_many_large_welcomes_comes_whole_to_whoever_reads_and_goes_with_the_acknowledgements(
    server: Server,
) -> None:
    here = await in_db(circle, 1)
    device = await in_db(fill, here, *[LARGE] * 8, 100, 200)
    async with socket_to(server, here.members[0].token) as socket:
        seqs: list[int] = []
        while len(seqs) < 10:
            seqs += [item[0] for item in (await socket.expect("inbox", 20))["items"]]
            await socket.send({"t": "inbox_ack", "seq": seqs[-1]})
        assert seqs == list(range(1, 11))
        async with asyncio.timeout(30):
            while await in_db(left, device):  # noqa: ASYNC110 (the database tells nobody)
                await asyncio.sleep(0.05)
        await socket.settled()
        assert not [frame for frame in socket.arrived if frame["t"] in ("bye", "error")]


@pytest.mark.parametrize("sizes", [(LARGE, LARGE, 10), (2_000_000,), (10,) * 150, (limits.MAX_PAGE_BYTES, 1)])
async def test_a_part_is_about_a_mebibyte_or_one_item_and_nothing_is_left_out(
    server: Server, sizes: tuple[int, ...]
) -> None:
    device = await in_db(fill, await in_db(circle, 1), *sizes)

    def parts() -> list[sync.Waiting]:
        found = [sync.inbox(device)]
        while found[-1].more:
            found.append(sync.inbox(device, found[-1].last))
        return found

    found = await in_db(parts)
    assert [part.last for part in found][-1] == len(sizes)
    assert all(part.frame is not None and len(part.frame) < MAX_BACKLOG - LOW_BACKLOG for part in found)
    assert len(found) == (1 if sizes == (2_000_000,) else 2)
    assert await in_db(sync.inbox, device, len(sizes)) == sync.Waiting(None, len(sizes), more=False)


async def test_no_more_is_written_than_is_read_and_only_that_counts_as_given(server: Server) -> None:
    here = await in_db(circle, 1)
    device = await in_db(fill, here, LARGE, LARGE, LARGE)
    one, memory = connection(device)
    tasks: list[asyncio.Task[None]] = []
    readers = Readers()
    inboxes = Inboxes(readers, lambda work: tasks.append(asyncio.ensure_future(work)))
    memory.stuck = LOW_BACKLOG + 1
    await inboxes.bring(one)
    await asyncio.sleep(0.2)
    assert (memory.frames, one.inbox_seq) == ([], 0)
    memory.stuck = 0
    await until(lambda: bool(memory.frames))
    # Somebody adds to it while it is brought.
    await in_db(lambda: fill(here, 5))
    inboxes.go_on(one)
    await asyncio.wait_for(asyncio.gather(*tasks), 30)
    assert [item[0] for frame in memory.frames for item in frame["items"]] == [1, 2, 3, 4]
    assert (one.inbox_seq, one.bringing) == (await in_db(lambda: Device.objects.get(id=device).inbox_head), False)
    readers.stop()
