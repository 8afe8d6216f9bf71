"""What hosting platforms start is the Procfile's own line; it drains as `manage.py serve` does."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Judged
from tests.delivery.groups import circle
from tests.delivery.harness import ROOT, Server, Store, in_db
from tests.delivery.outcomes import under_load

pytestmark = pytest.mark.faults


class Hosted(Server):
    def command(self) -> list[str]:
        lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
        # As platforms do: through a shell, with the programs of the environment that was built for it.
        return ["sh", "-c", f"exec {lines['web']}"]


@pytest.fixture
def hosted(store_by_round: Store) -> Iterator[Server]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with Hosted(store_by_round, PATH=path, ASGI_SERVER="") as server:
        yield server


async def test_the_web_process_of_the_procfile_says_goodbye_and_loses_nothing(hosted: Server, judged: Judged) -> None:
    took: list[float] = []

    async def stop_and_start_again() -> None:
        begun = time.monotonic()
        status = await asyncio.to_thread(hosted.end, signal.SIGTERM)
        took.append(time.monotonic() - begun)
        assert status in (0, -signal.SIGTERM)
        await asyncio.to_thread(hosted.start)

    here = await in_db(circle, 8)
    members = await under_load(here, [lambda: hosted.address], stop_and_start_again, judged)
    assert [set(member.byes) for member in members] == [{"draining"}] * 8
    # Platforms kill what is still there after half a minute.
    assert took[0] < 25
