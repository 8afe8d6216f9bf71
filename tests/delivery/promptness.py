"""How soon a message is with the others, measured over many, on a machine that has other work as well.

Of each measurement `SHARE` have to keep the promise, and all of them `LATEST_SECONDS`: other work makes a few late, a fault
of Kindred many, or one for good.
"""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from tests.delivery.groups import Circle, circle
from tests.delivery.harness import Server, Socket, in_db, socket_to

NOTICED_SECONDS = 1.0
"""What is promised of a message whose news was lost."""
AT_ONCE_SECONDS = 0.2
"""Sooner than who only looks would find it."""
SHARE = 95
"""In a hundred."""
LATEST_SECONDS = 5.0
FEWEST = 200
PAUSE_SECONDS = 0.4


@dataclass
class Pair:
    """Two people in a room of their own, each at another process. `accepted` is what each was promised, by id."""

    here: Circle
    sockets: tuple[Socket, Socket]
    accepted: tuple[dict[bytes, int], dict[bytes, int]] = field(default_factory=lambda: ({}, {}))

    async def wait(self, sender: int) -> float:
        """Seconds from sending a message until the other one has it."""
        reader = self.sockets[1 - sender]
        begun, known = time.monotonic(), len(reader.entries(self.here.room))
        answer = await self.sockets[sender].ask(self.here.group.message(), "accepted")
        self.accepted[sender][answer["id"]] = answer["seq"]
        await reader.until(lambda: len(reader.entries(self.here.room)) > known)
        return time.monotonic() - begun


@asynccontextmanager
async def pairs(servers: Sequence[Server], count: int) -> AsyncIterator[list[Pair]]:
    async with AsyncExitStack() as stack:
        made = []
        for _ in range(count):
            here = await in_db(circle, 2)
            one, other = [
                await stack.enter_async_context(socket_to(server, person.token))
                for server, person in zip(servers, here.members, strict=True)
            ]
            made.append(Pair(here, (one, other)))
        # Following a room takes a moment; until then it is found by looking.
        await asyncio.sleep(0.5)
        yield made


async def waits(talking: Sequence[Pair], each: int) -> list[float]:
    """All pairs talk at the same time, each of them by turns; what each message took.

    They pause between messages: else all of them would wait for the same rounds of whoever looks, and one late round be
    counted for each.
    """

    async def talk(pair: Pair) -> list[float]:
        found = []
        for number in range(each):
            await asyncio.sleep(random.random() * PAUSE_SECONDS)
            found.append(await pair.wait(number % 2))
        return found

    return [seconds for found in await asyncio.gather(*map(talk, talking)) for seconds in found]


def judge_promptness(seconds: Sequence[float], promised: float) -> None:
    assert len(seconds) >= FEWEST
    usual, late = statistics.quantiles(seconds, n=100)[49], statistics.quantiles(seconds, n=100)[SHARE - 1]
    figures = f"of {len(seconds)}: p50 {usual:.3f} s, p{SHARE} {late:.3f} s, latest {max(seconds):.3f} s"
    print(figures)
    assert late < promised, figures
    assert max(seconds) < LATEST_SECONDS, figures
