"""Leaving in order, whatever else the process is at just then."""

from __future__ import annotations

import asyncio
import time

import pytest

from chat.delivery import process
from chat.delivery.log import Batch
from chat.delivery.process import Delivery
from chat.delivery.writer import Writer
from tests.delivery.test_hub import connection


class Endless:
    """Clean-up that finds more whenever it has deleted something."""

    def __init__(self, writer: Writer, *_: object) -> None:
        self._writer = writer
        self.rounds = 0

    async def look(self) -> None:
        while True:
            await self._writer.run(self._delete)

    def _delete(self) -> tuple[None, list[Batch]]:
        self.rounds += 1
        time.sleep(0.005)
        return None, []


@pytest.fixture
def endless(monkeypatch: pytest.MonkeyPatch) -> list[Endless]:
    made: list[Endless] = []

    def make(*args: object) -> Endless:
        made.append(Endless(*args))  # type: ignore[arg-type] # the writer comes first
        return made[-1]

    monkeypatch.setattr(process, "Retention", make)
    monkeypatch.setattr(process, "ROUND_SECONDS", 0.0)
    monkeypatch.setattr(process, "on_signal", lambda *_: None)
    return made


async def test_clean_up_that_goes_on_and_on_keeps_nobody_from_their_goodbye(
    database_allowed: None, endless: list[Endless]
) -> None:
    delivery = Delivery(asyncio.get_running_loop())
    delivery.start()
    member, memory = connection(1)
    delivery.hub.add(member)
    async with asyncio.timeout(20):
        while endless[0].rounds < 3:  # noqa: ASYNC110 (the thread tells nobody)
            await asyncio.sleep(0.01)
        await delivery.drain()
    assert [(frame["t"], frame["code"]) for frame in memory.frames] == [("bye", "draining")]
    delivery.repair.stop()
    await asyncio.to_thread(delivery.writer.stop)
