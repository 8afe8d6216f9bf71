"""What the log writer's thread has been given and has not answered, and what becomes of it when nothing answers."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chat.delivery.log import Append, Batch, refused
from chat.delivery.patience import SILENT_SECONDS
from chat.protocol.errors import unavailable

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Job:
    """Other work on the log, in order with the appends and in a transaction of its own.

    `run` returns a value for `future` and the batches to fan out before the future is resolved. `room` is the one that
    it locks, if it locks one.
    """

    run: Callable[[], tuple[Any, list[Batch]]]
    future: asyncio.Future[Any]
    room: UUID | None = None


@dataclass(slots=True)
class Handed:
    """What the thread has been given, how much of it is not answered, and whether that was refused meanwhile."""

    work: list[Append] | Job
    left: int
    refused: bool = False

    def refuse(self) -> None:
        """What the thread has may be stored all the same: whoever repeats it is answered by the first."""
        if self.refused:
            return
        self.refused = True
        if isinstance(self.work, Job):
            if not self.work.future.done():
                self.work.future.set_exception(unavailable())
        else:
            refuse_each(self.work[len(self.work) - self.left :])


class Outstanding:
    """Kept on the event loop. When the database has answered nothing for `SILENT_SECONDS` all of it is refused, and
    `on_silence` is called, now and again until something is answered.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, on_silence: Callable[[], None]) -> None:
        self.silent = False
        self._loop = loop
        self._on_silence = on_silence
        # In the thread's order; when it last answered anything; and what keeps an eye on that.
        self._handed: deque[Handed] = deque()
        self._moved = 0.0
        self._watch: asyncio.TimerHandle | None = None

    def given(self, work: list[Append] | Job, count: int) -> None:
        """The thread gets it now; `count` answers are due."""
        if not self._handed:
            self._moved = self._loop.time()
        self._handed.append(Handed(work, count))
        if self._watch is None:
            self._watch = self._loop.call_later(SILENT_SECONDS / 4, self._look)

    def answered(self, count: int) -> None:
        """So many of what was given first."""
        self._moved = self._loop.time()
        self.silent = False
        first = self._handed[0]
        first.left -= count
        if not first.left:
            self._handed.popleft()

    def _look(self) -> None:
        self._watch = None
        if not self._handed:
            return
        if self._loop.time() - self._moved > SILENT_SECONDS:
            if not self.silent:
                logger.error("the database answers nothing; all are refused until it does")
            self.silent = True
            self._on_silence()
            for handed in self._handed:
                handed.refuse()
        self._watch = self._loop.call_later(SILENT_SECONDS / 4, self._look)


def refuse_each(entries: Iterable[Append]) -> None:
    for entry in entries:
        owner, frame = refused(entry, unavailable())
        owner.send(frame)
