"""The room in which the staff write notes on a case, for one another."""

from datetime import timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from chat.actions.case_rooms import create_notes_room
from chat.delivery.outside import announce_account
from chat.models import Device, Room
from chat.protocol.errors import Code, ProtocolError
from chat.protocol.events import AccountChange
from moderation.access import active_staff
from moderation.models import Case

_GIVEN_UP_AFTER = timedelta(seconds=60)
"""So long after it was made, a room whose group nobody founded is in nobody's way any more."""


def open_notes(case: Case, device: Device, room: UUID) -> Case:
    """The case with the room of its notes: the one it has, or else this one at epoch 0 with the caller's device in it.

    Nobody from whom the case is kept comes into it, nor whoever asked, who is not told either. Repeating it changes
    nothing. Raises room_exists (the id is something else's).
    """
    try:
        with transaction.atomic():
            made = _make(case, device, room)
    except IntegrityError:
        raise ProtocolError(Code.ROOM_EXISTS) from None
    case.refresh_from_db()
    if made:
        for account in active_staff(case).values_list("id", flat=True):
            announce_account(account, AccountChange.CASES)
    return case


def _make(case: Case, device: Device, room: UUID) -> bool:
    locked = Case.objects.select_for_update(of=("self",), no_key=True).select_related("notes").get(id=case.id)
    notes = locked.notes
    if notes is not None:
        given_up = notes.epoch == 0 and notes.id != room and notes.created_at <= timezone.now() - _GIVEN_UP_AFTER
        if not given_up:
            return False
        Room.objects.filter(id=notes.id, epoch=0).delete()
        locked.notes_begun -= 1
    kept_from = set(locked.kept_from.values_list("id", flat=True))
    if locked.opened_by_id is not None:
        kept_from.add(locked.opened_by_id)
    made = create_notes_room(device, room, kept_from)
    Case.objects.filter(id=case.id).update(notes=made, notes_begun=locked.notes_begun + 1)
    return True
