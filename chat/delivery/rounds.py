"""What is done again and again beside everything else, and whether the clock that it goes by is to be believed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from django.db import DatabaseError, InterfaceError, connections

from chat.delivery.log import now_ms
from chat.protocol.errors import Code, ProtocolError

logger = logging.getLogger(__name__)

STEADY_MS = 3_600_000
"""A clock that has moved by more than this against the machine's uptime is not believed."""
BELIEVED_AFTER_MS = 86_400_000
"""A clock that leapt is believed once a process has run by it for so long."""
BESIDE_SECONDS = 10.0

beside: list[Callable[[], None]] = []
"""What else whoever cleans up does each time, on another thread: apps that build on this one add theirs when they are ready."""


async def rounds(seconds: float, look: Callable[[], Awaitable[None]]) -> None:
    """Looks after every so many seconds, for ever. When the database cannot be read, the next time counts."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await look()
        except ProtocolError:
            logger.warning("a round of looking was left out: the database cannot be read")
        except Exception:
            logger.exception("a fault in a round of looking")


async def look_beside() -> None:
    """One round of all that is in `beside`. Raises ProtocolError(unavailable)."""
    for look in beside:
        await asyncio.to_thread(looked, look)


def looked(look: Callable[[], None]) -> None:
    """Runs it on a thread that may never come back. Raises ProtocolError(unavailable)."""
    try:
        look()
    except (DatabaseError, InterfaceError) as error:
        raise ProtocolError(Code.UNAVAILABLE) from error
    finally:
        connections.close_all()  # this thread's: it may never come back


class Clock:
    """The wall clock, as far as it has kept step with the machine's uptime since this was made.

    One that was set, or stood while the machine was paused, is believed again when it has kept step for a day.
    `doubted` says that it is far ahead of where the process before has left it (ages.py).
    """

    def __init__(self) -> None:
        self._offset = _offset_ms()
        #: What it has moved to, and at which uptime that was first seen.
        self._moved: tuple[int, int] | None = None
        self.doubted = False

    def now_ms(self) -> int | None:
        """None when someone has set the clock. It may still be wrong where it is `doubted`. Asked in every round."""
        offset, uptime = _offset_ms(), _uptime_ms()
        if abs(offset - self._offset) < STEADY_MS:
            self._moved = None
            return now_ms()
        if self._moved is None or abs(offset - self._moved[0]) >= STEADY_MS:
            self._moved = offset, uptime
        if uptime - self._moved[1] < BELIEVED_AFTER_MS:
            return None
        self._offset, self._moved = offset, None
        return now_ms()


def _offset_ms() -> int:
    return now_ms() - _uptime_ms()


def _uptime_ms() -> int:
    return time.monotonic_ns() // 1_000_000
