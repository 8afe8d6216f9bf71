"""A device that may read a room hears it, and one that may not does not, whatever overlaps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec
from django.utils import timezone

from chat.delivery.commit_store import store
from chat.delivery.commits import Groups, judge, know
from chat.delivery.process import Delivery
from chat.delivery.sync import Place
from chat.protocol.frames import Commit
from tests.delivery.groups import circle
from tests.delivery.harness import Server, in_db, socket_to
from tests.delivery.test_hub import ROOM, batch, connection
from tests.factories import device_of


def store_unanswered(device: int, frame: dict[str, Any]) -> None:
    """What a process does whose connection to the database, or itself, is gone before anybody hears of it."""
    commit = msgspec.msgpack.decode(msgspec.msgpack.encode(frame), type=Commit)
    known = know(device, commit)
    repeated, batches = store(known, commit, judge(known, commit, Groups(), timezone.now()), None)
    assert repeated is None
    assert len(batches) == 1


async def test_who_repeats_a_commit_that_let_it_in_unanswered_hears_the_room(own_server: Server) -> None:
    here = await in_db(circle, 1, 1, "open")
    member, new = here.members[0], here.others[0]
    async with socket_to(own_server, member.token) as speaker, socket_to(own_server, new.token) as newcomer:
        frame = here.group.entering(new)
        await in_db(lambda: store_unanswered(device_of(new).pk, frame))
        assert (await newcomer.ask(frame, "accepted"))["seq"] == 2
        here.group.won(frame)
        assert (await speaker.ask(here.group.message(), "accepted"))["seq"] == 3
        assert [entry[0] for entry in (await newcomer.expect("entries", 20))["items"]] == [3]


async def test_who_repeats_a_commit_and_was_put_out_since_hears_nothing(own_server: Server) -> None:
    here = await in_db(circle, 1, 1, "open")
    member, new = here.members[0], here.others[0]
    async with socket_to(own_server, member.token) as speaker, socket_to(own_server, new.token) as newcomer:
        frame = here.group.entering(new)
        await in_db(lambda: store_unanswered(device_of(new).pk, frame))
        await in_db(lambda: device_of(new).room_devices.update(removed_at=timezone.now()))
        assert (await newcomer.ask(frame, "accepted"))["code"] == "stale_epoch"
        here.group.won(frame)
        assert (await speaker.ask(here.group.message(), "accepted"))["seq"] == 3
        await newcomer.settled()
        assert newcomer.entries(here.room) == []


async def test_who_is_put_out_while_its_rooms_are_read_twice_stays_out() -> None:
    """The second reading begins after the removal, and must not make the first one forget it."""
    delivery = Delivery(asyncio.get_running_loop())
    one, memory = connection(7)
    delivery.hub.add(one)
    delivery.hub.subscribe(ROOM, one, 4)
    goes_on = asyncio.Event()
    found = [[Place(ROOM, 4, 1, 4, 1)], [], []]

    async def run(_: Callable[..., Any], *__: object) -> list[Place]:
        places = found.pop(0)
        if places:
            await goes_on.wait()
        return places

    delivery.readers.run = run  # type: ignore[method-assign, assignment] # this stands in for the database
    first = asyncio.ensure_future(delivery.coming_in.join(one))
    await asyncio.sleep(0)
    delivery.hub.drop_devices(ROOM, [one.device])
    assert await delivery.coming_in.join(one) == []
    goes_on.set()
    assert await first == []
    delivery.hub.take(batch(5, 1))
    assert ROOM.bytes not in one.rooms
    assert [frame["t"] for frame in memory.frames] == ["room"]
