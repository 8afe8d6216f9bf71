"""Rooms, and what lies in them: whether the caller is in one, looks after it, or may come in."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from chat.access.invites import access_room_invite
from chat.access.networks import access_network_as_staff
from chat.models import (
    STAFF_ROOMS,
    Account,
    Blob,
    Device,
    Room,
    RoomBar,
    RoomDevice,
    RoomKind,
    RoomSteward,
    staff_rooms,
    within_reach,
)
from chat.protocol.errors import Code, ProtocolError


def access_room(device: Device, room: UUID) -> Room:
    """A room that a device of the caller's account is in. Raises not_found."""
    found = Room.objects.filter(id=room, id__in=room_ids_of(device.account_id)).first()
    if found is None:
        raise ProtocolError(Code.NOT_FOUND)
    return found


def access_room_to_add_to(device: Device, room: UUID) -> Room:
    """A room that the caller is in, to ask for key packages for it. Raises not_found, or suspended: whoever is brings staff
    into the rooms that are there for them, and nobody into others."""
    if device.account.suspended and not Room.objects.filter(id=room, person=device.account_id).exists():
        raise ProtocolError(Code.SUSPENDED)
    return access_room(device, room)


def access_room_to_invite(device: Device, room: UUID) -> Room:
    """A private group that the caller may invite people to. Raises not_found, or forbidden (also for other kinds)."""
    found = access_room(device, room)
    if found.kind != RoomKind.GROUP or not may_add(device.account, found):
        raise ProtocolError(Code.FORBIDDEN)
    return found


def access_room_as_steward(device: Device, room: UUID) -> Room:
    """A room that the caller looks after: a group as its steward, an open room as staff. Raises not_found or forbidden."""
    found = Room.objects.filter(id=room, network=device.account.network_id, kind=RoomKind.OPEN).first()
    if found is None or not device.account.is_staff:
        found = access_room(device, room)
    if not is_steward(device.account, found):
        raise ProtocolError(Code.FORBIDDEN)
    return found


def access_open_room_as_staff(device: Device, room: UUID) -> Room:
    """An open room of the caller's network, to change it. Raises not_found or forbidden."""
    found = Room.objects.filter(id=room, network=device.account.network_id, kind=RoomKind.OPEN).first()
    if found is None:
        access_room(device, room)  # in it, but not open: forbidden below; not in it: not_found
        raise ProtocolError(Code.FORBIDDEN)
    access_network_as_staff(device)
    return found


def access_room_to_join(device: Device, room: UUID, secret: bytes | None = None) -> Room:
    """A room whose group info the caller may have: as a member, as it is open or the staff's and the caller is staff, or
    by a room invite's secret (16 bytes).

    Raises not_found, forbidden (open or invited to, but removed from it before), suspended (any room but that of an own
    case that the device is in), or what is wrong with the invite.
    """
    places = RoomDevice.objects.filter(within_reach(), room=room, device=device, removed_at=None)
    if device.account.suspended and not places.exists():
        raise ProtocolError(Code.SUSPENDED)
    found = Room.objects.filter(id=room, network=device.account.network_id).first()
    if found is None:
        raise ProtocolError(Code.NOT_FOUND)
    if _in_room(device.account_id, room):
        return found
    if found.kind in STAFF_ROOMS:
        if not staff_rooms(device.account).filter(id=room).exists():
            raise ProtocolError(Code.NOT_FOUND)
        return found
    if found.kind != RoomKind.OPEN:
        if secret is None:
            raise ProtocolError(Code.NOT_FOUND)
        invite = access_room_invite(device, secret)
        if invite.room_id != room:
            raise ProtocolError(Code.INVITE_UNKNOWN)
    if RoomBar.objects.filter(room=found, account=device.account_id).exists():
        raise ProtocolError(Code.FORBIDDEN)
    return found


def access_blob(device: Device, room: UUID, blob: bytes) -> Blob:
    """An attachment of a room that the caller is in, by its 16 bytes. Raises not_found."""
    found = Blob.objects.filter(
        room=access_room(device, room), blob=blob, expires_on__gte=timezone.now().date()
    ).first()
    if found is None:
        raise ProtocolError(Code.NOT_FOUND)
    return found


def access_member(room: Room, account: UUID) -> Account:
    """An account with a device in the room. Raises not_found."""
    if not _in_room(account, room.id):
        raise ProtocolError(Code.NOT_FOUND)
    return Account.objects.get(id=account)


def is_steward(account: Account, room: Room) -> bool:
    """Whether the account, which is in the room or of its network's staff, looks after it."""
    if room.kind == RoomKind.OPEN:
        return account.is_staff
    return room.kind == RoomKind.GROUP and RoomSteward.objects.filter(room=room, account=account).exists()


def may_add(account: Account, room: Room) -> bool:
    """Whether a member may bring in people of other accounts, as far as the room's rule goes."""
    return room.kind != RoomKind.GROUP or room.members_may_add or is_steward(account, room)


def kept_out(account: Account, room: Room) -> set[UUID]:
    """Whom the account may not bring in as they were removed: those who look after the room bring back whom they
    removed themselves, and nobody whom moderators decided to take out."""
    bars = RoomBar.objects.filter(room=room)
    if is_steward(account, room):
        bars = bars.filter(decided=True)
    return set(bars.values_list("account", flat=True))


def room_ids_of(account: UUID) -> QuerySet[RoomDevice, Any]:
    return RoomDevice.objects.filter(within_reach(), device__account=account, removed_at=None).values("room")


def _in_room(account: UUID, room: UUID) -> bool:
    return RoomDevice.objects.filter(room=room, device__account=account, removed_at=None).exists()
