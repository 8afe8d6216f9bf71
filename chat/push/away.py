"""The conditions that decide whom to wake, as parts of queries."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from chat.models import Entry, EntryKind, PushMute, PushPresence, RoomDevice, within_reach
from chat.push import times
from chat.push.presence import stale_before


def unread_places() -> QuerySet[RoomDevice]:
    """Places in rooms within reach that hold an application entry after the device's cursor, and that it has not muted."""
    entries = Entry.objects.filter(room=OuterRef("room"), seq__gt=OuterRef("cursor"), kind=EntryKind.APPLICATION)
    muted = PushMute.objects.filter(subscription=OuterRef("device"), room=OuterRef("room"))
    return RoomDevice.objects.filter(within_reach(), Exists(entries), ~Exists(muted), removed_at=None)


def behind(device: str) -> Exists:
    """Whether the device that the outer query calls `device` has something to fetch."""
    return Exists(unread_places().filter(device=OuterRef(device)))


def connected(device: str, now: int) -> Exists:
    """Whether it is connected to a process that lives."""
    # What was said by a clock that has been set back since proves nothing; whoever lives says it again within seconds.
    said = (stale_before(now), now + times.CLOCKS_MS)
    alive = PushPresence.objects.filter(process__beat_at__range=said)
    return Exists(alive.filter(subscription=OuterRef(device)))
