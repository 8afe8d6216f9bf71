"""Forgetting who asked about whom, once nothing can come of a case any more. What counts need of it stays.

What was decided stays too, and whether about whoever asked, sealed: no screen is to show that under a name. The audit log
keeps its pseudonyms, and of cases kept from some of the staff it stays known from whom.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from chat.actions.case_rooms import delete_rooms
from chat.actions.deletion import overwrite_what_is_deleted
from chat.delivery.outside import announce_gone
from chat.models import Blob, Entry, EntryKind
from moderation.about_askers import seal_about_asker
from moderation.models import APPEAL_DAYS, Case, CaseState, CaseSubject, Decision, DecisionState, Referral

AT_ONCE = 20
"""Cases in a round, each in a transaction of its own; the rest waits for the next one."""
_BLOBS = 20
"""Attachments in a transaction: at most 30 MiB."""


def forget_cases(now: datetime) -> None:
    """One round of cleaning up; `now` is by a clock that is believed. Any number of processes may do it at once."""
    overwrite_what_is_deleted()
    for case in list(_over(now).order_by("closed_at", "id").values_list("id", flat=True)[:AT_ONCE]):
        _delete_blobs(case)
        with transaction.atomic():
            told = _forget(case, now)
        for room, devices in told.items():
            announce_gone(room, devices)


def _over(now: datetime) -> QuerySet[Case]:
    """Cases that were closed for as long as an objection is possible, of which nothing is open or unread."""
    long_ago = now - timedelta(days=APPEAL_DAYS)
    open_one = Q(state=DecisionState.PROPOSED) | Q(in_force_at__gt=long_ago) | Q(appeal__outcome="")
    unread = Entry.objects.filter(kind=EntryKind.APPLICATION)
    found = Case.objects.filter(state=CaseState.CLOSED, forgotten=False, closed_at__lte=long_ago)
    return found.exclude(
        Exists(Decision.objects.filter(open_one, case=OuterRef("pk")))
        | Exists(unread.filter(room=OuterRef("room")))
        | Exists(unread.filter(room=OuterRef("notes")))
    )


def _forget(case_id: UUID, now: datetime) -> dict[UUID, list[int]]:
    """Returns the devices of the rooms that are gone with it; none of a case that changed meanwhile."""
    list(Case.objects.select_for_update(no_key=True).filter(id=case_id).values_list("id"))
    case = _over(now).filter(id=case_id).first()
    if case is None:
        return {}
    kept_from = list(case.kept_from.all())
    # Who it is about may be who asked, and then a decision and its case would tell.
    for decision in Decision.objects.filter(case=case):
        decision.kept_from.set(kept_from)
        yes = decision.subject_id is not None and decision.subject_id == case.opened_by_id
        asked = seal_about_asker(decision.id, yes=yes)
        Decision.objects.filter(id=decision.id).update(case=None, case_forgotten=True, about_asker=asked)
    Referral.objects.filter(case=case).update(proposed_by=None, agreed_by=None, refused_by=None)
    CaseSubject.objects.filter(case=case).delete()
    told = delete_rooms(_rooms(case))
    gone = {"opened_by": None, "claimed_by": None, "moved_at": None, "called_at": None, "turn": b""}
    Case.objects.filter(id=case.id).update(forgotten=True, **gone)
    return told


def _delete_blobs(case_id: UUID) -> None:
    case = Case.objects.get(id=case_id)
    blobs = Blob.objects.filter(room__in=_rooms(case))
    while found := list(blobs.values_list("pk", flat=True)[:_BLOBS]):
        Blob.objects.filter(pk__in=found).delete()


def _rooms(case: Case) -> list[UUID]:
    return [room for room in (case.room_id, case.notes_id) if room is not None]
