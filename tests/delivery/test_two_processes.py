"""Two processes on PostgreSQL and Redis, of which one freezes or leaves, or whose database goes: members are on both."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import psycopg
import pytest

from chat.delivery.patience import SILENT_SECONDS
from tests.conftest import Judged
from tests.delivery.committing import commits_meanwhile
from tests.delivery.groups import circle
from tests.delivery.harness import Server, Store, in_db
from tests.delivery.member import Member
from tests.delivery.outcomes import under_load
from tests.delivery.test_log import log_of
from tests.support.services import PostgreSQL, Redis, wait_until

pytestmark = pytest.mark.faults

Pair = tuple[Server, Server]

#: Where a writer is kept while it has rooms locked: by which lock, and the beginning of what waits for it.
PLACES = {
    "its rooms are locked and looked up": ("LOCK TABLE chat_roommute IN ACCESS EXCLUSIVE MODE", "SELECT rd.room_id"),
    "its entries are written": ("LOCK TABLE chat_entry IN SHARE MODE", "INSERT INTO chat_entry"),
}


def pair(stack: ExitStack, store: Store) -> Pair:
    """One on Daphne, one on uvicorn; PostgreSQL knows them by their ports."""
    made = Server(store), Server(store, asgi="uvicorn")
    for server in made:
        server.env["DATABASE_URL"] = f"{store.database_url}?application_name={server.port}"
        stack.enter_context(server)
    return made


@pytest.fixture
def servers(shared_store: Store) -> Iterator[Pair]:
    with ExitStack() as stack:
        yield pair(stack, shared_store)


@contextmanager
def frozen_in_the_middle(servers: Pair, keep: str, waiting: str) -> Iterator[Server]:
    """Whichever of them writes next stands still, with the rooms locked that it writes, until the block ends."""
    url = servers[0].store.database_url
    names: list[str] = []

    def states(where: str, *values: str) -> list[str]:
        found = watch.execute(
            f"SELECT application_name FROM pg_stat_activity WHERE datname = current_database() AND {where}",  # noqa: S608 (all of it stands below)
            values,
        )
        return [name for (name,) in found]

    def waits() -> bool:
        names[:] = states("wait_event = 'relation' AND ltrim(query, E'\\n') LIKE %s", f"{waiting}%")
        return bool(names)

    def stands(server: Server) -> bool:
        for _ in range(100):
            if str(server.port) in states("state = 'idle in transaction'"):
                return True
            time.sleep(0.02)
        return False

    with psycopg.connect(url, autocommit=True) as watch:
        # Where a machine is so slow that what should wait has given up or been ended by then, once more.
        for _ in range(5):
            with psycopg.connect(url) as lock:
                lock.execute(keep)
                wait_until(waits, 20)
                frozen = next(server for server in servers if str(server.port) in names)
                time.sleep(0.1)  # until it has sent all that it sends together
                assert frozen.process is not None
                frozen.process.send_signal(signal.SIGSTOP)
            try:
                if stands(frozen):
                    yield frozen
                    return
            finally:
                frozen.process.send_signal(signal.SIGCONT)
        raise AssertionError("none of them stood still in a transaction")


async def test_a_process_frozen_in_the_middle_of_a_transaction_keeps_no_room_from_the_others(
    servers: Pair, judged: Judged, fault_round: int
) -> None:
    here = await in_db(circle, 12)
    away: set[Server] = set()
    members: list[Member] = []

    def address(home: int) -> Callable[[], str]:
        return lambda: (servers[1 - home] if servers[home] in away else servers[home]).address

    async def stored() -> int:
        return len(await in_db(log_of, here.group.room))

    async def freeze() -> None:
        block = frozen_in_the_middle(servers, *list(PLACES.values())[fault_round % 2])
        frozen = await asyncio.to_thread(block.__enter__)
        try:
            since, before = time.monotonic(), await stored()
            away.add(frozen)
            # Some give it up, and are there twice when it goes on; others wait for it.
            for member in members[servers.index(frozen) :: 4]:
                if member._wire is not None:
                    member._wire.transport.abort()
            async with asyncio.timeout(60):
                while await stored() < before + 30:  # noqa: ASYNC110 (a log tells nobody)
                    await asyncio.sleep(0.1)
            await asyncio.sleep(SILENT_SECONDS + 1 - (time.monotonic() - since))
        finally:
            await asyncio.to_thread(block.__exit__, None, None, None)
            away.clear()

    await under_load(here, [address(0), address(1)], freeze, judged, met=members)
    assert {code for member in members for code in member.refusals} <= {"unavailable"}


async def test_a_process_that_leaves_sends_its_members_to_the_other_and_loses_nothing(
    servers: Pair, judged: Judged, fault_round: int
) -> None:
    leaving, staying = servers if fault_round % 2 else servers[::-1]
    here = await in_db(circle, 12)
    at = [leaving]

    async def leave() -> None:
        at[0] = staying
        assert await asyncio.to_thread(leaving.end, signal.SIGTERM) in (0, -signal.SIGTERM)

    members = await under_load(here, [lambda: at[0].address, lambda: staying.address], leave, judged)
    assert [set(member.byes) for member in members] == [{"draining"}, set()] * 6
    assert {member.connections for member in members} == {1, 2}


@pytest.fixture
def servers_of_their_own(database_allowed: None, redis_server: Redis) -> Iterator[tuple[Pair, PostgreSQL]]:
    with ExitStack() as stack:
        postgres = stack.enter_context(PostgreSQL())
        yield pair(stack, stack.enter_context(Store(postgres, redis_server))), postgres


async def test_postgresql_killed_and_started_under_two_processes_loses_nothing(
    servers_of_their_own: tuple[Pair, PostgreSQL], judged: Judged
) -> None:
    servers, postgres = servers_of_their_own

    async def restart() -> None:
        for end in (postgres.kill, postgres.stop):
            await asyncio.to_thread(end)
            await asyncio.sleep(0.5)
            await asyncio.to_thread(postgres.start)
            await asyncio.sleep(0.5)

    here, changing = await in_db(circle, 12), await in_db(circle, 4)
    addresses = [lambda: servers[0].address, lambda: servers[1].address]
    async with commits_meanwhile(changing, addresses, judged):
        members = await under_load(here, addresses, restart, judged)
    assert {code for member in members for code in member.refusals} <= {"unavailable"}
