"""A PostgreSQL that is there and answers nothing: everyone is told within seconds, and nothing is lost or stored twice."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest

from chat.delivery.patience import SILENT_SECONDS
from chat.models import Entry
from tests.delivery.groups import circle
from tests.delivery.harness import Server, Store, in_db, reconnect, socket_to
from tests.support.services import PostgreSQL

pytestmark = pytest.mark.faults


@pytest.fixture
def frozen_server(database_allowed: None) -> Iterator[tuple[Server, PostgreSQL]]:
    with (
        PostgreSQL() as postgres,
        Store(postgres) as store,
        Server(store, asgi="uvicorn") as server,
    ):
        yield server, postgres


def signal_all(postgres: PostgreSQL, number: signal.Signals) -> None:
    """To the server and all of its processes."""
    for pid in postgres.processes():
        # Once the server goes on, it may end one of its processes before we come to it.
        with suppress(ProcessLookupError):
            os.kill(pid, number)


async def test_a_frozen_database_is_waited_for_in_bounded_time_by_everyone(
    frozen_server: tuple[Server, PostgreSQL],
) -> None:
    server, postgres = frozen_server
    here = await in_db(circle, 2)
    async with socket_to(server, here.members[0].token) as sender, httpx.AsyncClient() as web:
        assert (await sender.ask(here.group.message(), "accepted"))["seq"] == 2
        assert (await web.get(f"http://127.0.0.1:{server.port}/readyz", timeout=10)).status_code == 200
        signal_all(postgres, signal.SIGSTOP)
        try:
            begun = time.monotonic()
            asked = here.group.message()

            async def readiness() -> tuple[int, float]:
                answer = await web.get(f"http://127.0.0.1:{server.port}/readyz", timeout=30)
                return answer.status_code, time.monotonic() - begun

            async def hello() -> str:
                async with socket_to(server) as late:
                    await late.send({"t": "hello", "v": 1, "token": here.members[1].token})
                    answer = await late.expect("error", 2 * SILENT_SECONDS)
                    return str(answer["code"])

            answer, code, (status, seconds) = await asyncio.gather(sender.ask(asked, "accepted"), hello(), readiness())
            assert answer["code"] == code == "unavailable"
            assert (status, seconds < 8) == (503, True)
            assert time.monotonic() - begun < 2 * SILENT_SECONDS
            again = time.monotonic()
            assert (await sender.ask(here.group.message(), "accepted"))["code"] == "unavailable"
            assert time.monotonic() - again < 2 * SILENT_SECONDS
        finally:
            signal_all(postgres, signal.SIGCONT)
        async with asyncio.timeout(30):
            while (answer := await sender.ask(dict(asked), "accepted"))["t"] != "accepted":  # noqa: ASYNC110 (the server tells nobody)
                await asyncio.sleep(0.2)
        async with socket_to(server, here.members[1].token):
            pass
    await in_db(reconnect)
    stored = await in_db(lambda: list(Entry.objects.filter(room=here.group.room, entry_id=asked["id"])))
    assert [entry.seq for entry in stored] == [answer["seq"]]
