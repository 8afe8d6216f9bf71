"""Catching up: pages, cursors, delivered, the inbox."""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import AsyncExitStack
from typing import Any

import pytest

from chat.delivery.log import now_ms
from chat.models import Entry, InboxItem, Room, RoomDevice, WelcomeBlob
from tests.delivery.groups import Circle, circle
from tests.delivery.harness import Server, Socket, in_db, socket_to
from tests.factories import Person, cursors_of, device_of


def fill(here: Circle, count: int, size: int = 300) -> None:
    """Puts that many entries into the log, as if they had been sent."""
    payload = here.group.message(size=size)["payload"]
    room = Room.objects.get(id=here.group.room)
    Entry.objects.bulk_create(
        [
            Entry(
                room=room, seq=seq, kind=0, epoch=1, entry_id=os.urandom(16), payload=payload, tag=bytes(32),
                frank=bytes(32), hub_key=1, accepted_at=now_ms() + seq,
            )
            for seq in range(room.head + 1, room.head + count + 1)
        ],
        batch_size=500,
    )  # fmt: skip
    Room.objects.filter(id=room.id).update(head=room.head + count)


async def pages(socket: Socket, room: bytes, after: int, limit: int) -> list[dict[str, Any]]:
    """Page after page until one is empty."""
    found: list[dict[str, Any]] = []
    while True:
        page = await socket.ask({"t": "fetch", "room": room, "after": after, "limit": limit}, "page")
        if not page["items"]:
            return found
        found.append(page)
        after = page["items"][-1][0]


async def test_what_was_missed_comes_in_pages_in_order_and_once(server: Server) -> None:
    here = await in_db(circle, 1)
    await in_db(fill, here, 1203)
    async with socket_to(server, here.members[0].token) as socket:
        found = await pages(socket, here.room, 1, 500)
        assert [len(page["items"]) for page in found] == [500, 500, 203]
        assert [entry[0] for page in found for entry in page["items"]] == list(range(2, 1205))
        assert {page["head"] for page in found} == {1204}


async def test_a_page_is_never_larger_than_a_mebibyte(server: Server) -> None:
    here = await in_db(circle, 1)
    await in_db(fill, here, 40, 60_000)
    async with socket_to(server, here.members[0].token) as socket:
        after, count = 1, 0
        while True:
            identity = os.urandom(16)
            await socket.send({"t": "fetch", "id": identity, "room": here.room, "after": after, "limit": 500})
            page = await socket.expect("page", id=identity)
            if not page["items"]:
                break
            assert sum(len(entry[5]) for entry in page["items"]) < 1024 * 1024
            after = page["items"][-1][0]
            count += len(page["items"])
        assert count == 40


async def test_a_page_holds_ones_own_entries_too(server: Server) -> None:
    here = await in_db(circle, 1)
    async with socket_to(server, here.members[0].token) as socket:
        message = here.group.message()
        answer = await socket.ask(message, "accepted")
        page = await socket.ask({"t": "fetch", "room": here.room, "after": 1, "limit": 10}, "page")
        (entry,) = page["items"]
        assert (entry[0], entry[4], entry[7]) == (answer["seq"], message["id"], answer["frank"])


async def test_a_page_starts_after_the_commit_that_let_the_device_in(server: Server) -> None:
    here = await in_db(circle, 2)
    await in_db(fill, here, 10)
    person = here.members[1]
    await in_db(lambda: RoomDevice.objects.filter(device=device_of(person)).update(joined_seq=8))
    async with socket_to(server, person.token) as socket:
        page = await socket.ask({"t": "fetch", "room": here.room, "after": 0, "limit": 100}, "page")
        assert [entry[0] for entry in page["items"]] == [9, 10, 11]


async def test_delivered_comes_when_every_device_has_acknowledged(server: Server) -> None:
    here = await in_db(circle, 2)
    await in_db(fill, here, 10)
    one, two = here.members
    async with socket_to(server, one.token) as first, socket_to(server, two.token) as second:
        await first.send({"t": "cursor", "rooms": [[here.room, 11]]})
        await second.send({"t": "cursor", "rooms": [[here.room, 7]]})
        await first.expect("delivered", room=here.room, seq=7)
        await second.expect("delivered", room=here.room, seq=7)
        # Cursors never go back, and one beyond the log counts up to its end.
        await second.send({"t": "cursor", "rooms": [[here.room, 3]]})
        await second.send({"t": "cursor", "rooms": [[here.room, 2**62], [os.urandom(16), 5]]})
        await first.expect("delivered", room=here.room, seq=11)
    assert list((await in_db(cursors_of, here.group.room)).values()) == [11, 11]


@pytest.mark.parametrize("somebody_stays", [True, False])
async def test_whoever_was_away_when_the_last_one_acknowledged_is_told_so_on_coming_back(
    server: Server, somebody_stays: bool
) -> None:
    here = await in_db(circle, 2)
    writer, reader = here.members
    async with socket_to(server, writer.token) as socket:
        seq = (await socket.ask(here.group.message(), "accepted"))["seq"]
        await socket.send({"t": "cursor", "rooms": [[here.room, seq]]})
        await socket.settled()
    async with AsyncExitStack() as stack:
        other = await stack.enter_async_context(socket_to(server, reader.token))
        await other.send({"t": "cursor", "rooms": [[here.room, seq]]})
        await other.expect("delivered", room=here.room, seq=seq)
        if not somebody_stays:
            await stack.aclose()
        async with socket_to(server, writer.token) as back:
            await back.expect("delivered", room=here.room, seq=seq)


async def test_delivered_is_told_a_room_once_a_second_at_most(server: Server) -> None:
    here = await in_db(circle, 1)
    await in_db(fill, here, 30)
    async with socket_to(server, here.members[0].token) as socket:
        begun = time.monotonic()
        for seq in range(2, 32):
            await socket.send({"t": "cursor", "rooms": [[here.room, seq]]})
            await asyncio.sleep(0.05)
        await socket.expect("delivered", seq=31)
        told = [frame["seq"] for frame in socket.arrived if frame["t"] == "delivered"]
        assert len(told) <= time.monotonic() - begun + 1
        assert told == sorted(told)


async def test_a_cursor_is_remembered_when_the_socket_closes_at_once(server: Server) -> None:
    here = await in_db(circle, 1)
    await in_db(fill, here, 5)
    async with socket_to(server, here.members[0].token) as socket:
        await socket.send({"t": "cursor", "rooms": [[here.room, 6]]})
        await socket.settled()
    async with asyncio.timeout(30):
        while list((await in_db(cursors_of, here.group.room)).values()) != [6]:  # noqa: ASYNC110 (a table tells nobody)
            await asyncio.sleep(0.05)
    async with socket_to(server) as socket:
        await socket.send({"t": "hello", "v": 1, "token": here.members[0].token})
        assert (await socket.expect("ready"))["rooms"] == [[here.room, 6, 1, 6]]


async def waits(person: Person, count: int) -> None:
    """Until so many are left in the inbox: an acknowledgement is answered by nothing that could be waited for."""
    async with asyncio.timeout(30):
        while await in_db(lambda: InboxItem.objects.filter(device=device_of(person)).count()) != count:  # noqa: ASYNC110 (a table tells nobody)
            await asyncio.sleep(0.05)


async def test_the_inbox_keeps_everything_until_it_is_acknowledged(server: Server) -> None:
    here = await in_db(circle, 1)
    person = here.members[0]

    def put() -> None:
        device = device_of(person)
        for seq in range(1, 6):
            blob = WelcomeBlob.objects.create(payload=bytes([seq]) * 400_000)
            InboxItem.objects.create(device=device, seq=seq, room_id=here.group.room, entry_seq=seq, welcome=blob)

    await in_db(put)
    for _ in range(2):
        async with socket_to(server, person.token) as socket:
            items: list[Any] = []
            while len(items) < 5:
                items += (await socket.expect("inbox"))["items"]
            assert [item[0] for item in items] == [1, 2, 3, 4, 5]
            assert [item[4][:1] for item in items] == [bytes([seq]) for seq in range(1, 6)]
    async with socket_to(server, person.token) as socket:
        # Two of them fill a frame, and what has not been given yet cannot be acknowledged.
        await socket.expect("inbox")
        await socket.expect("inbox")
        await socket.send({"t": "inbox_ack", "seq": 3})
        await waits(person, 2)
    async with socket_to(server, person.token) as socket:
        assert [item[0] for item in (await socket.expect("inbox"))["items"]] == [4, 5]
        # One that lies far ahead acknowledges what this socket was given, and nothing to come.
        await socket.send({"t": "inbox_ack", "seq": 2**62})
        await waits(person, 0)


async def test_entries_that_arrive_while_catching_up_are_neither_lost_nor_doubled(server: Server) -> None:
    here = await in_db(circle, 2)
    one, two = here.members
    async with socket_to(server, one.token) as sender:
        stop = asyncio.Event()
        count = 0

        async def chatter() -> None:
            nonlocal count
            while not stop.is_set():
                assert (await sender.ask(here.group.message(), "accepted"))["t"] == "accepted"
                count += 1

        task = asyncio.create_task(chatter())
        for _ in range(10):
            async with socket_to(server) as reader:
                await reader.send({"t": "hello", "v": 1, "token": two.token})
                ready = await reader.expect("ready")
                ((_, head, _, _),) = ready["rooms"]
                missed = [entry[0] for page in await pages(reader, here.room, 1, 500) for entry in page["items"]]
                await asyncio.sleep(0.05)
                await reader.settled()
                live = [entry[0] for entry in reader.entries(here.room)]
                assert missed[: head - 1] == list(range(2, head + 1))
                assert live == list(range(head + 1, head + 1 + len(live)))
        stop.set()
        await task
        assert count > 10
