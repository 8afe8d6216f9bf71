"""What sockets read from the database: sessions, pages, heads. Plain functions, run by `Readers`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Max
from django.db.models.functions import Length
from django.utils import timezone

from chat import progress
from chat.delivery.log import packed
from chat.delivery.statements import EntryRow
from chat.models import Device, Entry, InboxItem, KeyPackage, Room, RoomDevice, within_reach
from chat.protocol import events, limits
from chat.protocol.errors import Code, ProtocolError

INBOX_ITEMS = 100
"""Items in one `inbox` frame."""
_FIELDS = (
    "room_id", "seq", "kind", "epoch", "entry_id", "payload", "tag", "frank", "hub_key", "accepted_at",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """A room that a device is in, as `ready` tells it."""

    room: UUID
    head: int
    epoch: int
    cursor: int
    joined_seq: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """A part of an inbox: a finished `inbox` frame (None where nothing waits), its last seq, and whether more waits."""

    frame: bytes | None
    last: int
    more: bool


@dataclass(frozen=True, slots=True)
class Session:
    """What a device is told when it connects; `inbox` is the first part of what waits for it."""

    places: list[Place]
    key_packages_left: int
    inbox: Waiting


@dataclass(frozen=True, slots=True)
class Page:
    packed: list[bytes]
    head: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """Entries read to close a gap; `members` are the active devices when one of them may have changed who is in."""

    first: int
    packed: list[bytes]
    members: frozenset[int] | None


def places(device: int, room: UUID | None = None) -> list[Place]:
    """The rooms that the device is in and may use, or the one asked for if it is one of them."""
    found = RoomDevice.objects.filter(within_reach(), device=device, removed_at=None)
    if room is not None:
        found = found.filter(room=room)
    rows = list(found.values_list("room_id", "room__head", "room__epoch", "joined_seq"))
    known = progress.cursors([row[0] for row in rows])
    return [
        Place(room, head, epoch, max(joined, known.get(room, {}).get(device, 0)), joined)
        for room, head, epoch, joined in rows
    ]


def session(device: int) -> Session:
    usable = KeyPackage.objects.filter(device=device, last_resort=False, not_after__gt=timezone.now())
    return Session(places(device), usable.count(), inbox(device))


def page(device: int, room: UUID, after: int, limit: int) -> Page:
    """The entries after `after` that the device may read, cut to a frame of 1 MiB. Raises not_in_room."""
    place = (
        RoomDevice.objects.filter(device=device, room=room, removed_at=None)
        .values_list("joined_seq", "room__head")
        .first()
    )
    if place is None:
        raise ProtocolError(Code.NOT_IN_ROOM)
    joined_seq, head = place
    return Page(_entries(room, max(after, joined_seq), limit), head)


def stretch(room: UUID, after: int, limit: int) -> Stretch:
    """What the log holds after `after`, for everyone who is in the room here."""
    rows = _rows(room, after, limit)
    members = None
    if any(row.kind for row in rows):
        active = RoomDevice.objects.filter(room=room, removed_at=None).values_list("device_id", flat=True)
        members = frozenset(active)
    return Stretch(rows[0].seq if rows else after + 1, [packed(row) for row in rows], members)


def inside(room: UUID, devices: Collection[int]) -> frozenset[int]:
    """Those of the devices that are in the room."""
    found = RoomDevice.objects.filter(room=room, device__in=devices, removed_at=None)
    return frozenset(found.values_list("device_id", flat=True))


def gone_up_to(room: UUID, after: int) -> int:
    """The room's head, if the log keeps nothing after `after` any more; else `after`."""
    head = heads([room]).get(room, after)
    # The head is read first: what is stored meanwhile is found, and not taken for gone.
    return after if Entry.objects.filter(room=room, seq__gt=after).exists() else max(head, after)


def _entries(room: UUID, after: int, limit: int) -> list[bytes]:
    found: list[bytes] = []
    left = limits.MAX_PAGE_BYTES - 128
    for row in _rows(room, after, limit):
        item = packed(row)
        left -= len(item)
        if left < 0 and found:
            break
        found.append(item)
    return found


def _rows(room: UUID, after: int, limit: int) -> list[EntryRow]:
    """Cut to about a frame's bytes, so that a page of large entries is not held in memory whole."""
    rows: list[EntryRow] = []
    size = 0
    found = Entry.objects.filter(room=room, seq__gt=after).order_by("seq").values_list(*_FIELDS)[:limit]
    for values in found.iterator(chunk_size=64):
        row = EntryRow(*values)
        rows.append(row)
        size += len(row.payload)
        if size > limits.MAX_PAGE_BYTES:
            break
    return rows


def heads(rooms: Collection[UUID]) -> dict[UUID, int]:
    return dict(Room.objects.filter(id__in=rooms).values_list("id", "head"))


def inbox(device: int, after: int = 0) -> Waiting:
    """What waits for the device after that inbox seq: about 1 MiB of it at most, or one item that is larger."""
    waiting = InboxItem.objects.filter(within_reach(), device=device, seq__gt=after).order_by("seq")
    sizes = list(waiting.values_list("seq", Length("welcome__payload"))[: INBOX_ITEMS + 1])
    last, left, count = after, limits.MAX_PAGE_BYTES, 0
    for seq, size in sizes[:INBOX_ITEMS]:
        left -= size
        if left < 0 and count:
            break
        last, count = seq, count + 1
    if not count:
        return Waiting(None, after, more=False)
    items = [
        (item.seq, item.kind, item.room_id.bytes, item.entry_seq, bytes(item.welcome.payload))
        for item in waiting.filter(seq__lte=last).select_related("welcome")
    ]
    return Waiting(events.encode(events.Inbox(items)) if items else None, last, more=count < len(sizes))


def inbox_heads(devices: Collection[int]) -> dict[int, int]:
    """The newest inbox seq of those devices for whom something waits."""
    waiting = InboxItem.objects.filter(within_reach(), device__in=devices)
    return dict(waiting.values_list("device").annotate(Max("seq")).order_by())


def barred(devices: Collection[int]) -> dict[int, events.ByeCode]:
    """Those whose device was revoked, or whose account was suspended or is gone."""
    left = set(devices)
    found: dict[int, events.ByeCode] = {}
    known = Device.objects.filter(id__in=devices)
    for device, revoked, suspended in known.values_list("id", "revoked_at", "account__suspended_at"):
        left.discard(device)
        if revoked is not None:
            found[device] = events.ByeCode.REVOKED
        elif suspended is not None:
            found[device] = events.ByeCode.SUSPENDED
    return found | dict.fromkeys(left, events.ByeCode.DELETED)
