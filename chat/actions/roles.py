"""Who looks after a room, and what they do there: handing on, removing, quieting, and the rule on adding.

In open rooms, which the network's staff look after, nobody is removed or quieted without a reason that they can read:
that takes a decision, which comes in by `keep_quiet` and `keep_out`.
"""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from chat.access import access_member, is_steward
from chat.actions.removal import hand_on
from chat.delivery.outside import announce_account, announce_to_members, remove_places
from chat.models import Account, Device, Room, RoomBar, RoomInvite, RoomKind, RoomMute, RoomSteward
from chat.protocol.errors import Code, ProtocolError
from chat.protocol.events import AccountChange, RoomChange


def set_steward(room: Room, account: UUID, steward: bool) -> Room:
    """Gives a member of a group the care for it, or takes it back. Repeating it changes nothing.

    Raises not_found (nobody of the room), forbidden (an open room, or its last steward) or decided (somebody whom
    moderators decided to keep from writing there).
    """
    if room.kind != RoomKind.GROUP:
        raise ProtocolError(Code.FORBIDDEN)
    member = access_member(room, account)
    with transaction.atomic():
        _lock(room)
        if steward:
            _refuse_decided_mute(room, member)
            RoomSteward.objects.get_or_create(room=room, account=member)
            _quiet(room, member, stewards_until=None)
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


def mute(room: Room, account: UUID, until: int | None) -> Room:
    """A group takes no messages of a member before `until` (ms since 1970 UTC); None ends that.

    Raises by_decision (an open room), not_found (nobody of the room), forbidden (somebody who looks after it) or decided
    (ending what moderators decided).
    """
    _refuse_open(room)
    member = access_member(room, account)
    if is_steward(member, room):
        raise ProtocolError(Code.FORBIDDEN)
    with transaction.atomic():
        _lock(room)
        if until is None:
            _refuse_decided_mute(room, member)
        _quiet(room, member, stewards_until=until)
    announce_to_members(room.id, RoomChange.ROLES)
    return room


def remove_member(room: Room, account: UUID, by: Account) -> None:
    """Takes a member's devices out of a group and keeps the account from coming back by itself. Delivery ends before it
    returns.

    Raises by_decision (an open room), not_found (nobody of the room) or forbidden (oneself, or another steward).
    """
    _refuse_open(room)
    member = access_member(room, account)
    if member.id == by.id or is_steward(member, room):
        raise ProtocolError(Code.FORBIDDEN)
    with transaction.atomic():
        _lock(room)
        RoomBar.objects.get_or_create(room=room, account=member)
        _close_behind(room, member)
    _take_out(room, member)


def keep_quiet(room: Room, account: Account, until: Callable[[], int | None]) -> None:
    """What decisions of moderators ask for: no messages of the account before `until`, or None. It stands in a record already.

    It holds above stewards, and also of somebody who has left and comes back. `until` is asked while nobody else
    changes who is muted in the room. Call it outside of transactions.
    """
    with transaction.atomic():
        _lock(room)
        end = until()
        if end is not None:
            RoomSteward.objects.filter(room=room, account=account).delete()
        _quiet(room, account, decided_until=end)
    announce_to_members(room.id, RoomChange.ROLES)


def keep_out(room: Room, account: Account, out: Callable[[], bool]) -> None:
    """Whether decisions of moderators keep the account out of the room; `out` as `until` above."""
    with transaction.atomic():
        _lock(room)
        kept = out()
        if kept:
            RoomSteward.objects.filter(room=room, account=account).delete()
            RoomBar.objects.update_or_create(room=room, account=account, defaults={"decided": True})
            _close_behind(room, account)
        else:
            RoomBar.objects.filter(room=room, account=account, decided=True).delete()
    if kept:
        _take_out(room, account)
    else:
        # An open room is there to be joined again.
        announce_account(account.id, AccountChange.DEVICES)


def _lock(room: Room) -> None:
    Room.objects.select_for_update(no_key=True).get(pk=room.pk)


def _quiet(room: Room, account: Account, **ends: int | None) -> None:
    """Sets what stewards or decisions ask for, and what holds then. The room is locked."""
    held = RoomMute.objects.filter(room=room, account=account).first() or RoomMute(room=room, account=account)
    for asked, end in ends.items():
        setattr(held, asked, end)
    asked_for = [end for end in (held.stewards_until, held.decided_until) if end is not None]
    if asked_for:
        held.until = max(asked_for)
        held.save()
    elif held.pk is not None:
        held.delete()


def _refuse_open(room: Room) -> None:
    if room.kind == RoomKind.OPEN:
        raise ProtocolError(Code.BY_DECISION)


def _refuse_decided_mute(room: Room, account: Account) -> None:
    now = int(timezone.now().timestamp() * 1000)
    if RoomMute.objects.filter(room=room, account=account, decided_until__gt=now).exists():
        raise ProtocolError(Code.DECIDED)


def _close_behind(room: Room, account: Account) -> None:
    """What the account had in the room and what it let others in by."""
    _quiet(room, account, stewards_until=None)
    open_invites = RoomInvite.objects.filter(room=room, created_by=account, revoked_at=None)
    open_invites.update(revoked_at=timezone.now())


def _take_out(room: Room, account: Account) -> None:
    # All of them: one may be on its way in by a commit that found no bar yet.
    remove_places(room.id, list(Device.objects.filter(account=account).values_list("pk", flat=True)))
    hand_on([room.id])
