"""What a decision does, and how it is undone. Call these outside of transactions: delivery ends before they return.

Decisions about one account begin and end while others' effects are on their way. So each looks at all of them while
nobody else changes the account or its place in the room, and whichever comes last leaves what holds then.
"""

from datetime import datetime

from chat.actions import roles
from chat.actions.accounts import ban_account, restore_account, suspend_account
from chat.models import Account, Room
from moderation.models import Decision, DecisionState, Kind

EXCLUDING = (Kind.SUSPEND, Kind.BAN)


def apply(decision: Decision) -> None:
    """Puts it into force. Repeating it changes nothing. What concerns a room holds also once the subject comes back to it."""
    subject, room = decision.subject, decision.room
    if subject is None:
        return

    def still() -> bool:
        return Decision.objects.get(id=decision.id).holds

    if decision.kind == Kind.SUSPEND:
        suspend_account(subject, decision.as_decided.until, still=still)
    elif decision.kind == Kind.BAN:
        ban_account(subject, still=still)
    elif room is not None:
        _hold_in(room, subject, decision.kind)


def undo(decision: Decision) -> None:
    """Ends it, as far as nothing else that is in force asks for the same. Repeating it changes nothing."""
    subject, room = decision.subject, decision.room
    if subject is None:
        return

    def still() -> list[datetime | None]:
        others = Decision.objects.filter(subject=subject, kind__in=EXCLUDING, state=DecisionState.IN_FORCE)
        return [other.as_decided.until for other in others.exclude(id=decision.id) if other.holds]

    if decision.kind in EXCLUDING:
        restore_account(subject, still=still)
    elif room is not None:
        _hold_in(room, subject, decision.kind)


def _hold_in(room: Room, subject: Account, kind: str) -> None:
    """The room does what all the decisions in force ask for together: the longest of them. It stands above stewards."""

    def standing() -> list[Decision]:
        found = Decision.objects.filter(subject=subject, room=room, kind=kind, state=DecisionState.IN_FORCE)
        return [decision for decision in found if decision.holds]

    def longest() -> int | None:
        ends = [decision.as_decided.until for decision in standing()]
        return max((int(end.timestamp() * 1000) for end in ends if end is not None), default=None)

    if kind == Kind.MUTE:
        roles.keep_quiet(room, subject, longest)
    elif kind == Kind.REMOVE_FROM_ROOM:
        roles.keep_out(room, subject, lambda: bool(standing()))
