"""What comes of a room whose members talk while something goes wrong."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from itertools import cycle

from tests.conftest import Judged
from tests.delivery.groups import Circle
from tests.delivery.harness import in_db, reconnect
from tests.delivery.member import Member, judge
from tests.delivery.test_log import log_of


async def under_load(
    here: Circle, addresses: Sequence[Callable[[], str]], trouble: Callable[[], Awaitable[None]], judged: Judged,
    messages: int = 40,
) -> list[Member]:  # fmt: skip
    """Everyone talks before, during and after `trouble`, and everyone gets there all the same.

    The members are spread over the addresses in turn.
    """
    members = [Member(at, person.token, here.room) for at, person in zip(cycle(addresses), here.members, strict=False)]
    over = asyncio.Event()
    said = 0

    async def talk(member: Member) -> None:
        nonlocal said
        left = messages
        while left > 0 or not over.is_set():
            await member.say(random.randrange(10, 3000))
            said += 1
            left -= 1
            await asyncio.sleep(random.random() * (0.05 if left > 0 else 0.5))
        for _ in range(3):
            await member.say()
            said += 1

    talking = asyncio.gather(*map(talk, members))
    for member in members:
        await member.until(lambda member=member: bool(member.accepted))  # type: ignore[misc]
    await trouble()
    over.set()
    await talking
    await outcome(here, members, said, judged)
    return members


async def outcome(here: Circle, members: list[Member], said: int, judged: Judged) -> None:
    """Waits until everything said is everywhere, and judges. A room that does not get there is stuck."""
    stuck = 0
    try:
        await asyncio.gather(*(member.everything_sent(90) for member in members))
        await in_db(reconnect)
        head = (await in_db(log_of, here.group.room))[-1][0]
        await asyncio.gather(*(member.caught_up_to(head, 90) for member in members))
    except TimeoutError:
        stuck = 1
    for member in members:
        await member.stop()
    stored = await in_db(log_of, here.group.room)
    promised = sum(len(member.accepted) for member in members)
    judged({**judge(members, stored), "stuck": stuck, "not stored": 1 + said - len(stored)}, promised)
