"""Deleting the rooms in which decisions were talked about, once nothing can come of it. The decisions stay."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from chat.actions.case_rooms import delete_rooms
from chat.actions.deletion import overwrite_what_is_deleted
from chat.delivery.outside import announce_gone
from chat.models import Entry, EntryKind
from moderation.actions.decisions import LONGEST
from moderation.actions.forgetting import AT_ONCE, delete_blobs
from moderation.models import APPEAL_DAYS, Decision, DecisionState, Kind


def forget_talks(now: datetime) -> None:
    """One round of cleaning up; `now` is by a clock that is believed. A decision may be talked about anew after it."""
    overwrite_what_is_deleted()
    for decision, talk in list(_talked_out(now).order_by("id").values_list("id", "talk")[:AT_ONCE]):
        delete_blobs([talk])
        with transaction.atomic():
            list(Decision.objects.select_for_update(of=("self",), no_key=True).filter(id=decision).values_list("id"))
            told = delete_rooms([talk]) if _talked_out(now).filter(id=decision, talk=talk).exists() else {}
        for room, devices in told.items():
            announce_gone(room, devices)


def _talked_out(now: datetime) -> QuerySet[Decision]:
    """Decisions that ended so long ago that no objection is possible, of whose talk nothing is unread."""
    long_ago = now - timedelta(days=APPEAL_DAYS)
    # The row of a forgotten case's tells no more than a quarter, and does not tell what it limited until when.
    over = Q(_over(long_ago), case_forgotten=False) | Q(_over(long_ago - LONGEST), case_forgotten=True)
    objected = Q(appeal__outcome="") | Q(appeal__closed_at__gt=long_ago)
    unread = Entry.objects.filter(kind=EntryKind.APPLICATION, room=OuterRef("talk"))
    return Decision.objects.filter(over, talk__isnull=False).exclude(objected | Exists(unread))


def _over(since: datetime) -> Q:
    """Over by then. A warning is when it was said; and whom a decision is about may have gone."""
    said = Q(in_force_at__lte=since) & (Q(kind=Kind.WARN) | Q(subject=None))
    return said | Q(until__lte=since, state=DecisionState.IN_FORCE) | Q(ended_at__lte=since)
