"""A clock that was ahead and is set back keeps nobody asleep."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from django.db import connection, transaction
from pytest_django import Settings

from chat.models import PushNews, PushProcess
from chat.push import outbox, rooms
from chat.push.news import News
from tests.delivery.groups import Circle, circle
from tests.delivery.harness import Store, in_db
from tests.factories import device_of
from tests.push.rows import connect as connected
from tests.push.rows import subscribed, with_rhythm
from tests.socket.test_sync import fill

NOW = 1_800_000_000_000
AHEAD = NOW + 3 * 86_400_000
GRACE = 4_000


@pytest.fixture(autouse=True)
def grace(settings: Settings) -> None:
    settings.PUSH_GRACE_MS = GRACE


def tell(news: News, room: UUID, now: int) -> bool:
    """Of an entry, as the log writer does. Whether that wrote the room's row."""
    with transaction.atomic(), connection.cursor() as cursor:
        told = news.tell(cursor, [room], now)
    news.committed(told)
    return bool(told)


def sleeping() -> tuple[Circle, int]:
    """A room with entries, and a device in it that has not fetched them and can be woken."""
    here = circle(2)
    fill(here, 3)
    device = device_of(here.members[1])
    subscribed(device.pk).save(force_insert=True)
    return here, device.pk


def woken(device: int, now: int) -> bool:
    """Whether a worker that looks at that time wakes it."""
    while rooms.look("worker", now):
        pass
    return device in [wake.device for wake in outbox.claim("worker", now, 1000)]


async def test_a_room_that_was_active_before_is_told_of_again(store: Store) -> None:
    here, _ = await in_db(sleeping)
    room, busy, other = here.group.room, News(), News()

    def due() -> int:
        return PushNews.objects.get(room=room).due_at

    assert await in_db(tell, busy, room, AHEAD)
    assert await in_db(tell, busy, room, NOW)
    assert await in_db(due) == NOW + GRACE
    for news in (busy, other):
        assert not await in_db(tell, news, room, NOW + 10), "a row waits"
    assert await in_db(due) == NOW + GRACE


async def test_a_room_in_which_nobody_speaks_after_it_is_looked_at(store: Store) -> None:
    here, device = await in_db(sleeping)
    await in_db(tell, News(), here.group.room, AHEAD)
    assert await in_db(woken, device, NOW)


async def test_a_room_that_is_put_off_for_as_long_as_can_be_is_left_alone(store: Store) -> None:
    here, device = await in_db(sleeping)
    longest = rooms.LOOK_AGAIN_MS << rooms.MAX_DOUBLINGS
    await in_db(lambda: PushNews.objects.create(room_id=here.group.room, due_at=NOW + longest, looks=9))
    assert not await in_db(woken, device, NOW)


@pytest.mark.parametrize("changed", [{"woken_at": AHEAD}, {"woken_at": AHEAD, "unanswered": 9}])
async def test_a_device_that_was_woken_before_is_woken_again(store: Store, changed: dict[str, Any]) -> None:
    here, device = await in_db(sleeping)
    await in_db(lambda: with_rhythm(device, **changed))
    await in_db(tell, News(), here.group.room, NOW - GRACE)
    assert await in_db(woken, device, NOW)


async def test_a_device_whose_process_died_before_is_away(store: Store) -> None:
    here, device = await in_db(sleeping)

    def connect() -> None:
        process = PushProcess.objects.create(id="dead", beat_at=AHEAD)
        connected(device, process)

    await in_db(connect)
    await in_db(tell, News(), here.group.room, NOW - GRACE)
    assert await in_db(woken, device, NOW)
