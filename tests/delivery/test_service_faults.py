"""A database, Redis and a clock that fail while everyone talks: nothing that was promised is lost or mixed up."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import time
from contextlib import AbstractContextManager, AsyncExitStack
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

import psycopg
import pytest

from chat.models import Entry
from tests.conftest import Judged
from tests.delivery.committing import commits_meanwhile
from tests.delivery.groups import circle
from tests.delivery.harness import Server, Store, in_db, socket_to
from tests.delivery.outcomes import under_load
from tests.support.services import PostgreSQL, Redis

T = TypeVar("T")

pytestmark = pytest.mark.faults

#: As libfaketime reads them.
JUMPS = {
    "+20d": timedelta(days=20),
    "-3d": timedelta(days=-3),
    "+90s": timedelta(seconds=90),
    "-1h": timedelta(hours=-1),
    "+0": timedelta(),
}


async def test_a_database_locked_by_someone_else_is_waited_for_in_bounded_time(own_server: Server) -> None:
    here = await in_db(circle, 1)
    async with socket_to(own_server, here.members[0].token) as sender:
        lock = sqlite3.connect(own_server.store.folder / "kindred.sqlite3", isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        async with asyncio.timeout(30):
            assert (await sender.ask(here.group.message(), "accepted"))["code"] == "unavailable"
        await sender.settled()
        lock.execute("ROLLBACK")
        lock.close()
        assert (await sender.ask(here.group.message(), "accepted"))["seq"] == 2


async def test_a_room_locked_by_someone_else_is_waited_for_in_bounded_time(
    database_allowed: None, postgres_server: PostgreSQL
) -> None:
    async with AsyncExitStack() as stack:
        store = await entered(stack, Store(postgres_server))
        server = await entered(stack, Server(store))
        here = await in_db(circle, 1)
        async with socket_to(server, here.members[0].token) as sender:
            with psycopg.connect(store.database_url) as lock:
                lock.execute("SELECT 1 FROM chat_room WHERE id = %s FOR UPDATE", [here.group.room])
                async with asyncio.timeout(30):
                    assert (await sender.ask(here.group.message(), "accepted"))["code"] == "unavailable"
                await sender.settled()
            assert (await sender.ask(here.group.message(), "accepted"))["seq"] == 2


async def test_postgresql_stopped_and_started_loses_nothing(database_allowed: None, judged: Judged) -> None:
    def begin() -> tuple[PostgreSQL, Store, Server]:
        postgres = PostgreSQL()
        postgres.__enter__()
        store = Store(postgres)
        store.__enter__()
        return postgres, store, Server(store, asgi="uvicorn").start()

    postgres, store, server = await asyncio.to_thread(begin)
    try:

        async def stop_and_start_again() -> None:
            await asyncio.to_thread(postgres.kill)
            await asyncio.sleep(1)
            await asyncio.to_thread(postgres.start)
            await asyncio.sleep(0.5)
            await asyncio.to_thread(postgres.stop)
            await asyncio.to_thread(postgres.start)

        here, changing = await in_db(circle, 8), await in_db(circle, 4)
        async with commits_meanwhile(changing, [lambda: server.address], judged):
            members = await under_load(here, [lambda: server.address], stop_and_start_again, judged, 60)
        assert {code for member in members for code in member.refusals} <= {"unavailable"}
    finally:
        server.__exit__()
        await asyncio.to_thread(store.__exit__)
        await asyncio.to_thread(postgres.remove)


async def entered(stack: AsyncExitStack, manager: AbstractContextManager[T]) -> T:
    """Enters it beside the event loop, and leaves it with the stack."""
    value = await asyncio.to_thread(manager.__enter__)
    stack.push_async_callback(asyncio.to_thread, manager.__exit__, None, None, None)
    return value


async def test_redis_stopped_and_started_loses_nothing(
    database_allowed: None, postgres_server: PostgreSQL, judged: Judged
) -> None:
    """Two processes, members on both."""
    async with AsyncExitStack() as stack:
        redis = await entered(stack, Redis())
        store = await entered(stack, Store(postgres_server, redis))
        servers = [await entered(stack, Server(store, asgi=asgi)) for asgi in ("daphne", "uvicorn")]

        async def stop_and_start_again() -> None:
            for _ in range(2):
                await asyncio.to_thread(redis.kill)
                await asyncio.sleep(random.random())
                await asyncio.to_thread(redis.start)
                await asyncio.sleep(random.random())

        here = await in_db(circle, 12)
        members = await under_load(
            here, [partial(str, server.address) for server in servers], stop_and_start_again, judged
        )
        assert {code for member in members for code in member.refusals} == set()
        assert {member.connections for member in members} == {1}


async def test_a_clock_that_jumps_under_load_loses_and_reorders_nothing(
    store_by_round: Store, tmp_path: Path, judged: Judged
) -> None:
    """The server's own clock, as it sees it, goes weeks ahead and days back while it runs.

    Nothing is deleted meanwhile, so that the whole log can be judged; test_retention.py has what retention does then.
    """
    clock = tmp_path / "clock"
    clock.write_text("+0")
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
    faked = {"LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(clock)}
    settings = {"FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1", "CLEAN_INSIDE": "0"}
    async with AsyncExitStack() as stack:
        server = await entered(stack, Server(store_by_round, **faked, **settings))
        here = await in_db(circle, 8)

        async def jump() -> None:
            for moved, by in JUMPS.items():
                before = len(await in_db(times))
                # At once: a file that is read half-written ends the process.
                (tmp_path / "next").write_text(moved)
                (tmp_path / "next").replace(clock)
                await members_hear(before + 20, by)

        def times() -> list[int]:
            entries = Entry.objects.filter(room=here.group.room).order_by("seq")
            return list(entries.values_list("accepted_at", flat=True))

        async def members_hear(after: int, by: timedelta) -> None:
            async with asyncio.timeout(60):
                while not any(_is_about(at, by) for at in (await in_db(times))[after:]):  # noqa: ASYNC110 (a log tells nobody)
                    await asyncio.sleep(0.05)

        await under_load(here, [lambda: server.address], jump, judged)
        stamped = await in_db(times)
        assert max(stamped) - min(stamped) > 20 * 86_400_000


def _is_about(time_ms: int, by: timedelta) -> bool:
    """Whether that is what a clock shows that is so far from this one, in the minutes that a test takes."""
    return abs(time_ms / 1000 - time.time() - by.total_seconds()) < 300
