"""Accounts: whom the caller sees, and whom it may bring into a room."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q

from chat.access.rooms import room_ids_of
from chat.models import (
    STAFF_ROOMS,
    Account,
    Device,
    Role,
    Room,
    RoomDevice,
    RoomKind,
)
from chat.protocol.errors import Code, ProtocolError


def access_account(device: Device, account: UUID) -> Account:
    """The caller's own account, or one that shares a room with it. Raises not_found."""
    found = access_accounts(device, [account])
    if not found:
        raise ProtocolError(Code.NOT_FOUND)
    return found[0]


def access_accounts(device: Device, accounts: Collection[UUID]) -> list[Account]:
    """Those of `accounts` that the caller may see; the others are left out."""
    visible = RoomDevice.objects.filter(
        room__in=room_ids_of(device.account_id), removed_at=None, device__account__in=accounts
    ).values("device__account")
    own = Account.objects.filter(id=device.account_id, id__in=accounts)
    return list((Account.objects.filter(id__in=visible) | own).order_by("id"))


def access_accounts_for(device: Device, room: Room, accounts: Collection[UUID]) -> list[Account]:
    """Those of `accounts` that the caller may bring into the room: whom it sees.

    Into a room of kind `case` only staff may come, whom it is there for, and who is in it with another device; into one
    of the staff's own, staff alone.
    """
    staff = Q(network=room.network_id, role__in=(Role.MODERATOR, Role.COORDINATOR))
    if room.kind in STAFF_ROOMS:
        return list(Account.objects.filter(staff, id__in=accounts).order_by("id"))
    if room.kind != RoomKind.CASE:
        return access_accounts(device, accounts)
    person = Q(id=room.person_id)
    inside = Q(devices__room_devices__room=room, devices__room_devices__removed_at=None)
    return list(Account.objects.filter(staff | person | inside, id__in=accounts).distinct().order_by("id"))
