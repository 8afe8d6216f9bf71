"""Invites into networks and into private groups."""

from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from chat.access import access_room_invite, refuse_spent
from chat.models import Account, Device, Invite, Network, Role, Room, RoomInvite
from chat.protocol.errors import Code, ProtocolError


def make_invite(
    network: Network,
    *,
    secret_hash: bytes,
    role: str = Role.MEMBER,
    uses: int = 1,
    expires_in: timedelta,
    created_by: Account | None = None,
) -> Invite:
    """Repeating it (same hash, maker, role and uses) gives the first one. Raises malformed when the hash is taken."""
    wanted = Invite(
        network=network,
        secret_hash=secret_hash,
        role=role,
        uses=uses,
        expires_at=timezone.now() + expires_in,
        created_by=created_by,
    )
    try:
        with transaction.atomic():
            wanted.save(force_insert=True)
    except IntegrityError:
        same = Invite.objects.filter(
            network=network, secret_hash=secret_hash, role=role, uses=uses, created_by=created_by
        ).first()
        if same is None:
            raise ProtocolError(Code.MALFORMED, detail="secret_hash") from None
        return same
    return wanted


def revoke_invite(invite: Invite) -> Invite:
    """From now on it opens nothing; whoever joined with it stays. Repeating it changes nothing."""
    Invite.objects.filter(pk=invite.pk, revoked_at=None).update(revoked_at=timezone.now())
    invite.refresh_from_db()
    return invite


def make_room_invite(
    room: Room, *, secret_hash: bytes, uses: int, expires_in: timedelta, created_by: Account
) -> RoomInvite:
    """Repeating it (same hash, maker, room and uses) gives the first one. Raises malformed when the hash is taken."""
    wanted = RoomInvite(
        room=room,
        secret_hash=secret_hash,
        uses=uses,
        expires_at=timezone.now() + expires_in,
        created_by=created_by,
    )
    try:
        with transaction.atomic():
            wanted.save(force_insert=True)
    except IntegrityError:
        same = RoomInvite.objects.filter(room=room, secret_hash=secret_hash, uses=uses, created_by=created_by).first()
        if same is None:
            raise ProtocolError(Code.MALFORMED, detail="secret_hash") from None
        return same
    return wanted


def use_invite(invite: Invite) -> None:
    """Counts one use, inside the caller's transaction. Raises what is wrong with the invite; then none was counted."""
    if not _count(Invite.objects.filter(pk=invite.pk)):
        invite.refresh_from_db()
        refuse_spent(invite)
        raise ProtocolError(Code.INVITE_UNKNOWN)


def use_room_invite(device: Device, room: UUID, secret: bytes) -> None:
    """Counts one use of the invite into `room`, inside the caller's transaction.

    Raises invite_unknown, _used, _expired or _revoked; then none was counted.
    """
    invite = access_room_invite(device, secret)
    if invite.room_id != room:
        raise ProtocolError(Code.INVITE_UNKNOWN)
    if not _count(RoomInvite.objects.filter(pk=invite.pk)):
        invite.refresh_from_db()
        refuse_spent(invite)
        raise ProtocolError(Code.INVITE_UNKNOWN)


def _count(invite: QuerySet[Invite] | QuerySet[RoomInvite]) -> bool:
    """One conditional update decides who gets the last use; the loser waits for the winner's commit and finds none."""
    usable = invite.filter(revoked_at=None, expires_at__gt=timezone.now(), used__lt=F("uses"))
    return usable.update(used=F("used") + 1) == 1
