"""Rooms: what a device is told of those it is in and of those it could enter."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from chat import progress
from chat.models import (
    Device,
    Role,
    Room,
    RoomBar,
    RoomDevice,
    RoomKind,
    RoomMute,
    RoomSteward,
    staff_rooms,
    within_reach,
)


@dataclass(frozen=True)
class Place:
    """A device in a room; `leaf` is None until a commit put it into the tree."""

    account: UUID
    device: str
    leaf: int | None = None


@dataclass(frozen=True)
class MuteView:
    """`until`: milliseconds since 1970 UTC."""

    account: UUID
    until: int


@dataclass(frozen=True)
class RoomView:
    """`stewards` are those in the room who look after it: of an open one, its network's staff."""

    id: UUID
    kind: str
    title: str | None
    epoch: int
    head: int
    cursor: int
    created_by_me: bool
    members_may_add: bool
    stewards: list[UUID] = field(default_factory=list)
    muted: list[MuteView] = field(default_factory=list)
    roster: list[Place] = field(default_factory=list)
    pending_removals: list[Place] = field(default_factory=list)


@dataclass(frozen=True)
class OpenRoomView:
    id: UUID
    title: str
    members: int


@dataclass(frozen=True)
class ElsewhereView:
    """A room that another device of the account is in, or that it may come into as staff."""

    id: UUID
    kind: str
    title: str | None


@dataclass(frozen=True)
class RoomsView:
    rooms: list[RoomView]
    open: list[OpenRoomView]
    elsewhere: list[ElsewhereView]


def rooms(device: Device) -> RoomsView:
    """The rooms that this very device is in, those that only other devices of the account are in or that it may come into
    as staff, and the network's open rooms that none of them is in. To a suspended account no room exists but those of its
    own cases.
    """
    places = RoomDevice.objects.filter(within_reach(), device__account=device.account_id, removed_at=None)
    mine = Room.objects.filter(id__in=places.filter(device=device).values("room")).order_by("id")
    found = list(mine.defer("group_info"))
    ids = [room.id for room in found]
    theirs = Q(id__in=places.values("room")) | Q(id__in=staff_rooms(device.account).values("id"))
    elsewhere = Room.objects.filter(theirs, epoch__gt=0).exclude(id__in=ids).order_by("id")
    known = [ElsewhereView(*row) for row in elsewhere.values_list("id", "kind", "title")]
    others = (
        Room.objects.filter(network=device.account.network_id, kind=RoomKind.OPEN)
        .exclude(id__in=[*ids, *(room.id for room in known)])
        .exclude(id__in=RoomBar.objects.filter(account=device.account_id).values("room"))
        .annotate(
            members=Count("room_devices__device__account", filter=Q(room_devices__removed_at=None), distinct=True)
        )
        .order_by("title", "id")
        .values_list("id", "title", "members")
    )
    if device.account.suspended:
        others = others.none()
    return RoomsView(
        rooms=_room_views(device, found),
        open=[OpenRoomView(room_id, title or "", members) for room_id, title, members in others],
        elsewhere=known,
    )


def room(device: Device, room: Room) -> RoomView:
    return _room_views(device, [room])[0]


def roster(room: Room) -> list[Place]:
    """The devices that are in the room, those whose removal is pending left out."""
    places = _places(Q(room=room, removed_at=None))
    return [Place(account, name, leaf) for _, account, name, leaf, *_ in places]


def _places(condition: Q) -> Any:
    return (
        RoomDevice.objects.filter(condition)
        .order_by("leaf", "id")
        .values_list(
            "room_id", "device__account_id", "device__hex", "leaf", "removed_at", "joined_seq", "device__account__role"
        )
    )


def _room_views(device: Device, found: list[Room]) -> list[RoomView]:
    rosters: dict[UUID, list[Place]] = defaultdict(list)
    removals: dict[UUID, list[Place]] = defaultdict(list)
    joined: dict[UUID, int] = {}
    cursors = progress.cursors([room.id for room in found])
    staff: dict[UUID, set[UUID]] = defaultdict(set)
    for room_id, account, name, leaf, removed_at, joined_seq, role in _places(Q(room__in=[room.id for room in found])):
        if removed_at is not None:
            if account is not None:  # of a deleted one the log's proposal alone tells
                removals[room_id].append(Place(account, name))
            continue
        rosters[room_id].append(Place(account, name, leaf))
        if role != Role.MEMBER:
            staff[room_id].add(account)
        if account == device.account_id and name == device.hex:
            joined[room_id] = joined_seq
    stewards, mutes = _stewards(found), _mutes(found)
    return [
        RoomView(
            id=room.id,
            kind=room.kind,
            title=room.title,
            epoch=room.epoch,
            head=room.head,
            cursor=max(joined.get(room.id, 0), cursors.get(room.id, {}).get(device.pk, 0)),
            created_by_me=room.created_by_id == device.account_id,
            members_may_add=room.members_may_add,
            stewards=sorted(staff[room.id]) if room.kind == RoomKind.OPEN else stewards[room.id],
            muted=mutes[room.id],
            roster=rosters[room.id],
            pending_removals=removals[room.id],
        )
        for room in found
    ]


def _stewards(found: list[Room]) -> dict[UUID, list[UUID]]:
    stewards: dict[UUID, list[UUID]] = defaultdict(list)
    for room_id, account in RoomSteward.objects.filter(room__in=found).order_by("id").values_list("room", "account"):
        stewards[room_id].append(account)
    return stewards


def _mutes(found: list[Room]) -> dict[UUID, list[MuteView]]:
    """Those whose time is not over."""
    now = int(timezone.now().timestamp() * 1000)
    mutes: dict[UUID, list[MuteView]] = defaultdict(list)
    waiting = RoomMute.objects.filter(room__in=found, until__gt=now).order_by("id")
    for room_id, account, until in waiting.values_list("room", "account", "until"):
        mutes[room_id].append(MuteView(account, until))
    return mutes


def members(room: Room) -> int:
    """How many accounts are in the room."""
    places = RoomDevice.objects.filter(room=room, removed_at=None)
    return places.aggregate(members=Count("device__account", distinct=True))["members"] or 0
