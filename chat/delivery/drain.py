"""Leaving in order: on SIGTERM or SIGINT sockets are told first, then the server does what it would have done."""

from __future__ import annotations

import asyncio
import faulthandler
import logging
import signal
import threading
from collections.abc import Awaitable, Callable
from types import FrameType

logger = logging.getLogger(__name__)

SECONDS = 5.0
ANSWERS_SECONDS = 3.0
"""For so long of these what was sent is answered; then everybody is told all the same."""
LINGER_SECONDS = 0.1
"""For the last frames to leave."""
LAST_SECONDS = 20.0
"""A server waits without bounds for what it has begun. What was accepted is stored by then, so nothing is lost by an end."""
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


def on_signal(loop: asyncio.AbstractEventLoop, drain: Callable[[], Awaitable[None]]) -> None:
    """Puts `drain` before the server's own handling of the first signal; a second one is the server's at once.

    Servers install their handlers before they take connections, so those are there to be called afterwards.
    """
    if threading.current_thread() is not threading.main_thread():
        return  # Python delivers signals to the main thread alone
    servers = {number: signal.getsignal(number) for number in _SIGNALS}

    tasks: list[asyncio.Task[None]] = []

    def handle(number: int, frame: FrameType | None) -> None:
        for each, handler in servers.items():
            signal.signal(each, handler)
        # Tells where each thread stands (of the code alone) and ends the process, if it is still there by then.
        faulthandler.dump_traceback_later(LAST_SECONDS, exit=True)
        loop.call_soon_threadsafe(lambda: tasks.append(loop.create_task(finish(number))))

    async def finish(number: int) -> None:
        try:
            async with asyncio.timeout(SECONDS):
                await drain()
                await asyncio.sleep(LINGER_SECONDS)
        except TimeoutError:
            logger.warning("not every socket was told before the process ends")
        finally:
            signal.raise_signal(number)

    for number, handler in servers.items():
        if handler is not None and handler is not signal.SIG_IGN:
            signal.signal(number, handle)
