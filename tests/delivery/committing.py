"""A room whose group changes all the time while something goes wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from itertools import count, cycle

from tests.conftest import Judged
from tests.delivery.groups import Circle, room_now
from tests.delivery.harness import in_db
from tests.delivery.member import Member
from tests.delivery.outcomes import outcome

AT_LEAST = 10
ANSWER_SECONDS = 90.0


@asynccontextmanager
async def commits_meanwhile(
    here: Circle, addresses: Sequence[Callable[[], str]], judged: Judged
) -> AsyncIterator[list[Member]]:
    """While the block lasts, two members after the other two commit at once: of each pair one wins, whatever happens.

    Then everybody must have heard of every epoch, once and in order, and the server must be in the last one.
    """
    members = [Member(at, person.token, here.room) for at, person in zip(cycle(addresses), here.members, strict=False)]
    over = asyncio.Event()
    epochs = asyncio.create_task(_race(here, members, over))
    try:
        yield members
        over.set()
        won = await epochs
        await outcome(here, members, won, judged, alone=len(addresses) == 1)
        assert (await in_db(room_now, here.group.room))[:2] == (1 + won, 1 + won)
    finally:
        epochs.cancel()


async def _race(here: Circle, members: list[Member], over: asyncio.Event) -> int:
    """How many epochs there were."""
    for done in count():
        if over.is_set() and done >= AT_LEAST:
            return done
        places = [(done + step) % len(members) for step in (0, 1)]
        frames = [here.group.update(here.members[place]) for place in places]
        answers = await asyncio.gather(
            *(members[place].bring(frame, ANSWER_SECONDS) for place, frame in zip(places, frames, strict=True))
        )
        assert sorted(map(str, answers)) == ["None", "stale_epoch"], answers
        here.group.won(frames[answers.index(None)])
    raise AssertionError
