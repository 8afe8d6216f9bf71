"""How far each device has come in each room: known to the server while it runs, and to the database alone for no device.

Whoever has not acknowledged an entry has not written it, so in a direct room whose other side is away a column of cursors
names the sender. One row a room therefore holds those of all its devices, sealed under a hub key (sealing.py):

    known to all (8) || for each device in the room, by its primary key: primary key (8) || cursor (8)

It is written anew whenever one of them moves: which one, and how many, its length and its change do not say.
"""

from __future__ import annotations

import logging
import struct
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from chat.models import RoomDevice, RoomProgress
from chat.sealing import NotOpened, seal, unseal

_INFO = b"kindred progress v1"
_HEAD = struct.Struct(">Q")
_PLACE = struct.Struct(">QQ")

logger = logging.getLogger(__name__)


class Reached(NamedTuple):
    """The seq up to which all devices of a room have everything: as written down before, and now."""

    before: int
    now: int


@dataclass(frozen=True, slots=True)
class _Sealed:
    """What a row holds; `cursors` are by device (primary key)."""

    known_to_all: int
    cursors: Mapping[int, int]


_NOTHING = _Sealed(0, {})


def cursors(rooms: Collection[UUID]) -> dict[UUID, Mapping[int, int]]:
    """By room and device (primary key). One that is not named has come as far as the commit that let it in."""
    return {room: row.cursors for room, row in _opened(rooms).items()}


def known_to_all(rooms: Collection[UUID]) -> dict[UUID, int]:
    """For each room that has devices the seq up to which every one of them has acknowledged."""
    found = _opened(rooms)
    return {room: _lowest(own, found.get(room, _NOTHING).cursors) for room, own in _places(rooms).items()}


def advance(acknowledged: Iterable[tuple[UUID, int, int]]) -> dict[UUID, Reached]:
    """Moves cursors forward, never back: (room, device, seq). Inside a transaction, in which the rows stay locked.

    Those of devices that are not in the room are passed over.
    """
    noted: dict[UUID, dict[int, int]] = defaultdict(dict)
    for room, device, seq in acknowledged:
        noted[room][device] = max(seq, noted[room].get(device, 0))
    places = _places(noted)
    _make_rows(sorted(places))
    rows, reached = [], {}
    for room, before in _opened(places, lock=True).items():
        own, new = places[room], noted[room]
        after = {
            device: max(joined, before.cursors.get(device, 0), new.get(device, 0)) for device, joined in own.items()
        }
        reached[room] = Reached(before.known_to_all, max(before.known_to_all, _lowest(own, after)))
        rows.append(RoomProgress(room_id=room, sealed=_seal(room, reached[room].now, after)))
    RoomProgress.objects.bulk_create(rows, update_conflicts=True, unique_fields=["room"], update_fields=["sealed"])
    return reached


def _lowest(places: Mapping[int, int], cursors: Mapping[int, int]) -> int:
    return min(max(joined, cursors.get(device, 0)) for device, joined in places.items())


def _places(rooms: Collection[UUID]) -> dict[UUID, dict[int, int]]:
    """The devices in each room, with the seq of the commit that let them in."""
    found: dict[UUID, dict[int, int]] = defaultdict(dict)
    active = RoomDevice.objects.filter(room__in=rooms, device__isnull=False, removed_at=None).order_by("device")
    for room, device, joined in active.values_list("room_id", "device_id", "joined_seq"):
        if device is not None:
            found[room][device] = joined
    return dict(found)


def _make_rows(rooms: list[UUID]) -> None:
    """Two processes that make one at once end up with the same: then it is locked, and neither writes over the other."""
    there = set(RoomProgress.objects.filter(room__in=rooms).values_list("room_id", flat=True))
    missing = [RoomProgress(room_id=room, sealed=b"") for room in rooms if room not in there]
    if missing:
        RoomProgress.objects.bulk_create(missing, ignore_conflicts=True)


def _opened(rooms: Collection[UUID], *, lock: bool = False) -> dict[UUID, _Sealed]:
    rows = RoomProgress.objects.filter(room__in=rooms).order_by("room")
    if lock:
        rows = rows.select_for_update()
    return {room: _open(room, bytes(sealed)) for room, sealed in rows.values_list("room_id", "sealed")}


def _seal(room: UUID, known_to_all: int, cursors: Mapping[int, int]) -> bytes:
    plain = _HEAD.pack(known_to_all) + b"".join(_PLACE.pack(*place) for place in sorted(cursors.items()))
    return seal(_INFO, room, plain)


def _open(room: UUID, sealed: bytes) -> _Sealed:
    """Nothing where it cannot be opened: devices say again how far they are when they connect."""
    if not sealed:
        return _NOTHING
    try:
        plain = unseal(_INFO, room, sealed)
    except NotOpened:
        logger.warning("What devices have of a room cannot be opened: its key is gone, or it was moved.")
        return _NOTHING
    return _Sealed(_HEAD.unpack_from(plain)[0], dict(_PLACE.iter_unpack(plain[_HEAD.size :])))
