"""On which day a device was last here: gathered, and written once a second for all that have come."""

from __future__ import annotations

from datetime import date
from functools import partial

from django.db import transaction
from django.utils import timezone

from chat.delivery.log import Batch
from chat.delivery.writer import Writer
from chat.last_seen import last_seen, seal_last_seen
from chat.models import Device
from chat.protocol.errors import ProtocolError

FLUSH_SECONDS = 1.0
CHUNK = 500


class Visits:
    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._waiting: dict[int, tuple[Device, date]] = {}

    def note(self, device: Device) -> None:
        """It is here. Nothing waits for the database: who cannot be noted now is served all the same."""
        today = timezone.now().date()
        if last_seen(device) != today:
            self._waiting[device.pk] = device, today

    async def flush(self) -> None:
        """Raises ProtocolError(unavailable); then it is all still noted."""
        taken, self._waiting = self._waiting, {}
        try:
            visits = list(taken.values())
            for start in range(0, len(visits), CHUNK):
                await self._writer.run(partial(_store, visits[start : start + CHUNK]))
        except ProtocolError:
            self._waiting = taken | self._waiting
            raise


def _store(visits: list[tuple[Device, date]]) -> tuple[None, list[Batch]]:
    """A job of the writer's, so that it never waits for the database's only writer."""
    for device, day in visits:
        device.last_seen = seal_last_seen(device.account_id, device.hex, day)
    with transaction.atomic(durable=True):
        Device.objects.bulk_update([device for device, _ in visits], ["last_seen"], batch_size=100)
    return None, []
