"""Who is woken, and who is left alone, with real servers, workers and push services."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import pytest
from django.db.models import F
from django.utils import timezone

from chat.models import Account, Device, PushNews, PushWake, RoomDevice
from chat.push import outbox, times
from tests import factories
from tests.delivery.harness import Server, Store, in_db, socket_to
from tests.factories import cursors_of, device_of
from tests.push.harness import environment, scene, until_in_db
from tests.push.rows import rhythms, waiting, with_rhythm
from tests.push.services import FcmService, PushService

CHANNELS = ("webpush", "fcm")


@pytest.mark.parametrize("channel", CHANNELS)
async def test_who_is_away_is_woken_once_by_a_message(
    pushing: Server, push: PushService, fcm: FcmService, channel: str
) -> None:
    async with scene(pushing, push, fcm) as here:
        sleeper = here.sleepers[0]
        await here.subscribe(sleeper, channel)
        await here.say()
        await here.woken(sleeper)
        await here.nothing_waits()
        assert len(here.received(sleeper)) == 1


LONG_WINDOW_MS = 3_600_000


@pytest.fixture
def patient(database_allowed: None, push: PushService, fcm: FcmService) -> Iterator[Server]:
    """A server whose collapse window outlasts the test."""
    with Store() as store, Server(store, **environment(push, fcm, PUSH_COLLAPSE_MS=str(LONG_WINDOW_MS))) as made:
        yield made


async def test_many_messages_make_one_push_in_a_window(patient: Server, push: PushService, fcm: FcmService) -> None:
    async with scene(patient, push, fcm, sleepers=2) as here:
        for sleeper, channel in zip(here.sleepers, CHANNELS, strict=True):
            await here.subscribe(sleeper, channel)
        devices = [(await in_db(device_of, sleeper)).pk for sleeper in here.sleepers]

        async def talk(pushes: int) -> None:
            """Until everything that this leads to in this window has been done."""
            await here.say(30)
            for sleeper in here.sleepers:
                await here.woken(sleeper, pushes)
            await here.say(5)
            await until_in_db(lambda: not PushNews.objects.filter(room=here.room).exists())
            await until_in_db(
                lambda: [wake.claim is None and wake.due_at > times.now_ms() for wake in waiting(devices)] == [True] * 2
            )
            assert [len(here.received(sleeper)) for sleeper in here.sleepers] == [pushes, pushes]

        def pass_a_window() -> None:
            for device, rhythm in zip(sorted(devices), rhythms(devices), strict=True):
                with_rhythm(device, woken_at=rhythm.woken_at - LONG_WINDOW_MS)
            PushWake.objects.update(due_at=F("due_at") - LONG_WINDOW_MS)

        await talk(1)
        await in_db(pass_a_window)
        await talk(2)


async def test_whoever_does_not_come_is_woken_ever_less_often(
    pushing: Server, push: PushService, fcm: FcmService
) -> None:
    async with scene(pushing, push, fcm) as here:
        sleeper = here.sleepers[0]
        await here.subscribe(sleeper)
        for times_woken in (1, 2, 3):
            await here.say()
            await here.woken(sleeper, times_woken)
        waited = [later["at"] - earlier["at"] for earlier, later in pairwise(here.received(sleeper))]
        assert waited[0] >= 1.5
        assert waited[1] >= 3.0
        device = (await in_db(device_of, sleeper)).pk
        await until_in_db(lambda: rhythms([device])[0].unanswered == 3)
        async with socket_to(pushing, sleeper.token):
            await until_in_db(lambda: rhythms([device])[0].unanswered == 0)


async def test_who_has_fetched_everything_is_left_alone(pushing: Server, push: PushService, fcm: FcmService) -> None:
    async with scene(pushing, push, fcm, sleepers=2) as here:
        reader, sleeper = here.sleepers
        for person in here.sleepers:
            await here.subscribe(person)
        async with socket_to(pushing, reader.token) as socket:
            await here.present(reader)
            seq = await here.say()
            await socket.send({"t": "cursor", "rooms": [[here.room.id.bytes, seq]]})
            await until_in_db(lambda: cursors_of(here.room.id)[device_of(reader).pk] == seq)
        await here.woken(sleeper)
        await here.nothing_waits()
        assert here.received(reader) == []


async def test_who_is_connected_is_not_woken_until_the_connection_turns_out_to_be_dead(
    pushing: Server, push: PushService, fcm: FcmService
) -> None:
    async with scene(pushing, push, fcm, sleepers=2) as here:
        connected, sleeper = here.sleepers
        for person in here.sleepers:
            await here.subscribe(person)
        async with socket_to(pushing, connected.token):
            await here.present(connected)
            await here.say()
            await here.woken(sleeper)
            # Connected, but it never acknowledges: the room stays open.
            await until_in_db(lambda: PushNews.objects.filter(room=here.room, looks__gt=0).exists())
            assert here.received(connected) == []
        await here.woken(connected)


@pytest.mark.parametrize("channel", CHANNELS)
async def test_everything_that_is_sent_is_the_same_for_everyone(
    pushing: Server, push: PushService, fcm: FcmService, channel: str
) -> None:
    async with scene(pushing, push, fcm, sleepers=2) as here:
        for person in here.sleepers:
            await here.subscribe(person, channel)
        await here.say()
        one, other = [(await here.woken(person))[0] for person in here.sleepers]
        for message in (one, other):
            message.pop("at")
            message.pop("id")
            message["headers"].pop("host", None)
        assert one == other
        if channel == "webpush":
            assert one["plain"] == "sync"
            assert one["headers"]["topic"] == "sync"
            assert one["headers"]["ttl"] == "86400"
            assert one["headers"]["urgency"] == "normal"
        else:
            assert one["data"] == {"m": "sync"}
            assert one["android"] == {"collapse_key": "sync", "priority": "high", "ttl": "86400s"}


async def test_a_muted_room_wakes_nobody_and_another_one_does(
    pushing: Server, push: PushService, fcm: FcmService
) -> None:
    async with scene(pushing, push, fcm, sleepers=2) as here:
        muting, sleeper = here.sleepers
        other = await in_db(factories.settled_room, "group", [here.sender, muting])
        await here.subscribe(muting, muted=[here.room.id])
        await here.subscribe(sleeper)
        async with socket_to(pushing, here.sender.token) as here.socket:
            await here.say()
            await here.woken(sleeper)
            await here.nothing_waits()
            assert here.received(muting) == []
            await here.say(room=other)
            await here.woken(muting)


async def test_quiet_hours_put_a_wake_up_off_to_their_end(pushing: Server, push: PushService, fcm: FcmService) -> None:
    async with scene(pushing, push, fcm, sleepers=2) as here:
        quiet, sleeper = here.sleepers
        minute = times.now_ms() // 60_000 % 1440
        end = (minute + 120 + 330) % 1440
        await here.subscribe(quiet, quiet=((minute - 60 + 330) % 1440, end, 330))
        await here.subscribe(sleeper)
        await here.say()
        await here.woken(sleeper)
        await until_in_db(lambda: not PushNews.objects.filter(room=here.room).exists())
        wake = await here.wake_of(quiet)
        assert wake is not None
        assert wake.claim is None
        assert (wake.due_at // 60_000 + 330) % 1440 == end
        assert here.received(quiet) == []


@pytest.mark.parametrize("barred", ["revoked", "suspended", "removed"])
async def test_who_may_not_read_is_not_woken(pushing: Server, push: PushService, fcm: FcmService, barred: str) -> None:
    async with scene(pushing, push, fcm, sleepers=2) as here:
        outsider, sleeper = here.sleepers
        for person in here.sleepers:
            await here.subscribe(person)

        def bar() -> None:
            device = device_of(outsider)
            if barred == "revoked":
                Device.objects.filter(pk=device.pk).update(revoked_at=timezone.now())
            elif barred == "suspended":
                Account.objects.filter(pk=device.account_id).update(suspended_at=timezone.now())
            else:
                RoomDevice.objects.filter(device=device).update(removed_at=timezone.now())

        await in_db(bar)
        await here.say()
        await here.woken(sleeper)
        await here.nothing_waits()
        assert here.received(outsider) == []


async def test_who_has_not_subscribed_leaves_no_trace(pushing: Server, push: PushService, fcm: FcmService) -> None:
    async with scene(pushing, push, fcm, sleepers=2) as here:
        polling, sleeper = here.sleepers
        await here.subscribe(sleeper)
        async with socket_to(pushing, polling.token):
            await here.say()
            await here.woken(sleeper)
        assert await here.subscription_of(polling) is None


async def test_a_random_delay_is_kept_within_its_bound(pushing: Server, push: PushService, fcm: FcmService) -> None:
    async with scene(pushing, push, fcm) as here:
        sleeper = here.sleepers[0]
        await here.subscribe(sleeper, delay_ms=3_600_000)
        before = times.now_ms()
        await here.say()
        await until_in_db(lambda: not PushNews.objects.filter(room=here.room).exists())
        wake = await here.wake_of(sleeper)
        assert wake is not None
        assert before <= wake.due_at <= times.now_ms() + 3_600_000


async def test_a_call_wakes_who_is_not_behind_and_an_urgent_one_in_quiet_hours_too(
    pushing: Server, push: PushService, fcm: FcmService
) -> None:
    async with scene(pushing, push, fcm) as here:
        sleeper = here.sleepers[0]
        minute = times.now_ms() // 60_000 % 1440
        await here.subscribe(sleeper, quiet=(minute, (minute + 120) % 1440, 0))
        await in_db(lambda: outbox.call([sleeper.account]))
        wake = await here.wake_of(sleeper)
        assert wake is not None
        assert wake.due_at > times.now_ms() + 60_000
        await in_db(lambda: outbox.call([sleeper.account], urgent=True))
        received = await here.woken(sleeper)
        assert received[0]["plain"] == "sync"
        assert received[0]["headers"]["topic"] == "sync"
        assert received[0]["headers"]["urgency"] == "high"
