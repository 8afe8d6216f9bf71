"""Of two processes that write for each other now one is killed, now the other: nothing is lost or doubled."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.conftest import Judged
from tests.delivery.groups import circle
from tests.delivery.harness import Server, Store, in_db
from tests.delivery.outcomes import under_load
from tests.support.services import PostgreSQL, Redis


@pytest.fixture
def servers(database_allowed: None) -> Iterator[tuple[Server, Server]]:
    """Two processes with a database and a Redis of their own."""
    with ExitStack() as stack:
        store = stack.enter_context(Store(stack.enter_context(PostgreSQL()), stack.enter_context(Redis())))
        yield stack.enter_context(Server(store)), stack.enter_context(Server(store, asgi="uvicorn"))


@pytest.mark.faults
async def test_killing_whichever_process_writes_for_the_other_loses_and_doubles_nothing(
    servers: tuple[Server, Server], judged: Judged
) -> None:
    async def kill_each_and_start_again() -> None:
        for server in servers * 2:
            await asyncio.to_thread(server.end, signal.SIGKILL)
            await asyncio.sleep(0.1 + random.random())
            await asyncio.to_thread(server.start)
            await asyncio.sleep(random.random())

    here = await in_db(circle, 12)
    members = await under_load(
        here, [lambda: servers[0].address, lambda: servers[1].address], kill_each_and_start_again, judged
    )
    assert all(member.connections > 1 for member in members)
    assert {bye for member in members for bye in member.byes} == set()
