"""Works the outbox. Any number of workers may run, on any machine; each claims its own part."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection

from chat.models import PushChannel
from chat.push import outbox, rooms, times, upkeep
from chat.push.outbox import Wake
from chat.push.sealing import Unsealable, unseal
from chat.push.sender import Outcome, Result, Sender

logger = logging.getLogger(__name__)

AT_ONCE = 128
"""Wake-ups on their way at the same time."""
IDLE_SECONDS = 0.4
BUSY_SECONDS = 0.02
TROUBLE_SECONDS = 2.0
TIDY_SECONDS = 60.0
T = TypeVar("T")


class Worker:
    """`run` works until `stopping` is set; then it sends nothing new and writes down what came of the rest."""

    def __init__(self, stopping: asyncio.Event) -> None:
        self.id = os.urandom(8).hex()
        self._database = ThreadPoolExecutor(1, thread_name_prefix="push-database")
        self._stopping = stopping
        self._senders: dict[str, Sender] = {}
        self._flying: set[asyncio.Task[None]] = set()
        self._done: list[tuple[Wake, Result]] = []
        #: Push services that asked for a pause, and until when (ms).
        self._paused: dict[str, int] = {}
        #: Up to which subscription it was looked whose device fell silent.
        self._tidied_to = 0

    async def run(self) -> None:
        tidied = asyncio.get_running_loop().time() - TIDY_SECONDS
        while not self._stopping.is_set():
            pause = IDLE_SECONDS
            try:
                if await self._round():
                    pause = BUSY_SECONDS
                if asyncio.get_running_loop().time() - tidied >= TIDY_SECONDS:
                    self._tidied_to = await self._in_database(upkeep.tidy, self._tidied_to)
                    tidied = asyncio.get_running_loop().time()
            except (DatabaseError, InterfaceError) as error:
                logger.warning("push waits for the database: %s", type(error).__name__)
                pause = TROUBLE_SECONDS
            except Exception:
                logger.exception("a fault in a round of pushing")
                pause = TROUBLE_SECONDS
            await self._sleep(pause)
        await self._end()

    async def _round(self) -> bool:
        """Whether there was, or still is, something to do."""
        await self._write_down()
        looked = await self._in_database(rooms.look, self.id, times.now_ms())
        free = AT_ONCE - len(self._flying)
        claimed = await self._in_database(outbox.claim, self.id, times.now_ms(), free) if free > 0 else []
        for wake in claimed:
            task = asyncio.create_task(self._send(wake))
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)
        return bool(looked or claimed or self._flying)

    async def _write_down(self) -> None:
        """What came of wake-ups stays in memory until it is written."""
        done, self._done = self._done, []
        if not done:
            return
        try:
            await self._in_database(outbox.finish, self.id, done, times.now_ms())
        except BaseException:
            self._done = done + self._done
            raise

    async def _send(self, wake: Wake) -> None:
        result = Result(Outcome.UNSURE)
        try:
            result = await self._result(wake)
        except Exception:
            logger.exception("a fault while pushing")
        finally:
            self._done.append((wake, result))

    async def _result(self, wake: Wake) -> Result:
        try:
            target = unseal(wake.device, wake.sealed)
        except Unsealable:
            logger.warning("a push subscription cannot be opened with PUSH_KEY and is dropped")
            return Result(Outcome.GONE)
        sender = self._sender(wake.channel)
        service = sender.service(target)
        now = times.now_ms()
        paused = self._paused.get(service, 0) - now
        if paused > 0 or now > wake.start_by:
            return Result(Outcome.LATER, retry_after_ms=max(0, paused))
        result = await sender.send(target, wake.urgent)
        if result.outcome is Outcome.LATER and result.retry_after_ms:
            self._paused[service] = now + result.retry_after_ms
        if result.outcome not in (Outcome.SENT, Outcome.GONE):
            logger.info("a push ended as %s (%s, status %d)", result.outcome.value, wake.channel, result.status)
        return result

    def _sender(self, channel: str) -> Sender:
        """Made when first needed: what they import is large, and a server without push never does."""
        sender = self._senders.get(channel)
        if sender is None:
            if channel == PushChannel.FCM:
                from chat.push.fcm import FcmSender

                sender = FcmSender()
            else:
                from chat.push.webpush import WebPushSender

                sender = WebPushSender()
            self._senders[channel] = sender
        return sender

    async def _in_database(self, work: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._database, lambda: _tried(work, *args))

    async def _sleep(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return

    async def _end(self) -> None:
        if self._flying:
            await asyncio.wait(self._flying, timeout=3 * settings.PUSH_TIMEOUT_MS / 1000)
        try:
            await self._write_down()
        except (DatabaseError, InterfaceError):
            logger.warning("what was pushed last could not be written down; its claim ends by itself")
        for sender in self._senders.values():
            await sender.close()
        await asyncio.get_running_loop().run_in_executor(self._database, _disconnect)
        self._database.shutdown(wait=False)


def _disconnect() -> None:
    """On the thread whose connection it is: which one `connection` means depends on who asks."""
    connection.close()


def _tried(work: Callable[..., T], *args: object) -> T:
    try:
        return work(*args)
    except (DatabaseError, InterfaceError):
        # Left from before a restart of the database, perhaps: the next round connects anew.
        connection.close()
        raise
