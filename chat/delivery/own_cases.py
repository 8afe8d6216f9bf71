"""What suspended accounts write, in the rooms of their own cases: beside the hot path, which takes nothing of theirs."""

from __future__ import annotations

from collections.abc import Sequence
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

    def look(
        self, rooms: Sequence[UUID], senders: Sequence[tuple[UUID, int]], ids: Sequence[tuple[UUID, bytes]]
    ) -> Found:
        found = self._sql.look(rooms, senders, ids)
        devices = [device for _, device in senders]
        places = RoomDevice.objects.filter(room__in=rooms, device__in=devices, removed_at=None)
        own = places.filter(device__revoked_at=None, room__person=F("device__account"))
        may_send = dict.fromkeys(own.values_list("room", "device"))
        return found._replace(senders=found.senders | may_send)

    def append(self, rows: Sequence[EntryRow], heads: Sequence[tuple[UUID, int]]) -> None:
        self._sql.append(rows, heads)


def append_own(entry: Append, stamp: Stamp) -> tuple[list[tuple[Any, bytes]], list[Batch]]:
    """A job of the writer's. Returns the answers for those who get no batch, and the batch."""
    done = append_all([entry], _OwnCases(), stamp, News() if push_on() else None)
    return done.answers, done.batches
