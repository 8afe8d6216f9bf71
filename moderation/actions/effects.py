"""What a decision does, and how it is undone. Call these outside of transactions: delivery ends before they return."""

from chat.actions import roles
from chat.actions.accounts import ban_account, restore_account, suspend_account
from chat.delivery.outside import announce_account, announce_to_members
from chat.models import Account, RoomBar, RoomMute, RoomSteward
from chat.protocol.errors import Code, ProtocolError
from chat.protocol.events import AccountChange, RoomChange
from moderation.models import Decision, DecisionState, Kind

EXCLUDING = (Kind.SUSPEND, Kind.BAN)


def apply(decision: Decision) -> None:
    """Puts it into force. Repeating it changes nothing. What concerns a room that the subject has left is passed over."""
    subject, room = decision.subject, decision.room
    if subject is None:
        return
    if decision.kind == Kind.SUSPEND:
        suspend_account(subject, until=decision.until)
    elif decision.kind == Kind.BAN:
        ban_account(subject)
    elif room is not None and decision.kind in (Kind.MUTE, Kind.REMOVE_FROM_ROOM):
        # Moderation stands above a group's stewards.
        RoomSteward.objects.filter(room=room, account=subject).delete()
        try:
            if decision.kind == Kind.MUTE:
                roles.mute(room, subject.id, None if decision.until is None else int(decision.until.timestamp() * 1000))
            else:
                roles.remove_member(room, subject.id)
        except ProtocolError as refusal:
            if refusal.code is not Code.NOT_FOUND:
                raise


def undo(decision: Decision) -> None:
    """Ends it, as far as nothing else that is in force asks for the same. Repeating it changes nothing."""
    subject, room = decision.subject, decision.room
    if subject is None:
        return
    others = Decision.objects.filter(subject=subject, state=DecisionState.IN_FORCE).exclude(id=decision.id)
    if decision.kind in EXCLUDING:
        still = [other for other in others.filter(kind__in=EXCLUDING) if other.holds]
        ends = [other.until for other in still if other.until is not None]
        if not still:
            restore_account(subject)
        elif len(ends) == len(still):
            # What is left of a suspension ends by itself, as it would have without this.
            Account.objects.filter(id=subject.id).update(suspended_until=max(ends))
    elif decision.kind == Kind.MUTE and not [
        other for other in others.filter(kind=Kind.MUTE, room=room) if other.holds
    ]:
        RoomMute.objects.filter(room=room, account=subject).delete()
        if room is not None:
            announce_to_members(room.id, RoomChange.ROLES)
    elif decision.kind == Kind.REMOVE_FROM_ROOM:
        RoomBar.objects.filter(room=room, account=subject).delete()
        # An open room is there to be joined again.
        announce_account(subject.id, AccountChange.DEVICES)
