"""`manage.py worker`: deletes what is no longer kept, in a process of its own, so that web processes only deliver."""

import asyncio
import signal
from collections.abc import Collection
from functools import partial
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand

from chat.delivery.cleanup import ROUND_SECONDS as CLEANUP_SECONDS
from chat.delivery.cleanup import Cleanup
from chat.delivery.outside import announce_account, announce_room
from chat.delivery.process import stamp
from chat.delivery.readers import Readers
from chat.delivery.retention import ROUND_SECONDS, Retention
from chat.delivery.rounds import BESIDE_SECONDS, Clock, look_beside, rounds
from chat.delivery.writer import Writer
from chat.protocol.events import AccountChange, RoomChange


class Command(BaseCommand):
    help = (
        "Deletes what is no longer kept, until it is stopped. One of these is enough; set CLEAN_INSIDE=0 for the rest."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        for sign in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(sign, stopped.set)
        readers, clock = Readers(), Clock()
        writer = Writer(loop, stamp, lambda _: None)
        writer.start()
        work = [
            asyncio.create_task(rounds(ROUND_SECONDS, Retention(writer, readers, clock, _back).look)),
            asyncio.create_task(rounds(CLEANUP_SECONDS, Cleanup(writer, readers, clock, _closed).look)),
            asyncio.create_task(rounds(BESIDE_SECONDS, look_beside)),
        ]
        self.stdout.write("Cleaning. Ctrl-C stops it.")
        self.stdout.flush()
        await stopped.wait()
        for task in work:
            task.cancel()
        await writer.idle()
        await asyncio.to_thread(writer.stop)
        readers.stop()


async def _back(concerned: Collection[UUID]) -> None:
    for account in concerned:
        await asyncio.to_thread(announce_account, account, AccountChange.CASES)


async def _closed(network: UUID, room: UUID) -> None:
    await asyncio.to_thread(partial(announce_room, network, room, RoomChange.CLOSED))
