"""Forgetting who asked about whom, once nothing can come of a case any more. What counts need of it stays.

What was decided stays too, with whatever would join it to the case sealed (moderation/forgotten.py): whether it was about
whoever asked, when it was, and what of it a case's own entries in the audit log have as well. There pseudonyms stay.
"""

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Length

from chat.actions.case_rooms import delete_rooms
from chat.actions.deletion import overwrite_what_is_deleted
from chat.delivery.outside import announce_gone
from chat.models import Account, Blob, Entry, EntryKind, Room
from moderation.forgotten import (
    FACTS,
    FIRST_SIZE,
    TIMES,
    Details,
    quarter_after,
    quarter_of,
    seal_details,
    seal_kept,
    was_about_asker,
)
from moderation.models import (
    APPEAL_DAYS,
    Appeal,
    AuditEntry,
    Case,
    CaseState,
    CaseSubject,
    Cut,
    CutState,
    Decision,
    DecisionState,
    Facts,
    Kind,
    Referral,
)
from moderation.sealed_steps import open_sealed, seal_opening

AT_ONCE = 20
"""Cases in a round, each in a transaction of its own; the rest waits for the next one."""
_BLOBS = 20
"""Attachments in a transaction: at most 30 MiB."""


def forget_cases(now: datetime) -> None:
    """One round of cleaning up; `now` is by a clock that is believed. Any number of processes may do it at once."""
    overwrite_what_is_deleted()
    for case in list(_over(now).order_by("closed_at", "id").values_list("id", flat=True)[:AT_ONCE]):
        delete_blobs(_rooms(Case.objects.get(id=case)))
        with transaction.atomic():
            told = _forget(case, now)
        for room, devices in told.items():
            announce_gone(room, devices)
    _forget_more(now)


def _over(now: datetime) -> QuerySet[Case]:
    """Cases that were closed for as long as an objection is possible, of which nothing is open or unread."""
    long_ago = now - timedelta(days=APPEAL_DAYS)
    open_one = Q(state=DecisionState.PROPOSED) | Q(in_force_at__gt=long_ago) | Q(appeal__outcome="")
    unread = Entry.objects.filter(kind=EntryKind.APPLICATION)
    found = Case.objects.filter(state=CaseState.CLOSED, forgotten=False, closed_at__lte=long_ago)
    return found.exclude(
        Exists(Decision.objects.filter(open_one, case=OuterRef("pk")))
        | Exists(Cut.objects.filter(state=CutState.PROPOSED, case=OuterRef("pk")))
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
    _forget_steps(case, kept_from)
    # Who it is about may be who asked, and then a decision and its case would tell.
    for decision in Decision.objects.filter(case=case):
        about_asker = decision.subject_id is not None and decision.subject_id == case.opened_by_id
        decision.kept_from.set(kept_from)
        _forget_details(decision, now, about_asker=about_asker)
    Referral.objects.filter(case=case).update(proposed_by=None, agreed_by=None, refused_by=None)
    CaseSubject.objects.filter(case=case).delete()
    Cut.objects.filter(case=case).delete()
    told = delete_rooms(_rooms(case))
    _forget_kept(case.id, kept_from)
    gone = {"opened_by": None, "claimed_by": None, "moved_at": None, "called_at": None, "turn": b""}
    Case.objects.filter(id=case.id).update(forgotten=True, **gone)
    return told


def _forget_steps(case: Case, kept_from: Collection[Account]) -> None:
    """What the audit log's entries about decisions open to no longer says of which case they are."""
    log = AuditEntry.objects.filter(network=case.network_id)
    begun = log.filter(case=case.id, action="case_opened").first()
    # Its opener's name in it; the account may have gone.
    asker, first = ("", 0) if begun is None else (begun.actor, begun.seq)
    for row in log.filter(seq__gt=first).exclude(opening=b"").order_by("seq").iterator():
        opening = open_sealed(row.digest, row.opening)
        if opening is not None and opening.case_id == case.id:
            left = opening.forgotten([account.id for account in kept_from], asker)
            log.filter(id=row.id).update(opening=seal_opening(row.digest, left))


def _forget_details(decision: Decision, now: datetime, *, about_asker: bool) -> None:
    """Seals what would find, among the entries of a case, the moment or the size of what was decided."""
    appeal = Appeal.objects.filter(decision=decision).first()
    facts = Facts.objects.filter(decision=decision).first()
    made_at, closed_at = (None, None) if appeal is None else (appeal.made_at, appeal.closed_at)
    details = Details(
        about_asker=about_asker,
        kind=decision.kind,
        finding=decision.finding,
        **{name: getattr(decision, name) for name in TIMES},
        appeal_made_at=made_at,
        appeal_closed_at=closed_at,
        **({} if facts is None else {name: getattr(facts, name) for name in FACTS}),
    )
    limited = decision.kind == Kind.LIMIT_REPORTS
    left = {name: _quarter(getattr(decision, name)) for name in TIMES}
    Decision.objects.filter(id=decision.id).update(
        case=None,
        case_forgotten=True,
        details=seal_details(decision.id, details),
        # Only who asked is limited so.
        kind=Kind.WARN if limited else decision.kind,
        finding="",
        # Where nobody can open the details any more it is to end all the same.
        **left | {"until": None if limited or decision.until is None else quarter_after(decision.until)},
        calls=0,
    )
    Appeal.objects.filter(decision=decision).update(made_at=_quarter(made_at), closed_at=_quarter(closed_at), calls=0)
    Facts.objects.filter(decision=decision).update(**dict.fromkeys(FACTS))
    _forget_order(decision, facts)
    _forget_moments(decision, now - timedelta(days=APPEAL_DAYS))


def _forget_order(decision: Decision, facts: Facts | None) -> None:
    """Rows stand in the order in which they were made, and so do the log's entries: the tenth decision is its tenth one."""
    Appeal.objects.filter(decision=decision).update(id=_anywhere())
    if facts is not None:
        rooms = list(facts.rooms.all())
        facts.delete()
        Facts.objects.create(id=_anywhere(), decision=decision).rooms.set(rooms)
    if connection.vendor == "sqlite":
        # PostgreSQL puts a row that is changed into another place by itself.
        with connection.cursor() as cursor:
            cursor.execute("UPDATE moderation_decision SET rowid = %s WHERE id = %s", [_anywhere(), decision.id.hex])


def _anywhere() -> int:
    """Below all that are given out in order."""
    return -1 - secrets.randbelow(2**62)


def _forget_moments(decision: Decision, long_ago: datetime) -> None:
    """The same moment in rows of others: since when its subject is shut out, and when the talk about it began."""
    shut_out = Account.objects.filter(decisions_about=decision, suspended_at__lte=long_ago)
    for since in shut_out.values_list("suspended_at", flat=True):
        shut_out.filter(suspended_at=since).update(suspended_at=_quarter(since))
    talk = Room.objects.filter(decision=decision)
    for begun in talk.values_list("created_at", flat=True):
        talk.update(created_at=_quarter(begun))


def _quarter(moment: datetime | None) -> datetime | None:
    return None if moment is None else quarter_of(moment)


def _forget_kept(case: UUID, kept_from: Collection[Account]) -> None:
    Case.kept_from.through.objects.filter(case=case).delete()
    Case.objects.filter(id=case).update(kept=seal_kept(case, [account.id for account in kept_from]))


def _forget_more(now: datetime) -> None:
    """What was forgotten before so much was: the same of it."""
    of_first_form = Decision.objects.filter(case_forgotten=True).annotate(size=Length("details"))
    for decision in of_first_form.filter(size__lte=FIRST_SIZE)[:AT_ONCE]:
        with transaction.atomic():
            about_asker = was_about_asker(decision.id, decision.details)
            _forget_details(decision, now, about_asker=about_asker)
    for case in Case.objects.filter(forgotten=True, kept=b"")[:AT_ONCE]:
        with transaction.atomic():
            _forget_kept(case.id, list(case.kept_from.all()))


def delete_blobs(rooms: Collection[UUID]) -> None:
    """All attachments of these rooms, a few in a transaction."""
    blobs = Blob.objects.filter(room__in=rooms)
    while found := list(blobs.values_list("pk", flat=True)[:_BLOBS]):
        Blob.objects.filter(pk__in=found).delete()


def _rooms(case: Case) -> list[UUID]:
    return [room for room in (case.room_id, case.notes_id) if room is not None]
