"""P2: who has a copy of the database and no key learns from it no better than by chance who sent what."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.conf import settings
from django.utils import timezone

from chat import franking
from chat.models import Entry, PushNews
from chat.push.sealing import Target, seal
from tests import factories
from tests.delivery.groups import Group, settle
from tests.delivery.harness import Server, Socket, Store, in_db, socket_to
from tests.factories import Person, cursors_of, device_of, enrolled, seen_on
from tests.privacy.thief_of_senders import Room, betrayed
from tests.push.rows import subscribed

pytestmark = pytest.mark.privacy

ROOMS = 40
CASES = {
    "away": (2, 1, 0),
    "both there": (2, 1, 1),
    "away, two devices each": (2, 2, 0),
    "both there, two devices each": (2, 2, 1),
    "three, one has read": (3, 1, 1),
}
"""How many people, how many devices each has, and how many of the others read."""


@dataclass
class Played:
    """A room in which one person wrote. Of each person the first device is the one that they use."""

    group: Group
    people: list[list[Person]]
    sender: int
    seq: int = 0

    @property
    def devices(self) -> list[Person]:
        return [device for person in self.people for device in person]


def make(people: int, devices: int) -> Played:
    network = factories.network()
    made = [[Person()] for _ in range(people)]
    for own in made:
        own += [own[0].second_phone() for _ in range(devices - 1)]
        for device in own:
            enrolled(device, network)
    played = Played(Group(uuid4()), made, random.randrange(people))
    founder, *others = random.sample(played.devices, people * devices)
    if people == 2:
        # The other person's device comes second: the pair of a direct room is made of these two.
        others.sort(key=lambda device: device.account == founder.account)
    settle(played.group, "direct" if people == 2 else "group", founder, *others)
    day = (timezone.now() - timedelta(days=1)).date()
    for device in played.devices:
        seen_on(device, day)
        pk = device_of(device).pk
        # Woken within the hour: so long what is to be sent waits in the database.
        target = seal(pk, Target(endpoint="https://push.example/1"))
        subscribed(pk, target, delay_ms=3_600_000, heard_on=day).save(force_insert=True)
    return played


def known(played: Played) -> Room:
    people = {own[0].account: [device_of(device).pk for device in own] for own in played.people}
    return Room(played.group.room, people, played.people[played.sender][0].account)


async def play(server: Server, played: Played, readers: int, stack: AsyncExitStack) -> None:
    """Somebody writes twice, and so many of the others read it. They stay connected while `stack` is open."""
    writer = await enter(server, played.people[played.sender][0], stack)
    for _ in range(2):
        played.seq = (await writer.ask(played.group.message(), "accepted"))["seq"]
    others = [own[0] for number, own in enumerate(played.people) if number != played.sender]
    for socket in [writer, *[await enter(server, other, stack) for other in others[:readers]]]:
        await socket.send({"t": "cursor", "rooms": [[played.group.group_id, played.seq]]})
        await socket.settled()


async def enter(server: Server, person: Person, stack: AsyncExitStack) -> Socket:
    return await stack.enter_async_context(socket_to(server, person.token))


def at_rest(played: list[Played]) -> bool:
    """Everything that follows from it has been written down."""
    if PushNews.objects.filter(looks=0).exists():
        return False
    pks = [(each, device_of(each.people[each.sender][0]).pk) for each in played]
    return all(cursors_of(each.group.room)[pk] == each.seq for each, pk in pks)


async def rest(played: list[Played]) -> None:
    async with asyncio.timeout(60):
        while not await in_db(at_rest, played):  # noqa: ASYNC110 (a table tells nobody)
            await asyncio.sleep(0.1)
    await asyncio.sleep(2)  # days and presence are written once a second


@pytest.fixture(scope="module")
def watched(store: Store) -> Iterator[Server]:
    """A server that pushes. Who wrote has acknowledged it before anybody looks who is to be woken, as in life."""
    env = {"VAPID_SUBJECT": "mailto:push@kindred.example", "PUSH_GRACE_MS": "3000", "PUSH_WORKER_INSIDE": "1"}
    with Server(store, asgi="daphne" if store.postgres is None else "uvicorn", **env) as made:
        yield made


@pytest.mark.parametrize("case", CASES)
async def test_nothing_that_is_stored_tells_better_than_chance_who_wrote(watched: Server, case: str) -> None:
    people, devices, readers = CASES[case]
    played = [await in_db(make, people, devices) for _ in range(ROOMS)]
    async with AsyncExitStack() as stack:
        for each in played:
            await play(watched, each, readers, stack)
        await rest(played)
        rooms = [await in_db(known, each) for each in played]
        while_they_are_there = await in_db(betrayed, rooms)
    await asyncio.sleep(2)
    afterwards = await in_db(betrayed, rooms)
    assert (while_they_are_there, afterwards) == ({}, {})


def stamped(room: UUID, people: list[list[Person]]) -> list[int]:
    """Of each message in the log, how many accounts may be the sender by its frank, for who has the hub key too."""
    _, key = settings.HUB_KEYS.newest()
    uri = franking.room_uri(settings.DOMAIN, room)
    senders = [franking.user_uri(settings.DOMAIN, own[0].account) for own in people]
    return [
        sum(
            entry.frank is not None
            and franking.verify(
                key, bytes(entry.tag or b""), franking.context(sender, uri, entry.seq, entry.accepted_at), entry.frank
            )
            for sender in senders
        )
        for entry in Entry.objects.filter(room=room, tag__isnull=False)
    ]


async def unstamped(played: Played) -> None:
    """Waits until the hub key names nobody any more."""
    async with asyncio.timeout(30):
        while await in_db(stamped, played.group.room, played.people) != [0, 0]:  # noqa: ASYNC110 (a table tells nobody)
            await asyncio.sleep(0.1)


async def test_what_everyone_has_names_nobody_to_who_has_the_hub_key_too(watched: Server) -> None:
    lacking, delivered = await in_db(make, 2, 1), await in_db(make, 2, 1)
    async with AsyncExitStack() as stack:
        await play(watched, lacking, 0, stack)
        await play(watched, delivered, 1, stack)
        await rest([lacking, delivered])
    assert await in_db(stamped, lacking.group.room, lacking.people) == [1, 1]
    await unstamped(delivered)


async def test_a_message_that_is_sent_again_after_everyone_has_it_is_stored_once(watched: Server) -> None:
    played = await in_db(make, 2, 1)
    async with AsyncExitStack() as stack:
        await play(watched, played, 1, stack)
        await unstamped(played)
        entry = await in_db(lambda: Entry.objects.get(room=played.group.room, seq=played.seq))
        socket = await enter(watched, played.people[played.sender][0], stack)
        again = dict(played.group.message(), id=bytes(entry.entry_id), payload=bytes(entry.payload))
        answer = await socket.ask(again, "accepted")
    assert (answer["seq"], answer["time"], answer["frank"]) == (played.seq, entry.accepted_at, None)
