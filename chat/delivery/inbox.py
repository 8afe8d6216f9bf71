"""What is kept for one device alone: its inbox, which is brought part by part, and goes as it is acknowledged."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from django.db import transaction
from django.db.models import F

from chat.delivery import sync
from chat.delivery.connection import LOW_BACKLOG, Connection
from chat.delivery.log import Batch
from chat.delivery.readers import Readers
from chat.models import InboxItem, WelcomeBlob
from chat.protocol.errors import ProtocolError

logger = logging.getLogger(__name__)


class Inboxes:
    """Brings devices what waits for them, a part at a time and no faster than they read: others fill it, and a device
    that was given all at once might never come to acknowledge any of it.

    `keep` runs something beside everything else.
    """

    def __init__(self, readers: Readers, keep: Callable[[Awaitable[None]], object]) -> None:
        self._readers = readers
        self._keep = keep

    async def bring(self, connection: Connection) -> None:
        """Returns when a part has been sent, or nothing waits, or its turn comes later. Raises ProtocolError(unavailable)."""
        if connection.bringing or connection.transport.backlog() > LOW_BACKLOG:
            self.go_on(connection)
            return
        connection.bringing = True
        more = False
        try:
            more = await self._part(connection)
        finally:
            connection.bringing = False
        if more:
            self.go_on(connection)

    def go_on(self, connection: Connection) -> None:
        """Brings what it was not given yet, beside everything else."""
        if connection.bringing:
            connection.inbox_due = True
        else:
            connection.bringing = True
            self._keep(self._rest(connection))

    async def _rest(self, connection: Connection) -> None:
        try:
            while await connection.emptied() and await self._part(connection):
                pass
        except ProtocolError:
            # Whoever looks at inboxes now and then (repair.py) tries again.
            logger.warning("an inbox could not be brought: the database cannot be read")
        finally:
            connection.bringing = False

    async def _part(self, connection: Connection) -> bool:
        """Whether there is more."""
        connection.inbox_due = False
        part = await self._readers.run(sync.inbox, connection.device, connection.inbox_seq)
        if part.frame is not None:
            connection.send(part.frame)
        connection.inbox_seq = part.last
        return part.more or connection.inbox_due


def acknowledge(device: int, seq: int, *, own_cases: bool = False) -> tuple[None, list[Batch]]:
    """Deletes the device's items up to seq, and Welcomes that nobody waits for any more. A job of the writer's.

    With `own_cases`, as suspended accounts are given nothing else, those of the rooms of its own cases alone.
    """
    with transaction.atomic(durable=True):
        done = InboxItem.objects.filter(device=device, seq__lte=seq)
        if own_cases:
            done = done.filter(room__person=F("device__account"))
        welcomes = list(done.values_list("welcome_id", flat=True))
        if welcomes:
            done.delete()
            WelcomeBlob.objects.filter(id__in=welcomes, items=None).delete()
    return None, []
