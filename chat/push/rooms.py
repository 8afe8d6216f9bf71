"""From rooms with news to devices to wake."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from chat.models import PushNews, PushSubscription, PushWake, Room, RoomDevice
from chat.push import times
from chat.push.away import connected, unread
from chat.push.naming import seal_device, wake_name
from chat.rhythm import rhythm_of

ROOMS = 100
LEASE_MS = 30_000
LOOK_AGAIN_MS = 10_000
MAX_DOUBLINGS = 5


def look(worker: str, now: int) -> int:
    """Takes up to ROOMS rooms that are due and puts their devices that are away into the outbox.

    Returns how many rooms it took. Whoever dies in between leaves rooms that are taken again after LEASE_MS.
    """
    rooms = _claim(worker, now)
    if rooms:
        with transaction.atomic(durable=True):
            waiting = _resolve(rooms, now)
            _done(worker, rooms, waiting, now)
    return len(rooms)


def _claim(worker: str, now: int) -> list[UUID]:
    # No room is put off for longer: one that is due later was told of before the clock was set back.
    furthest = now + settings.PUSH_GRACE_MS + (LOOK_AGAIN_MS << MAX_DOUBLINGS) + times.CLOCKS_MS
    due = Q(due_at__lte=now) | Q(due_at__gt=furthest)
    free = PushNews.objects.filter(due, claimed_until__lt=now)
    candidates = list(free.order_by("due_at").values_list("room_id", flat=True)[:ROOMS])
    if not candidates:
        return []
    with transaction.atomic(durable=True):
        # Whoever appends holds the room's lock. What did not ask for a look (news.py) is durable once we have it.
        list(Room.objects.select_for_update(no_key=True).filter(id__in=candidates).order_by("id").values_list("id"))
        taken = free.filter(room__in=candidates)
        taken.update(claim=worker, claimed_until=now + LEASE_MS)
        return list(PushNews.objects.filter(claim=worker, room__in=candidates).values_list("room_id", flat=True))


def _resolve(rooms: Sequence[UUID], now: int) -> set[UUID]:
    """Returns the rooms in which somebody is connected but has not acknowledged: perhaps a socket that only seems alive."""
    places = RoomDevice.objects.filter(room__in=rooms, device__revoked_at=None, device__push__isnull=False)
    behind = {(place.device_id, place.room_id) for place in unread(places) if place.device_id is not None}
    names = {wake_name(device): device for device, _ in behind}
    waits = PushWake.objects.filter(pk__in=list(names), claim=None).values_list("pk", flat=True)
    behind = {place for place in behind if place[0] not in {names[name] for name in waits}}
    here = connected((device for device, _ in behind), now)
    _put(sorted({device for device, _ in behind} - here), now)
    return {room for device, room in behind if device in here}


def _put(devices: Sequence[int], now: int) -> None:
    # Being sent just now, perhaps too early for what is new: once more when that is done.
    PushWake.objects.filter(pk__in=[wake_name(device) for device in devices], claim__isnull=False).update(again=True)
    subscriptions = PushSubscription.objects.filter(device__in=devices)
    PushWake.objects.bulk_create(
        [
            PushWake(name=wake_name(each.pk), sealed=seal_device(each.pk), due_at=times.due(rhythm_of(each), now))
            for each in subscriptions
        ],
        ignore_conflicts=True,
        batch_size=500,
    )


def _done(worker: str, rooms: Sequence[UUID], waiting: set[UUID], now: int) -> None:
    """Ends the claim on rooms that nothing new has come to meanwhile."""
    mine = PushNews.objects.filter(claim=worker, room__in=rooms)
    by_looks: dict[int, list[UUID]] = {}
    for room, looks in mine.filter(room__in=waiting).values_list("room_id", "looks"):
        by_looks.setdefault(min(looks, MAX_DOUBLINGS), []).append(room)
    for looks, some in by_looks.items():
        mine.filter(room__in=some).update(
            due_at=now + (LOOK_AGAIN_MS << looks), looks=F("looks") + 1, claim=None, claimed_until=0
        )
    mine.exclude(room__in=waiting).delete()
