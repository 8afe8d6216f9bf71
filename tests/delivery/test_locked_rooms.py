"""A room that somebody else has locked is that room's trouble: its senders are refused, and all others go on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from uuid import UUID

import httpx
import psycopg
import pytest
from django.db import connection, connections

from chat.delivery.locked import not_free
from chat.delivery.patience import impatient
from chat.models import PushNews
from tests.delivery.groups import circle
from tests.delivery.harness import Server, Socket, Store, in_db, socket_to
from tests.support.services import PostgreSQL

REFUSALS = 100
"""If every few of them kept the whole process waiting, it would take longer than the test has."""


@pytest.fixture(scope="module")
def on_postgres(database_allowed: None, postgres_server: PostgreSQL) -> Iterator[Store]:
    with Store(postgres_server) as made:
        yield made


@pytest.fixture
def server(on_postgres: Store) -> Iterator[Server]:
    with Server(on_postgres) as made:
        yield made


@pytest.mark.faults
async def test_whoever_talks_in_another_room_goes_on_and_the_process_stays_ready(server: Server) -> None:
    locked, free = await in_db(circle, 2), await in_db(circle, 1)
    refused = 0
    over = asyncio.Event()

    async def repeats(member: Socket, frame: dict[str, object]) -> dict[str, object]:
        """As a client does, and sooner."""
        nonlocal refused
        while (answer := await member.ask(dict(frame), "accepted"))["t"] != "accepted":
            assert answer["code"] == "unavailable"
            refused += 1
            await asyncio.sleep(0.05)
        return answer

    async def talks(member: Socket) -> int:
        said = 0
        while not over.is_set():
            assert (await member.ask(free.group.message(), "accepted"))["seq"] == said + 2
            said += 1
        return said

    async def readiness() -> set[int]:
        found = set()
        async with httpx.AsyncClient() as web:
            while not over.is_set():
                found.add((await web.get(f"http://127.0.0.1:{server.port}/readyz", timeout=20)).status_code)
                await asyncio.sleep(0.1)
        return found

    async with (
        socket_to(server, locked.members[0].token) as sender,
        socket_to(server, locked.members[1].token) as committer,
        socket_to(server, free.members[0].token) as neighbour,
        asyncio.timeout(60),
    ):
        with psycopg.connect(server.store.database_url) as lock:
            lock.execute("SELECT 1 FROM chat_room WHERE id = %s FOR UPDATE", [locked.group.room])
            talking, ready = asyncio.create_task(talks(neighbour)), asyncio.create_task(readiness())
            messages = [repeats(sender, locked.group.message()) for _ in range(3)]
            trying = asyncio.gather(*messages, repeats(committer, locked.group.update(locked.members[1])))
            while refused < REFUSALS:
                assert not talking.done()
                assert not trying.done()
                await asyncio.sleep(0.05)
            over.set()
        assert await talking > 1
        assert await ready == {200}
        assert {answer["seq"] for answer in await trying} == {2, 3, 4, 5}


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 FROM chat_room WHERE id = %s FOR NO KEY UPDATE",
        "UPDATE chat_pushnews SET looks = 1 WHERE room_id = %s",
    ],
)
async def test_a_room_is_held_while_it_or_its_wish_to_push_is_locked(on_postgres: Store, statement: str) -> None:
    here, other = await in_db(circle, 1), await in_db(circle, 1)

    def look() -> tuple[set[UUID], set[UUID]]:
        PushNews.objects.create(room_id=here.group.room, due_at=0)
        with psycopg.connect(on_postgres.database_url) as lock:
            lock.execute(statement, [here.group.room])
            meanwhile = not_free([here.group.room, other.group.room])
        return meanwhile, not_free([here.group.room, other.group.room])

    assert await in_db(look) == ({here.group.room}, set())


async def test_whoever_freezes_in_a_transaction_loses_it_and_the_writer_before_others_give_up(
    on_postgres: Store,
) -> None:
    names = "lock_timeout", "idle_in_transaction_session_timeout", "tcp_user_timeout"

    def bounds() -> list[str]:
        with connection.cursor() as cursor:
            return [cursor.execute(f"SHOW {name}").fetchone()[0] for name in names]

    def writers() -> list[str]:
        with impatient(connections["default"]):
            return bounds()

    assert await in_db(bounds) == ["0", "8s", "8000"]
    assert await in_db(writers) == ["3s", "2s", "8000"]
