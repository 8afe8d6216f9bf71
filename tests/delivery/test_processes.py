"""Several processes on PostgreSQL and Redis behave as one."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from itertools import cycle, pairwise

import pytest

from chat.models import InboxItem
from tests.conftest import Judged
from tests.delivery.groups import circle, hand_out
from tests.delivery.harness import Server, Socket, Store, in_db, post, socket_to
from tests.delivery.member import Member, judge
from tests.delivery.promptness import AT_ONCE_SECONDS, NOTICED_SECONDS, Pair, judge_promptness, pairs, waits
from tests.delivery.test_log import log_of
from tests.factories import Person, device_of
from tests.support.faults import ALLOWED
from tests.support.services import PostgreSQL, Redis

Servers = tuple[Server, Server]

BACK_SECONDS = 3.0
"""After Redis is back: a process tries to reach it twice a second."""


@pytest.fixture(scope="module")
def pair(shared_store: Store) -> Iterator[Servers]:
    """One on Daphne, one on uvicorn."""
    with Server(shared_store) as one, Server(shared_store, asgi="uvicorn") as other:
        yield one, other


@asynccontextmanager
async def apart(pair: Servers, one: Person, other: Person) -> AsyncIterator[tuple[Socket, Socket]]:
    """Two people's sockets, one on each process."""
    async with socket_to(pair[0], one.token) as here, socket_to(pair[1], other.token) as there:
        # Following a room takes a moment; until then it is found by looking.
        await asyncio.sleep(0.2)
        yield here, there


async def test_a_message_reaches_the_other_process_once_and_at_once(pair: Servers) -> None:
    async with pairs(pair, 10) as talking:
        seconds = await waits(talking, 20)
        await once_each(talking, 20)
    judge_promptness(seconds, AT_ONCE_SECONDS)


async def once_each(talking: list[Pair], said: int) -> None:
    """Of what was said in each room each side has heard what it has not said itself, once."""
    for pair in talking:
        for socket, own in zip(pair.sockets, pair.accepted, strict=True):
            await socket.settled()
            assert len(socket.entries(pair.here.room)) == said - len(own)


async def test_seq_has_no_gaps_and_order_is_one_across_processes(pair: Servers, rounds: int) -> None:
    await talks_in_one_order(pair, 20, 25 * rounds)


async def test_two_processes_on_one_sqlite_file_give_one_order_too(own_server: Server, rounds: int) -> None:
    with Server(own_server.store, asgi="uvicorn") as other:
        await talks_in_one_order((own_server, other), 8, 10 * rounds)


async def talks_in_one_order(pair: Servers, count: int, messages: int) -> None:
    here = await in_db(circle, count)
    servers = cycle(pair)
    members = [Member(partial(str, next(servers).address), person.token, here.room) for person in here.members]

    async def talk(member: Member) -> None:
        for _ in range(messages):
            await member.say(random.randrange(10, 2000))
            await asyncio.sleep(random.random() * 0.02)
        await member.everything_sent()

    await asyncio.gather(*map(talk, members))
    stored = await in_db(log_of, here.group.room)
    await asyncio.gather(*(member.caught_up_to(stored[-1][0]) for member in members))
    for member in members:
        await member.stop()
    assert len(stored) == 1 + count * messages
    found = judge(members, stored)
    assert {kind: count for kind, count in found.items() if count and kind not in ALLOWED} == {}


async def test_one_room_written_by_two_processes_is_seen_live_in_order_without_gaps(pair: Servers) -> None:
    circle_ = await in_db(circle, 3)
    async with (
        apart(pair, *circle_.members[:2]) as (here, there),
        socket_to(pair[1], circle_.members[2].token) as reader,
    ):
        await asyncio.sleep(0.2)

        async def talk(socket: Socket) -> None:
            for _ in range(60):
                assert (await socket.ask(circle_.group.message(), "accepted"))["t"] == "accepted"

        await asyncio.gather(talk(here), talk(there))
        await reader.until(lambda: len(reader.entries(circle_.room)) == 120)
        frames = [frame["items"] for frame in reader.arrived if frame["t"] == "entries"]
        assert all(after[0] == before[0] + 1 for frame in frames for before, after in pairwise(frame))
        assert [entry[0] for entry in reader.entries(circle_.room)] == list(range(2, 122))


async def test_whoever_is_added_by_another_process_gets_the_welcome_and_the_room(pair: Servers) -> None:
    circle_ = await in_db(circle, 1, 1)
    member, new = circle_.members[0], circle_.others[0]
    package = await in_db(hand_out, circle_.group.room, new)
    async with apart(pair, member, new) as (here, there):
        frame = circle_.group.adding_packages(member, [(new, package)])
        assert (await here.ask(frame, "accepted"))["t"] == "accepted"
        circle_.group.won(frame)
        assert (await there.expect("inbox"))["items"][0][4] == frame["welcome"]
        await asyncio.sleep(0.3)
        await here.ask(circle_.group.message(), "accepted")
        assert (await there.expect("entries"))["items"][0][0] == 3
        assert (await there.ask(circle_.group.message(), "accepted"))["seq"] == 4


async def test_a_welcome_that_nobody_announced_is_found(pair: Servers) -> None:
    circle_ = await in_db(circle, 1, 1)
    new = circle_.others[0]

    def put_silently() -> None:
        from chat.models import WelcomeBlob

        blob = WelcomeBlob.objects.create(payload=b"welcome")
        InboxItem.objects.create(device=device_of(new), seq=1, room_id=circle_.group.room, entry_seq=1, welcome=blob)

    async with socket_to(pair[0], new.token) as socket:
        await in_db(put_silently)
        assert (await socket.expect("inbox"))["items"][0][4] == b"welcome"


async def test_leaving_on_one_process_silences_the_sockets_of_the_other(pair: Servers) -> None:
    circle_ = await in_db(circle, 2)
    stays, leaves = circle_.members
    async with apart(pair, stays, leaves) as (here, there):
        status, _ = await asyncio.to_thread(post, pair[0], f"/api/v1/rooms/{circle_.group.room}/leave", leaves)
        assert status == 200
        assert (await here.ask(await in_db(circle_.group.taking_out, stays), "accepted"))["seq"] == 3
        assert (await there.expect("room"))["change"] == "removed"
        await asyncio.sleep(0.5)
        await there.settled()
        assert there.entries(circle_.room) == []
        assert [(entry[0], entry[2]) for entry in here.entries(circle_.room)] == [(2, 2)]


async def test_delivered_counts_the_devices_of_all_processes(pair: Servers) -> None:
    circle_ = await in_db(circle, 2)
    async with apart(pair, *circle_.members) as (here, there):
        await here.ask(circle_.group.message(), "accepted")
        await there.expect("entries")
        await here.send({"t": "cursor", "rooms": [[circle_.room, 2]]})
        await asyncio.sleep(1.5)
        assert not [frame for frame in here.arrived if frame["t"] == "delivered" and frame["seq"] == 2]
        await there.send({"t": "cursor", "rooms": [[circle_.room, 2]]})
        await here.expect("delivered", seq=2)
        await there.expect("delivered", seq=2)


@pytest.mark.faults
async def test_without_redis_messages_arrive_within_a_second_and_with_it_at_once_again(
    database_allowed: None, postgres_server: PostgreSQL
) -> None:
    redis = Redis()
    store = Store(postgres_server, redis)
    servers = [Server(store), Server(store, asgi="uvicorn")]

    def begin() -> None:
        redis.__enter__()
        store.__enter__()
        for server in servers:
            server.start()

    await asyncio.to_thread(begin)
    try:
        async with pairs(servers, 10) as talking:
            await waits(talking, 2)
            await asyncio.to_thread(redis.kill)
            without = await waits(talking, 20)
            await asyncio.to_thread(redis.start)
            await asyncio.sleep(BACK_SECONDS)
            again = await waits(talking, 20)
            await once_each(talking, 42)
        judge_promptness(without, NOTICED_SECONDS)
        judge_promptness(again, AT_ONCE_SECONDS)
    finally:
        for server in servers:
            server.__exit__()
        await asyncio.to_thread(store.__exit__)
        await asyncio.to_thread(redis.remove)


@pytest.mark.faults
async def test_a_process_killed_among_several_loses_nothing(pair: Servers, shared_store: Store, judged: Judged) -> None:
    third = Server(shared_store)
    await asyncio.to_thread(third.start)
    here = await in_db(circle, 12)
    places = [server.address for server in (*pair, third)]
    members = [Member(lambda: random.choice(places), person.token, here.room) for person in here.members]

    async def talk(member: Member) -> None:
        for _ in range(40):
            await member.say(random.randrange(10, 2000))
            await asyncio.sleep(random.random() * 0.05)

    async with AsyncExitStack() as stack:
        for member in members:
            stack.push_async_callback(member.stop)
        talking = asyncio.gather(*map(talk, members))
        await asyncio.sleep(0.7)
        places.remove(third.address)
        await asyncio.to_thread(third.__exit__)
        await talking
        await asyncio.gather(*(member.everything_sent() for member in members))
        stored = await in_db(log_of, here.group.room)
        await asyncio.gather(*(member.caught_up_to(stored[-1][0]) for member in members))
    judged(judge(members, stored), sum(len(member.accepted) for member in members))
