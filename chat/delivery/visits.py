"""On which day a device was last here: gathered, and written once a second for all that have come."""

from __future__ import annotations

from datetime import date
from functools import partial

from django.utils import timezone

from chat.delivery.log import Batch
from chat.delivery.writer import Writer
from chat.models import Device
from chat.protocol.errors import ProtocolError

FLUSH_SECONDS = 1.0
CHUNK = 500


class Visits:
    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._waiting: dict[int, date] = {}

    def note(self, device: Device) -> None:
        """It is here. Nothing waits for the database: who cannot be noted now is served all the same."""
        today = timezone.now().date()
        if device.last_seen_on != today:
            self._waiting[device.pk] = today

    async def flush(self) -> None:
        """Raises ProtocolError(unavailable); then it is all still noted."""
        taken, self._waiting = self._waiting, {}
        try:
            for day in set(taken.values()):
                devices = [device for device, seen in taken.items() if seen == day]
                for start in range(0, len(devices), CHUNK):
                    await self._writer.run(partial(_store, devices[start : start + CHUNK], day))
        except ProtocolError:
            self._waiting = taken | self._waiting
            raise


def _store(devices: list[int], day: date) -> tuple[None, list[Batch]]:
    """A job of the writer's, so that it never waits for the database's only writer."""
    Device.objects.filter(pk__in=devices).update(last_seen_on=day)
    return None, []
