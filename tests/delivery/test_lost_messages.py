"""Redis lives and loses single messages: everybody has everything all the same, once, in order, and soon."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass

import pytest

from tests.conftest import Judged
from tests.delivery.groups import circle
from tests.delivery.harness import Server, Store, in_db
from tests.delivery.lossy import LossyRedis
from tests.delivery.outcomes import judge_sockets, under_load
from tests.delivery.promptness import NOTICED_SECONDS, judge_promptness, pairs, waits
from tests.delivery.test_log import log_of
from tests.delivery.test_service_faults import entered
from tests.support.services import PostgreSQL, Redis

pytestmark = pytest.mark.faults


@dataclass
class Lossy:
    way: LossyRedis
    servers: tuple[Server, Server]


@pytest.fixture
async def lossy(database_allowed: None, postgres_server: PostgreSQL, redis_server: Redis) -> AsyncIterator[Lossy]:
    """Two processes whose every message of the other passes a way that loses some."""
    async with AsyncExitStack() as stack:
        way = await stack.enter_async_context(LossyRedis(redis_server))
        store = await entered(stack, Store(postgres_server, redis_server))
        one, other = [await entered(stack, Server(store, asgi=a, REDIS_URL=way.url)) for a in ("daphne", "uvicorn")]
        yield Lossy(way, (one, other))


@pytest.mark.parametrize("every", [1, 2, 5])
async def test_a_message_that_redis_loses_is_noticed_within_a_second(lossy: Lossy, every: int, judged: Judged) -> None:
    async with pairs(lossy.servers, 10) as talking:
        lossy.way.every = every
        seconds = await waits(talking, 24)
        assert lossy.way.dropped > 40
        for pair in talking:
            for socket in pair.sockets:
                await socket.settled()
            stored = await in_db(log_of, pair.here.group.room)
            sides = zip(pair.sockets, pair.accepted, strict=True)
            judged(judge_sockets(pair.here.room, stored, pair.accepted[0] | pair.accepted[1], *sides), len(stored) - 1)
    judge_promptness(seconds, NOTICED_SECONDS)


async def test_a_room_that_everybody_writes_while_messages_are_lost_keeps_its_order(
    lossy: Lossy, judged: Judged
) -> None:
    here = await in_db(circle, 12)

    async def lose() -> None:
        for every in (3, 7, 2):
            lossy.way.every = every
            await asyncio.sleep(1.5)
        lossy.way.every = 0

    one, other = lossy.servers
    members = await under_load(here, [lambda: one.address, lambda: other.address], lose, judged)
    assert lossy.way.dropped > 10
    assert {member.connections for member in members} == {1}
