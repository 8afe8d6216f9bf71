"""kill -9 of workers and servers between claim, send and delete: each device that is behind is woken at least once, and
at most once in a collapse window."""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Iterator
from itertools import pairwise

import pytest

from chat.models import PushNews, PushProcess, Room
from chat.push import outbox, rooms, times
from tests import factories
from tests.delivery.harness import Server, Store, in_db, socket_to
from tests.delivery.member import Member
from tests.factories import Person, device_of
from tests.push.harness import Scene, Worker, environment, scene, until, until_in_db
from tests.push.rows import is_connected, waiting
from tests.push.services import FcmService, PushService
from tests.support.services import PostgreSQL, Redis

#: Where chance picks the moment; the other tests pick it themselves.
by_chance = pytest.mark.faults

WINDOW = 1.5


@pytest.fixture(scope="module")
def away(store: Store, push: PushService, fcm: FcmService) -> Iterator[Server]:
    """A server with push on that leaves the outbox to others. Do not kill it."""
    with Server(store, PUSH_WORKER_INSIDE="0", **environment(push, fcm)) as made:
        yield made


@pytest.fixture
def mortal(store: Store, push: PushService, fcm: FcmService) -> Iterator[Server]:
    """Another one, to be killed."""
    with Server(store, PUSH_WORKER_INSIDE="0", **environment(push, fcm)) as made:
        yield made


async def test_a_worker_that_dies_between_claim_and_send_is_taken_over(
    store: Store, away: Server, push: PushService, fcm: FcmService
) -> None:
    async with scene(away, push, fcm) as here:
        sleeper = here.sleepers[0]
        await here.subscribe(sleeper)
        await here.say()
        await until_in_db(lambda: PushNews.objects.filter(room=here.room, due_at__lte=times.now_ms()).exists())
        assert await in_db(rooms.look, "dead", times.now_ms()) >= 1
        await until_in_db(lambda: bool(waiting([device_of(sleeper).pk])))
        claimed = await in_db(_claim_as_a_dead_worker)
        assert [wake.device for wake in claimed] == [(await in_db(device_of, sleeper)).pk]
        with Worker(store, environment(push, fcm)):
            await here.woken(sleeper)
            await here.nothing_waits()
        (received,) = here.received(sleeper)
        # It may have been sent by the one that died, so not before the window is over.
        assert received["at"] * 1000 >= claimed[0].start_by + WINDOW * 1000


def _claim_as_a_dead_worker() -> list[outbox.Wake]:
    return outbox.claim("dead", times.now_ms(), 10)


async def test_a_worker_that_dies_while_it_looks_is_taken_over(
    store: Store, away: Server, push: PushService, fcm: FcmService
) -> None:
    async with scene(away, push, fcm) as here:
        sleeper = here.sleepers[0]
        await here.subscribe(sleeper)
        await here.say()

        def claim() -> bool:
            # The lease of the one that died is over in a second.
            free = PushNews.objects.filter(room=here.room)
            return bool(free.update(claim="dead", claimed_until=times.now_ms() + 1000))

        assert await in_db(claim)
        with Worker(store, environment(push, fcm)):
            await here.woken(sleeper)


@pytest.mark.parametrize("channel", ["webpush", "fcm"])
async def test_a_worker_that_dies_between_send_and_delete_sends_again_only_after_the_window(
    store: Store, away: Server, push: PushService, fcm: FcmService, channel: str
) -> None:
    async with scene(away, push, fcm) as here:
        sleeper = here.sleepers[0]
        name = await here.subscribe(sleeper, channel)
        # The service has it, and its answer is on its way for longer than the worker lives.
        (push if channel == "webpush" else fcm).plan(name, {"delay": 30.0})
        await here.say()
        worker = Worker(store, environment(push, fcm, PUSH_TIMEOUT_MS="1000")).start()
        await here.woken(sleeper)
        worker.end(signal.SIGKILL)
        with Worker(store, environment(push, fcm, PUSH_TIMEOUT_MS="1000")):
            await here.woken(sleeper, 2)
            await here.nothing_waits()
        first, second = here.received(sleeper)
        assert second["at"] - first["at"] >= WINDOW


@by_chance
async def test_workers_that_are_killed_at_any_moment_wake_everyone_and_nobody_twice_in_a_window(
    store: Store, away: Server, push: PushService, fcm: FcmService, rounds: int
) -> None:
    env = environment(push, fcm, PUSH_TIMEOUT_MS="500")
    async with scene(away, push, fcm, sleepers=12) as here:
        for number, person in enumerate(here.sleepers):
            await here.subscribe(person, "fcm" if number % 4 == 0 else "webpush")
        chance = random.Random(7)
        for _ in range(3 * rounds):
            push.plan("*", *[{"slow": 0.2}] * 6)
            workers = [Worker(store, env).start() for _ in range(2)]
            await here.say(2)
            await asyncio.sleep(chance.uniform(0.8, 2.4))
            for worker in workers:
                worker.end(signal.SIGKILL)
        await here.say()
        before = {person.account: len(here.received(person)) for person in here.sleepers}
        push.plan("*")
        with Worker(store, env), Worker(store, env):
            await until(lambda: all(here.received(each) for each in here.sleepers))
            await here.nothing_waits()
        _judge(here)
        assert all(len(here.received(each)) >= max(1, before[each.account]) for each in here.sleepers)


def _judge(here: Scene) -> None:
    for person in here.sleepers:
        moments = [message["at"] for message in here.received(person)]
        assert moments
        assert all(later - earlier >= WINDOW for earlier, later in pairwise(moments)), moments


@by_chance
async def test_a_server_that_is_killed_loses_no_wake_up_of_a_message_that_it_accepted(
    store: Store, mortal: Server, push: PushService, fcm: FcmService, rounds: int
) -> None:
    env = environment(push, fcm)

    def make() -> tuple[Room, Person, list[Person]]:
        network = factories.network()
        sender, *sleepers = (factories.enrolled(Person(), network) for _ in range(4))
        return factories.settled_room("group", [sender, *sleepers]), sender, sleepers

    room, sender, sleepers = await in_db(make)
    member = Member(lambda: mortal.address, sender.token, room.id.bytes)
    names = Scene(push, fcm, room, sender, sleepers, None)  # type: ignore[arg-type]
    for person in sleepers:
        await names.subscribe(person)
    for _ in range(3 * rounds):
        for _ in range(20):
            await member.say()
        await member.until(lambda: bool(member.accepted))
        mortal.end(signal.SIGKILL)
        mortal.start()
    await member.everything_sent()
    with Worker(store, env):
        for person in sleepers:
            await names.woken(person)
        await names.nothing_waits()
    _judge(names)
    await member.stop()


async def test_devices_of_a_server_that_was_killed_count_as_away(
    shared_store: Store, push: PushService, fcm: FcmService, postgres_server: PostgreSQL, redis_server: Redis
) -> None:
    env = environment(push, fcm)
    with Server(shared_store, **env) as doomed, Server(shared_store, **env) as other, Worker(shared_store, env):
        async with scene(other, push, fcm, sleepers=2) as here:
            connected, sleeper = here.sleepers
            for person in here.sleepers:
                await here.subscribe(person)
            async with socket_to(doomed, connected.token):
                await here.present(connected)
                await here.say()
                # Connected to another process than the sender's: left alone.
                await here.woken(sleeper)
                assert here.received(connected) == []
                doomed.end(signal.SIGKILL)
            await here.woken(connected)
            assert await in_db(PushProcess.objects.count) >= 1
            assert await in_db(lambda: is_connected(device_of(sleeper).pk)) is False


async def test_a_server_that_stops_in_order_finishes_what_it_sends_and_leaves_no_presence(
    own_server: Server, push: PushService, fcm: FcmService
) -> None:
    own_server.end(signal.SIGTERM)
    own_server.env.update(environment(push, fcm))
    own_server.start()
    async with scene(own_server, push, fcm) as here:
        sleeper = here.sleepers[0]
        name = await here.subscribe(sleeper)
        push.plan(name, {"delay": 0.5})
        await here.say()
        await here.woken(sleeper)
        own_server.end(signal.SIGTERM)
        assert await here.wake_of(sleeper) is None
        assert not await in_db(PushProcess.objects.exists)
        assert len(here.received(sleeper)) == 1


async def test_a_worker_that_stops_in_order_ends_well(
    store: Store, away: Server, push: PushService, fcm: FcmService
) -> None:
    async with scene(away, push, fcm) as here:
        sleeper = here.sleepers[0]
        name = await here.subscribe(sleeper)
        push.plan(name, {"delay": 0.5})
        await here.say()
        worker = Worker(store, environment(push, fcm)).start()
        await here.woken(sleeper)
        assert worker.end(signal.SIGTERM) == 0
        assert await here.wake_of(sleeper) is None
        assert b"rror" not in worker.log.read_bytes()
