"""Taking devices out of every room they are in: for bans, revoked devices and deleted accounts.

And what goes with leaving: whoever looked after a group hands that on.
"""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet

from chat.delivery.outside import announce_to_members, remove_places
from chat.models import STAFF_ROOMS, Device, Room, RoomDevice, RoomKind, RoomSteward
from chat.protocol.events import RoomChange


def remove_from_all_rooms(devices: Collection[int], *, but_own_cases: bool = False) -> list[UUID]:
    """Ends these devices' (primary keys) places in every room, or in every one but those of their own cases, in which
    whoever is shut out can still be talked with. Returns the rooms.

    When it returns, nothing more is delivered to them, and each room whose group exists holds the server's external
    Remove proposal for each. Revoke the devices or suspend their account first, with `settle_newcomers` in the same
    transaction: whoever is active may come in again. Call it outside of transactions; repeating it changes nothing.
    Raises unavailable: then some rooms may be done and others not.
    """
    places = RoomDevice.objects.filter(device__in=devices, removed_at=None)
    if but_own_cases:
        places = places.exclude(room__person=F("device__account"))
    return _remove(places, devices)


def remove_as_staff(devices: Collection[int]) -> list[UUID]:
    """As `remove_from_all_rooms`, of those alone that somebody is in to help others: rooms of cases that are not their
    own, and those in which the staff are among themselves."""
    places = RoomDevice.objects.filter(
        device__in=devices, removed_at=None, room__kind__in=(RoomKind.CASE, *STAFF_ROOMS)
    )
    return _remove(places.exclude(room__person=F("device__account")), devices)


def _remove(places: QuerySet[RoomDevice], devices: Collection[int]) -> list[UUID]:
    rooms = list(places.values_list("room", flat=True).distinct().order_by("room"))
    for room in rooms:
        remove_places(room, devices)
    hand_on(rooms)
    _forget_what_nobody_is_in(rooms)
    return rooms


def hand_on(rooms: Collection[UUID]) -> None:
    """Ends the stewardship of those who are in these rooms no more; a group's last steward is followed by the member
    who has been there for longest. Repeating it changes nothing."""
    for room in rooms:
        with transaction.atomic():
            changed = _settle_stewards(room)
        if changed:
            announce_to_members(room, RoomChange.ROLES)


def _settle_stewards(room_id: UUID) -> bool:
    room = Room.objects.select_for_update(no_key=True).filter(id=room_id, kind=RoomKind.GROUP).first()
    if room is None:
        return False
    members = RoomDevice.objects.filter(
        room=room, removed_at=None, device__isnull=False, device__account__suspended_at=None
    )
    stewards = RoomSteward.objects.filter(room=room)
    gone, _ = stewards.exclude(account__in=members.values("device__account")).delete()
    # The rows of a room are made in the order of coming, and a device's goes with its leaving.
    longest = members.order_by("id").values_list("device__account", flat=True).first()
    if longest is None or stewards.exists():
        return gone > 0
    RoomSteward.objects.create(room=room, account_id=longest)
    return True


def settle_newcomers(devices: Collection[int]) -> None:
    """Waits, inside the caller's transaction, for commits that are bringing these devices into a room.

    A commit locks the rows of those whom it brings in and then looks whether they are active, so none brings in a
    device after the transaction that called this has ended it.
    """
    list(Device.objects.select_for_update(no_key=True).filter(id__in=devices).order_by("id").values_list("id"))


def _forget_what_nobody_is_in(rooms: Collection[UUID]) -> None:
    """Rooms without a group go with their maker; a direct room that one has left keeps the two from no new one."""
    accounts = RoomDevice.objects.filter(room__in=rooms, removed_at=None).values_list("room", "device__account")
    there: dict[UUID, set[UUID]] = {room: set() for room in rooms}
    for room, account in accounts.distinct():
        there[room].add(account)
    alone = [room for room, members in there.items() if len(members) < 2]
    empty = [room for room, members in there.items() if not members]
    founded = Room.objects.filter(epoch__gt=0).exclude(direct_pair=None)
    founded.filter(Q(kind="direct", id__in=alone) | Q(kind="self", id__in=empty)).update(direct_pair=None)
    with transaction.atomic():
        unfounded = Room.objects.select_for_update(of=("self",)).filter(~Q(kind="open"), id__in=empty, epoch=0)
        Room.objects.filter(id__in=list(unfounded.values_list("id", flat=True))).delete()
