"""Keeping cases from staff whose messages were shown in them."""

from django.db.models import QuerySet

from chat.models import Account, RoomBar
from moderation.models import Case


def keep_from(account: Account, cases: QuerySet[Case]) -> None:
    """Nobody brings the account into the rooms of these cases, and it learns nothing of them. Runs in a transaction."""
    rooms = set()
    for case in cases.distinct():
        case.kept_from.add(account)
        rooms |= {room for room in (case.room_id, case.notes_id) if room is not None}
    RoomBar.objects.bulk_create(
        [RoomBar(room_id=room, account=account) for room in sorted(rooms)], ignore_conflicts=True
    )
