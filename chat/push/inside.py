"""The worker inside a web process, on a thread and an event loop of its own, for servers that are one process."""

from __future__ import annotations

import asyncio
import threading

from django.conf import settings

from chat.push.channels import push_on
from chat.push.worker import Worker

STOP_SECONDS = 3.0


class Inside:
    """Daemonic: when the process ends without warning, the outbox is what remembers (chat/push/outbox.py)."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._work, name="push-worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Waits a little for what is being sent."""
        loop, stopping = self._loop, self._stopping
        if loop is not None and stopping is not None and self._thread.is_alive():
            loop.call_soon_threadsafe(stopping.set)
            self._thread.join(STOP_SECONDS)

    def _work(self) -> None:
        asyncio.run(self._run())

    async def _run(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        await Worker(self._stopping).run()


_inside: Inside | None = None


def start() -> None:
    """Does nothing when push is off or a process of its own works the outbox."""
    global _inside  # noqa: PLW0603 (one a process, as the process is)
    if _inside is None and settings.PUSH_WORKER_INSIDE and push_on():
        _inside = Inside()
        _inside.start()


def stop() -> None:
    if _inside is not None:
        _inside.stop()
