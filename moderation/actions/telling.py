"""The facts that a decision rests on, as far as its subject is told of them: nothing that tells who asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from chat.models import Room, RoomDevice
from chat.protocol.errors import Code, ProtocolError
from moderation.models import Decision, Facts

FEWEST = 5
"""Where fewer accounts than these can have seen it, the place or the day would point at one of them."""


@dataclass(frozen=True)
class Telling:
    """What a moderator wants to tell. `days` are the first and the last one; `seen_in` is where it was, told or not."""

    messages: int | None = None
    proven: bool | None = None
    days: tuple[date, date] | None = None
    rooms: Sequence[Room] = ()
    seen_in: Sequence[Room] = ()


NOTHING = Telling()


def check_telling(telling: Telling) -> None:
    """Raises malformed: parts that do not fit each other, or days to come."""
    if (telling.messages is None) != (telling.proven is None):
        raise ProtocolError(Code.MALFORMED, detail="messages and proven come together")
    if telling.days is not None:
        first, last = telling.days
        # Somewhere it is tomorrow already.
        if not first <= last <= timezone.now().date() + timedelta(days=1):
            raise ProtocolError(Code.MALFORMED, detail="days that have been, in their order")
        # Only where is known how many can have seen it.
        if not telling.seen_in:
            raise ProtocolError(Code.MALFORMED, detail="days come with the rooms")


def tell(decision: Decision, telling: Telling) -> None:
    """Keeps it with the decision. When a room has too few people, told or not, neither rooms nor days are kept."""
    small = any(_people(room) < FEWEST for room in {*telling.rooms, *telling.seen_in})
    first, last = telling.days if telling.days is not None and not small else (None, None)
    rooms = [] if small else telling.rooms
    if telling.messages is None and first is None and not rooms:
        return
    kept = Facts.objects.create(
        decision=decision, messages=telling.messages, proven=telling.proven, first_day=first, last_day=last
    )
    kept.rooms.set(rooms)


def _people(room: Room) -> int:
    inside = RoomDevice.objects.filter(room=room, removed_at=None)
    return inside.values("device__account").distinct().count()
