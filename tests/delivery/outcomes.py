"""What comes of a room whose members talk while something goes wrong."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import cycle
from time import monotonic

from tests.conftest import Judged
from tests.delivery.ear import Ear
from tests.delivery.groups import Circle
from tests.delivery.harness import Socket, in_db, reconnect
from tests.delivery.member import Member, disorder, judge
from tests.delivery.test_log import log_of
from tests.support.faults import HELD_UP, LONGEST

BACK_SECONDS = 20.0
"""By then `SHARE` of 100 of what a fault held up are with everybody (docs/protocol.md, section 8)."""
SHARE = 99
LIVE_SECONDS = 60.0
"""How long the last entries may take to come live to whoever has fetched them."""


async def under_load(
    here: Circle, addresses: Sequence[Callable[[], str]], trouble: Callable[[], Awaitable[None]], judged: Judged,
    messages: int = 40, met: list[Member] | None = None,
) -> list[Member]:  # fmt: skip
    """Everyone talks before, during and after `trouble`, and everyone gets there all the same.

    The members are spread over the addresses in turn. Every third one is hasty, and every third one patient. `met` gets
    them at once, for `trouble`.
    """
    members = [
        Member(at, person.token, here.room, hasty=index % 3 == 2, patient=index % 3 == 1)
        for index, (at, person) in enumerate(zip(cycle(addresses), here.members, strict=False))
    ]
    if met is not None:
        met += members
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
    ended = monotonic()
    over.set()
    await talking
    await outcome(here, members, said, judged, alone=len(addresses) == 1, ended=ended)
    return members


async def outcome(
    here: Circle, members: list[Member], said: int, judged: Judged, *, alone: bool, ended: float | None = None
) -> None:
    """Waits until everything said is everywhere, and judges. A room that does not get there is stuck.

    Whoever has everything must also have been told everything live, however they came by it. `alone` when one process
    served all of them all the time. `ended` is when the trouble did, by the monotonic clock.
    """
    stuck = 0
    untold = 0
    try:
        await asyncio.gather(*(member.everything_sent(90) for member in members))
        await in_db(reconnect)
        head = (await in_db(log_of, here.group.room))[-1][0]
        await asyncio.gather(*(member.caught_up_to(head, 90) for member in members))
        untold = sum(await asyncio.gather(*(member.untold(head, LIVE_SECONDS) for member in members)))
    except TimeoutError:
        stuck = 1
    for member in members:
        await member.stop()
    stored = await in_db(log_of, here.group.room)
    promised = sum(len(member.accepted) for member in members)
    found = judge(members, stored)
    if alone:
        # It is told everything in order: there is no gap that it fills.
        found["copies"] = found.get("copies", 0) + found.pop("copies before the answer", 0)
        untold += found.pop("answers after later entries", 0)
    found["left out live"] = found.get("left out live", 0) + untold
    found[LONGEST] = round(1000 * max(member.longest for member in members))
    waited = sorted(held_up(members, ended)) if ended is not None else []
    found[HELD_UP] = round(1000 * waited[len(waited) * SHARE // 100]) if waited else 0
    judged({**found, "stuck": stuck, "not stored": 1 + said - len(stored)}, promised)
    late = {name: found[name] / 1000 for name in (LONGEST, HELD_UP)}
    assert max(late.values()) <= BACK_SECONDS, late


def held_up(members: Sequence[Member], ended: float) -> list[float]:
    """What was said before the trouble ended and not shown by then, for each who waited for it: seconds since its end."""
    before = {
        identity for member in members for identity, at in zip(member.said, member.said_at, strict=True) if at < ended
    }
    return [
        at - ended
        for member in members
        for (_, identity), at in zip(member.shown, member.shown_at, strict=True)
        if at > ended and identity in before
    ]


def judge_sockets(
    room: bytes, stored: Sequence[tuple[int, bytes]], promised: Mapping[bytes, int],
    *sockets: tuple[Socket, Mapping[bytes, int]],
) -> dict[str, int]:  # fmt: skip
    """As `judge`, for sockets that were there from the room's first entry on.

    Each comes with what was accepted on it, in the order in which it was sent; `promised` is that of everybody.
    """
    seqs = {seq for seq, _ in stored[1:]}
    by_id = {identity: seq for seq, identity in stored}
    faults = Counter(
        {
            "lost": sum(by_id.get(identity) != seq for identity, seq in promised.items()),
            "stored twice": len(stored) - len(by_id),
            "gaps": stored[-1][0] - len(stored),
        }
    )
    for socket, own in sockets:
        ear = Ear(room, 1)
        for identity, seq in own.items():
            ear.hears({"t": "accepted", "room": room, "id": identity, "seq": seq})
        for frame in socket.arrived:
            ear.hears(frame)
        heard = {item[0]: item[4] for item in socket.entries(room)}
        faults["not shown"] += len(seqs - set(heard) - set(own.values()))
        faults["shown wrongly"] += sum(by_id.get(identity) != seq for seq, identity in heard.items())
        faults["own order"] += disorder(own.values())
        faults.update(ear.counts)
    return dict(faults)
