"""Invites to a network or a room: by their secret for whoever was given it, by their id for staff."""

import hashlib
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from chat.access.networks import access_network_as_staff
from chat.models import (
    Device,
    Invite,
    RoomInvite,
)
from chat.protocol.errors import Code, ProtocolError


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


def refuse_spent(invite: Invite | RoomInvite, now: datetime | None = None) -> None:
    """Raises invite_revoked, invite_used or invite_expired, whichever a person should hear first."""
    if invite.revoked_at is not None:
        raise ProtocolError(Code.INVITE_REVOKED)
    if invite.used >= invite.uses:
        raise ProtocolError(Code.INVITE_USED)
    if invite.expires_at <= (now or timezone.now()):
        raise ProtocolError(Code.INVITE_EXPIRED)
