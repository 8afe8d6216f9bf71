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

    `doubted` says that it is far ahead of where the process before has left it (ages.py).
    """

    def __init__(self) -> None:
        self._offset = _offset_ms()
        self.doubted = False

    def now_ms(self) -> int | None:
        """None when someone has set the clock. It may still be wrong where it is `doubted`."""
        return now_ms() if abs(_offset_ms() - self._offset) < STEADY_MS else None


def _offset_ms() -> int:
    return now_ms() - time.monotonic_ns() // 1_000_000
