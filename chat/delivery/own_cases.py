"""What suspended accounts write, in the rooms of their own cases: beside the hot path, which takes nothing of theirs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import F

from chat.delivery.log import Append, Batch, Stamp, append_all
from chat.delivery.statements import EntryRow, Found, Statements, statements
from chat.models import RoomDevice
from chat.push.channels import push_on
from chat.push.news import News


class _OwnCases(Statements):
    """The database's statements, by which whoever is in the room of their own case may send to it."""

    def __init__(self) -> None:
        self._sql = statements()

    def look(self, senders: Mapping[UUID, Collection[int]], ids: Mapping[UUID, Collection[bytes]]) -> Found:
        found = self._sql.look(senders, ids)
        devices = {device for own in senders.values() for device in own}
        places = RoomDevice.objects.filter(room__in=list(senders), device__in=devices, removed_at=None)
        own_cases = places.filter(device__revoked_at=None, room__person=F("device__account"))
        for room, device in own_cases.values_list("room", "device"):
            found.senders[room][device] = None
        return found

    def append(self, rows: Sequence[EntryRow], heads: Sequence[tuple[UUID, int]]) -> None:
        self._sql.append(rows, heads)


def append_own(entry: Append, stamp: Stamp) -> tuple[list[tuple[Any, bytes]], list[Batch]]:
    """A job of the writer's. Returns the answers for those who get no batch, and the batch."""
    done = append_all([entry], _OwnCases(), stamp, News() if push_on() else None)
    return done.answers, done.batches
