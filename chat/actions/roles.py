"""Who looks after a room, and what they do there: handing on, removing, quieting, and the rule on adding."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone

from chat.access import access_member, is_steward
from chat.actions.acts import tell
from chat.actions.removal import hand_on
from chat.delivery.outside import announce_to_members, remove_places
from chat.models import Account, Device, Room, RoomBar, RoomInvite, RoomKind, RoomMute, RoomSteward
from chat.protocol.errors import Code, ProtocolError
from chat.protocol.events import RoomChange


def set_steward(room: Room, account: UUID, steward: bool) -> Room:
    """Gives a member of a group the care for it, or takes it back. Repeating it changes nothing.

    Raises not_found (nobody of the room) or forbidden (an open room, or its last steward).
    """
    if room.kind != RoomKind.GROUP:
        raise ProtocolError(Code.FORBIDDEN)
    member = access_member(room, account)
    with transaction.atomic():
        Room.objects.select_for_update(no_key=True).get(pk=room.pk)
        if steward:
            RoomSteward.objects.get_or_create(room=room, account=member)
            RoomMute.objects.filter(room=room, account=member).delete()
        elif RoomSteward.objects.filter(room=room).exclude(account=member).exists():
            RoomSteward.objects.filter(room=room, account=member).delete()
        elif RoomSteward.objects.filter(room=room, account=member).exists():
            raise ProtocolError(Code.FORBIDDEN)
    announce_to_members(room.id, RoomChange.ROLES)
    return room


def set_rules(room: Room, members_may_add: bool) -> Room:
    """Whether every member of a group may add and invite people. Raises forbidden for other kinds."""
    if room.kind != RoomKind.GROUP:
        raise ProtocolError(Code.FORBIDDEN)
    Room.objects.filter(pk=room.pk).update(members_may_add=members_may_add)
    room.members_may_add = members_may_add
    announce_to_members(room.id, RoomChange.ROLES)
    return room


def mute(room: Room, account: UUID, until: int | None, by: Account | None = None) -> Room:
    """The room takes no messages of a member before `until` (ms since 1970 UTC); None ends that.

    `by` is None for decisions of moderation, which stand in a record already.
    Raises not_found (nobody of the room) or forbidden (somebody who looks after it).
    """
    member = access_member(room, account)
    if is_steward(member, room):
        raise ProtocolError(Code.FORBIDDEN)
    with transaction.atomic():
        if until is None:
            RoomMute.objects.filter(room=room, account=member).delete()
        else:
            RoomMute.objects.update_or_create(room=room, account=member, defaults={"until": until})
        _tell_of_staff(room, by, "member_unmuted" if until is None else "member_muted", member)
    announce_to_members(room.id, RoomChange.ROLES)
    return room


def remove_member(room: Room, account: UUID, by: Account | None = None) -> None:
    """Takes a member's devices out and keeps the account from coming back by itself. Delivery ends before it returns.

    `by` is None for decisions of moderation, which stand in a record already.
    Raises not_found (nobody of the room) or forbidden (oneself, or in a group another steward).
    """
    member = access_member(room, account)
    if (by is not None and member.id == by.id) or (room.kind != RoomKind.OPEN and is_steward(member, room)):
        raise ProtocolError(Code.FORBIDDEN)
    with transaction.atomic():
        RoomBar.objects.get_or_create(room=room, account=member)
        RoomMute.objects.filter(room=room, account=member).delete()
        open_invites = RoomInvite.objects.filter(room=room, created_by=member, revoked_at=None)
        open_invites.update(revoked_at=timezone.now())
        _tell_of_staff(room, by, "member_removed", member)
    # All of them: one may be on its way in by a commit that found no bar yet.
    remove_places(room.id, list(Device.objects.filter(account=member).values_list("pk", flat=True)))
    hand_on([room.id])


def _tell_of_staff(room: Room, by: Account | None, action: str, member: Account) -> None:
    """Open rooms are looked after by staff; what the stewards of a private group do there is the group's own affair."""
    if by is not None and room.kind == RoomKind.OPEN:
        tell(room.network_id, by, action, subject=member.id, detail=str(room.id))
