"""The only way to get a guarded object. Each function answers with the object or raises what the caller may know.

What is not one's own to see is `not_found`, so that nobody learns whether it exists.
"""

import hashlib
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from chat.models import (
    STAFF_ROOMS,
    Account,
    Backup,
    Blob,
    Device,
    Invite,
    Network,
    Role,
    Room,
    RoomBar,
    RoomDevice,
    RoomInvite,
    RoomKind,
    RoomSteward,
    staff_rooms,
    within_reach,
)
from chat.protocol.errors import Code, ProtocolError


def access_device(token: bytes, *, suspended_too: bool = False) -> Device:
    """The device whose 32-byte token this is, with its account and network.

    Raises unauthenticated (unknown token, revoked device) or suspended.
    """
    digest = hashlib.sha256(token).digest()
    device = Device.objects.select_related("account__network").filter(token_hash=digest, revoked_at=None).first()
    if device is None:
        raise ProtocolError(Code.UNAUTHENTICATED)
    if device.account.suspended and not suspended_too:
        raise ProtocolError(Code.SUSPENDED)
    return device


def access_device_to_connect(token: bytes) -> Device:
    """As `access_device`, suspended or not; a device that was revoked is told so: unauthenticated has `revoked` then."""
    try:
        return access_device(token, suspended_too=True)
    except ProtocolError as refusal:
        known = Device.objects.filter(token_hash=hashlib.sha256(token).digest(), revoked_at__isnull=False)
        if refusal.code is Code.UNAUTHENTICATED and known.exists():
            raise ProtocolError(Code.UNAUTHENTICATED, revoked=True) from None
        raise


def access_network_as_staff(device: Device) -> Network:
    """The caller's network, for moderators and coordinators. Raises forbidden."""
    if not device.account.is_staff:
        raise ProtocolError(Code.FORBIDDEN)
    return device.account.network


def access_network_to_invite(device: Device, role: str) -> Network:
    """The caller's network, to invite someone as `role`: moderators invite members alone. Raises forbidden."""
    network = access_network_as_staff(device)
    if role != Role.MEMBER and device.account.role != Role.COORDINATOR:
        raise ProtocolError(Code.FORBIDDEN)
    return network


def access_network_as_coordinator(device: Device) -> Network:
    """The caller's network, for coordinators. Raises forbidden."""
    if device.account.role != Role.COORDINATOR:
        raise ProtocolError(Code.FORBIDDEN)
    return device.account.network


def access_account_as_coordinator(device: Device, account: UUID) -> Account:
    """An account of the caller's network, whether they share a room or not. Raises forbidden or not_found."""
    network = access_network_as_coordinator(device)
    found = Account.objects.filter(id=account, network=network).first()
    if found is None:
        raise ProtocolError(Code.NOT_FOUND)
    return found


def access_room(device: Device, room: UUID) -> Room:
    """A room that a device of the caller's account is in. Raises not_found."""
    found = Room.objects.filter(id=room, id__in=_room_ids_of(device.account_id)).first()
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


def access_room_for_device(device: Device, room: UUID) -> tuple[Room, RoomDevice]:
    """A room that this very device is in, and its place there. Raises not_in_room."""
    place = RoomDevice.objects.select_related("room").filter(room=room, device=device, removed_at=None).first()
    if place is None:
        raise ProtocolError(Code.NOT_IN_ROOM)
    return place.room, place


def access_account(device: Device, account: UUID) -> Account:
    """The caller's own account, or one that shares a room with it. Raises not_found."""
    found = access_accounts(device, [account])
    if not found:
        raise ProtocolError(Code.NOT_FOUND)
    return found[0]


def access_accounts(device: Device, accounts: Collection[UUID]) -> list[Account]:
    """Those of `accounts` that the caller may see; the others are left out."""
    visible = RoomDevice.objects.filter(
        room__in=_room_ids_of(device.account_id), removed_at=None, device__account__in=accounts
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


def access_invite_as_staff(device: Device, invite: UUID) -> Invite:
    """An invite of the caller's network. Raises forbidden or not_found."""
    network = access_network_as_staff(device)
    found = Invite.objects.filter(id=invite, network=network).first()
    if found is None:
        raise ProtocolError(Code.NOT_FOUND)
    return found


def access_invite(secret: bytes, *, whatever_its_state: bool = False) -> Invite:
    """The network invite with this 16-byte secret. Raises invite_unknown, _used, _expired or _revoked."""
    digest = hashlib.sha256(secret).digest()
    invite = Invite.objects.select_related("network").filter(secret_hash=digest).first()
    if invite is None:
        raise ProtocolError(Code.INVITE_UNKNOWN)
    if not whatever_its_state:
        refuse_spent(invite)
    return invite


def access_room_invite(device: Device, secret: bytes) -> RoomInvite:
    """The room invite of the caller's network with this 16-byte secret.

    Raises invite_unknown (also for another network's), _used, _expired or _revoked.
    """
    digest = hashlib.sha256(secret).digest()
    invite = (
        RoomInvite.objects.select_related("room")
        .filter(secret_hash=digest, room__network=device.account.network_id)
        .first()
    )
    if invite is None:
        raise ProtocolError(Code.INVITE_UNKNOWN)
    refuse_spent(invite)
    return invite


def access_backup(locator: bytes) -> Backup:
    """The backup with this 32-byte locator, which only its words give. Raises not_found, or suspended."""
    digest = hashlib.sha256(locator).digest()
    found = Backup.objects.select_related("account").filter(locator_hash=digest).first()
    if found is None:
        raise ProtocolError(Code.NOT_FOUND)
    if found.account.suspended:
        raise ProtocolError(Code.SUSPENDED)
    return found


def access_blob(device: Device, room: UUID, blob: bytes) -> Blob:
    """An attachment of a room that the caller is in, by its 16 bytes. Raises not_found."""
    found = Blob.objects.filter(
        room=access_room(device, room), blob=blob, expires_on__gte=timezone.now().date()
    ).first()
    if found is None:
        raise ProtocolError(Code.NOT_FOUND)
    return found


def refuse_spent(invite: Invite | RoomInvite, now: datetime | None = None) -> None:
    """Raises invite_revoked, invite_used or invite_expired, whichever a person should hear first."""
    if invite.revoked_at is not None:
        raise ProtocolError(Code.INVITE_REVOKED)
    if invite.used >= invite.uses:
        raise ProtocolError(Code.INVITE_USED)
    if invite.expires_at <= (now or timezone.now()):
        raise ProtocolError(Code.INVITE_EXPIRED)


def _room_ids_of(account: UUID) -> QuerySet[RoomDevice, Any]:
    return RoomDevice.objects.filter(within_reach(), device__account=account, removed_at=None).values("room")


def _in_room(account: UUID, room: UUID) -> bool:
    return RoomDevice.objects.filter(room=room, device__account=account, removed_at=None).exists()
