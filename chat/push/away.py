"""The conditions that decide whom to wake, as parts of queries."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery

from chat import progress
from chat.models import Entry, EntryKind, PushMute, PushPresence, RoomDevice, within_reach
from chat.push import times
from chat.push.naming import presence_name
from chat.push.presence import stale_before


def unread(places: QuerySet[RoomDevice]) -> list[RoomDevice]:
    """Of these places in rooms, those that hold an application entry after the device's cursor, and that it has not muted."""
    entries = Entry.objects.filter(room=OuterRef("room"), kind=EntryKind.APPLICATION).order_by("-seq")
    muted = PushMute.objects.filter(subscription=OuterRef("device"), room=OuterRef("room"))
    within = places.filter(within_reach(), ~Exists(muted), removed_at=None)
    rows = list(within.annotate(newest=Subquery(entries.values("seq")[:1])).filter(newest__gt=F("joined_seq")))
    cursors = progress.cursors({row.room_id for row in rows})
    return [row for row in rows if row.newest > cursors.get(row.room_id, {}).get(row.device_id or 0, 0)]


def connected(devices: Iterable[int], now: int) -> set[int]:
    """Those that are connected to a process that lives."""
    # What was said by a clock that has been set back since proves nothing; whoever lives says it again within seconds.
    said = (stale_before(now), now + times.CLOCKS_MS)
    names = {presence_name(device): device for device in devices}
    alive = PushPresence.objects.filter(pk__in=list(names), process__beat_at__range=said)
    return {names[name] for name in alive.values_list("pk", flat=True)}
