"""A commit that is written by half when PostgreSQL or the process that writes it is killed: it is whole, or nothing of it is."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests.conftest import Judged
from tests.delivery.groups import circle, room_now
from tests.delivery.harness import Server, Store, in_db, reconnect
from tests.delivery.member import Member
from tests.delivery.outcomes import outcome
from tests.support.services import PostgreSQL, wait_until

pytestmark = pytest.mark.faults

#: Before a room enters its new epoch, which is the last that is written of a commit.
STOPS = """
CREATE FUNCTION stops() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END';
CREATE TRIGGER stops BEFORE UPDATE OF epoch ON chat_room FOR EACH ROW EXECUTE FUNCTION stops();
"""


@pytest.fixture
def places(database_allowed: None) -> Iterator[tuple[PostgreSQL, Server]]:
    with PostgreSQL() as postgres, Store(postgres) as store, Server(store) as server:
        yield postgres, server


@contextmanager
def by_half(url: str) -> Iterator[None]:
    """Waits until a commit is written up to its last statement, which waits as long as the block lasts."""
    with psycopg.connect(url, autocommit=True) as keeper:
        keeper.execute("SELECT pg_advisory_lock(1)")

        def waits() -> bool:
            found = keeper.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'advisory'").fetchone()
            return found is not None

        wait_until(waits, 30)
        assert waits()
        yield


@pytest.mark.parametrize("killed", ["postgresql", "process"])
async def test_a_commit_written_by_half_when_that_is_killed_is_there_once_and_whole(
    places: tuple[PostgreSQL, Server], killed: str, judged: Judged
) -> None:
    postgres, server = places
    url = server.store.database_url
    here = await in_db(circle, 3)
    members = [Member(lambda: server.address, person.token, here.room) for person in here.members]

    def kill() -> None:
        with by_half(url):
            if killed == "postgresql":
                postgres.kill()
            else:
                server.end(signal.SIGKILL)
        if killed == "postgresql":
            postgres.start()
        else:
            server.start()

    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(STOPS)
    killing = asyncio.create_task(asyncio.to_thread(kill))
    frame = here.group.update(here.members[0])
    assert await members[0].bring(frame, 90) is None
    await killing
    here.group.won(frame)
    assert await members[1].bring(here.group.update(here.members[1]), 90) is None
    await outcome(here, members, 2, judged, alone=True)
    await in_db(reconnect)
    assert (await in_db(room_now, here.group.room))[:2] == (3, 3)
