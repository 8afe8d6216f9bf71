"""What hosting platforms start is the Procfile's own line; it drains as `manage.py serve` does."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterator

import pytest
from websockets.asyncio.client import connect

from tests.conftest import Judged
from tests.delivery.groups import circle
from tests.delivery.harness import PATH, ROOT, Server, Store, in_db, procfile
from tests.delivery.outcomes import under_load

pytestmark = pytest.mark.faults


class Hosted(Server):
    def command(self) -> list[str]:
        return procfile("web")


@pytest.fixture
def hosted(store_by_round: Store) -> Iterator[Server]:
    """Daphne on SQLite; on PostgreSQL uvicorn, as the README has it."""
    (line,) = [line for line in (ROOT / "README.md").read_text().splitlines() if "ASGI_SERVER=" in line]
    uvicorn = line.partition("=")[2].strip('"')
    with Hosted(store_by_round, PATH=PATH, ASGI_SERVER=uvicorn if store_by_round.postgres else "") as server:
        yield server


async def test_the_web_process_of_the_procfile_says_goodbye_and_loses_nothing(hosted: Server, judged: Judged) -> None:
    took: list[float] = []

    async def stop_and_start_again() -> None:
        begun = time.monotonic()
        status = await asyncio.to_thread(hosted.end, signal.SIGTERM)
        took.append(time.monotonic() - begun)
        assert status in (0, -signal.SIGTERM)
        await asyncio.to_thread(hosted.start)

    async with connect(hosted.address, compression="deflate") as wire:
        assert wire.protocol.extensions == []
    here = await in_db(circle, 8)
    members = await under_load(here, [lambda: hosted.address], stop_and_start_again, judged)
    assert [set(member.byes) for member in members] == [{"draining"}] * 8
    # Platforms kill what is still there after half a minute.
    assert took[0] < 25
