"""Tells chat/push which devices are connected here, so that none of them is woken."""

from __future__ import annotations

from functools import partial
from time import monotonic

from django.conf import settings

from chat.delivery.hub import Hub
from chat.delivery.log import Batch
from chat.delivery.writer import Writer
from chat.push import presence
from chat.push.channels import push_on

FLUSH_SECONDS = 1.0
ALL_AGAIN_SECONDS = 10.0
"""Those who subscribed while they were connected are found by offering everyone again."""


class Presence:
    def __init__(self, process: str, hub: Hub, writer: Writer) -> None:
        self._process = process
        self._hub = hub
        self._writer = writer
        self._told: frozenset[int] = frozenset()
        self._left = False
        self._beat = self._all = float("-inf")

    async def flush(self) -> None:
        """Writes down who came and went since. Raises ProtocolError(unavailable); then the next time does it all."""
        if not push_on() or self._left:
            return
        now = monotonic()
        if now - self._beat >= settings.PUSH_BEAT_MS / 1000:
            await self._write(partial(presence.beat, self._process))
            self._beat = now
        here = frozenset(self._hub.devices)
        again = now - self._all >= ALL_AGAIN_SECONDS
        came, gone = here if again else here - self._told, self._told - here
        if came or gone:
            await self._write(partial(presence.change, self._process, sorted(came), sorted(gone)))
            self._told = here
        if again:
            self._all = now

    async def leave(self) -> None:
        self._left = True
        if self._beat > 0:
            await self._write(partial(presence.leave, self._process))

    async def _write(self, work: partial[None]) -> None:
        def run() -> tuple[None, list[Batch]]:
            work()
            return None, []

        await self._writer.run(run)
