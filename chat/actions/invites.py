"""Invites into networks and into private groups."""

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from chat.access import refuse_spent
from chat.actions.acts import tell
from chat.models import Account, Invite, Network, Role, Room, RoomInvite
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
            tell(network.id, created_by, "invite_made", detail=f"{role}/{uses}")
    except IntegrityError:
        same = Invite.objects.filter(
            network=network, secret_hash=secret_hash, role=role, uses=uses, created_by=created_by
        ).first()
        if same is None:
            raise ProtocolError(Code.MALFORMED, detail="secret_hash") from None
        return same
    return wanted


def revoke_invite(invite: Invite, by: Account | None = None) -> Invite:
    """From now on it opens nothing; whoever joined with it stays. Repeating it changes nothing."""
    with transaction.atomic():
        if Invite.objects.filter(pk=invite.pk, revoked_at=None).update(revoked_at=timezone.now()):
            tell(invite.network_id, by, "invite_revoked", subject=invite.created_by_id, detail=invite.role)
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
    # One conditional update decides who gets the last use; the loser waits for the winner's commit and finds none.
    usable = Invite.objects.filter(pk=invite.pk, revoked_at=None, expires_at__gt=timezone.now(), used__lt=F("uses"))
    if not usable.update(used=F("used") + 1):
        invite.refresh_from_db()
        refuse_spent(invite)
        raise ProtocolError(Code.INVITE_UNKNOWN)
