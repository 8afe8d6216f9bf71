"""The log writer: one thread and one database connection in each process.

What comes in while the thread works, and while what it wrote is given out, is made durable together (group commit), so
that under load one transaction, one fsync and one frame for each room carry many entries. A busy writer also lingers a
little before it begins; a message that comes alone waits for nothing. Nothing here blocks the event loop.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from queue import SimpleQueue
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import (
    DatabaseError,
    DataError,
    IntegrityError,
    InterfaceError,
    NotSupportedError,
    ProgrammingError,
    connection,
    connections,
)
from django.db.backends.base.base import BaseDatabaseWrapper

from chat.delivery import write_ahead
from chat.delivery.locked import LockedRooms, in_the_way
from chat.delivery.log import Append, Appended, Batch, Stamp, append_all, refused
from chat.delivery.outstanding import Job, Outstanding, refuse_each
from chat.delivery.patience import hang_up, impatient
from chat.delivery.statements import statements
from chat.protocol.errors import ProtocolError, unavailable
from chat.push.channels import push_on
from chat.push.news import News

logger = logging.getLogger(__name__)

MAX_BATCH = 512
MAX_BATCH_BYTES = 1024 * 1024
LINGER = {"postgresql": 0.8, "sqlite": 0.2}
"""The part of a transaction's time for which a busy writer gathers before it begins the next; SQLite's cost less.

On PostgreSQL long enough for what other processes hand over (forwards.py): it comes by Redis, after the own."""
MAX_LINGER_SECONDS = 0.005
BUSY_ENTRIES = 4
"""A writer is busy when its last transaction held so many and ended less than two of its times ago."""
BUSY_SECONDS = 1.0
"""So long after such a transaction it counts as `busy`."""
SMOOTH = 8
MAX_WAITING_BYTES = 64 * 1024 * 1024
DOUBT_SECONDS = 15.0
"""For so long after the store refused to write, and wrote nothing since, it is not taken for well."""
_OF_ONE = (DataError, IntegrityError, NotSupportedError, ProgrammingError)
"""What is wrong with one statement."""


class Again(Exception):
    """What a job was prepared with is no longer so, and nothing was stored: prepare it anew."""


def linger_seconds(part: float, count: int, seconds: float, since: float) -> float:
    """How long to gather before the next transaction: `part` of the `seconds` that one takes, where the last one held
    `count` entries and ended `since` seconds ago.

    What a transaction gives out brings the next messages, but not all at once. Begun with the first of them,
    transactions fall into two halves that take turns; a moment later one holds them all.
    """
    if count < BUSY_ENTRIES or since > 2 * seconds:
        return 0.0
    return min(MAX_LINGER_SECONDS, part * seconds)


def _bounded(entries: list[Append]) -> Iterator[list[Append]]:
    """The entries in order, in parts that one transaction may hold."""
    part: list[Append] = []
    size = 0
    for entry in entries:
        part.append(entry)
        size += len(entry.payload)
        if len(part) >= MAX_BATCH or size >= MAX_BATCH_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


def _nothing() -> tuple[None, list[Batch]]:
    return None, []


class Writer:
    """Give it work on the event loop; `publish` is called there with what became durable, in order.

    `stamp` is asked anew for each transaction.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, stamp: Callable[[], Stamp], publish: Callable[[Appended], None]
    ) -> None:
        self._loop = loop
        self._stamp = stamp
        self._publish = publish
        self._news = News() if push_on() else None
        self._locked = LockedRooms()
        self._queue: SimpleQueue[list[Append] | Job | None] = SimpleQueue()
        # Appends that the thread has not been given yet, and those that it has.
        self._gathered: list[Append] = []
        self._handed = 0
        self._outstanding = Outstanding(loop, self._give_up)
        self._planned: asyncio.Handle | None = None
        self._part = LINGER.get(connection.vendor, 0.0)
        # How long transactions take of late, how many entries the last one held, and when it ended.
        self._seconds = 0.0
        self._ended = (0, 0.0)
        self._waiting_bytes = 0
        self._unanswered = 0
        # When the store last refused to write; None once it has written again.
        self._refused_at: float | None = None
        self._own: BaseDatabaseWrapper | None = None
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def append(self, entry: Append) -> None:
        """Its owner is answered later. Raises `unavailable` at once when too much waits already."""
        if self._waiting_bytes > MAX_WAITING_BYTES or self.silent:
            raise unavailable()
        self._waiting_bytes += len(entry.payload)
        self._unanswered += 1
        self._gathered.append(entry)
        self._plan()

    def _plan(self) -> None:
        """Hands over what is gathered when the thread is free: after what else can be read now, or a little later."""
        if not self._gathered or self._handed:
            return
        if len(self._gathered) >= MAX_BATCH:
            self._hand_over()
        elif self._planned is None:
            count, at = self._ended
            linger = linger_seconds(self._part, count, self._seconds, self._loop.time() - at)
            later = self._loop.call_later
            self._planned = later(linger, self._hand_over) if linger else self._loop.call_soon(self._hand_over)

    def _hand_over(self) -> None:
        if self._planned is not None:
            self._planned.cancel()
            self._planned = None
        if self._gathered:
            self._handed += len(self._gathered)
            self._give(self._gathered, len(self._gathered))
            self._gathered = []

    async def run(self, work: Callable[[], tuple[Any, list[Batch]]], room: UUID | None = None) -> Any:
        """The value of `work`, after its batches have been fanned out. Raises ProtocolError (also unavailable) or Again.

        `room` is one that it locks: when somebody else holds it, the others do not wait for it again and again.
        """
        if self.silent:
            raise unavailable()
        job = Job(work, self._loop.create_future(), room)
        self._unanswered += 1
        self._hand_over()
        self._give(job, 1)
        return await job.future

    @property
    def silent(self) -> bool:
        """Whether the database answers nothing."""
        return self._outstanding.silent

    @property
    def writes(self) -> bool:
        """Whether it stores what it is given, by all that is known now. May be asked on any thread."""
        refused = self._refused_at
        doubted = refused is not None and monotonic() - refused < DOUBT_SECONDS
        return self._thread.is_alive() and not self.silent and not doubted

    @property
    def busy(self) -> bool:
        """Whether several wait to send at once: what need not be done now can wait as well."""
        count, at = self._ended
        return count >= BUSY_ENTRIES and self._loop.time() - at < BUSY_SECONDS

    def _give(self, work: list[Append] | Job, count: int) -> None:
        self._outstanding.given(work, count)
        self._queue.put(work)

    async def idle(self) -> None:
        """Returns when everything handed in so far, and meanwhile, has been answered or the database answers nothing."""
        while self._unanswered and not self.silent:
            try:
                await self.run(_nothing)
            except ProtocolError:
                logger.warning("the database does not answer")

    def stop(self) -> None:
        """Ends the thread after what was handed in and awaited. Blocks for as long as that takes."""
        self._queue.put(None)
        self._thread.join()

    # Below: the writer's own thread.

    def _run(self) -> None:
        # Nobody may keep every sender of this process waiting: not a lock, not a statement.
        self._own = connections["default"]
        with impatient(self._own):
            write_ahead.lengthen()
            self._work()
        connection.close()

    def _work(self) -> None:
        while (work := self._queue.get()) is not None:
            if isinstance(work, Job):
                # Whoever was refused meanwhile may have made something else of it: a commit must not come late.
                self._job(Job(_nothing, work.future) if work.future.done() else work)
            else:
                for entries in _bounded(work):
                    self._append(entries)

    def _append(self, entries: list[Append]) -> None:
        begun = monotonic()
        done = self._attempt(entries)
        seconds = monotonic() - begun
        size = sum(len(entry.payload) for entry in entries)
        self._loop.call_soon_threadsafe(self._appended, done, len(entries), size, seconds)

    def _attempt(self, entries: list[Append], *, again: bool = True) -> Appended:
        try:
            free, held = self._locked.parted(entries)
            done = append_all(free, statements(), self._stamp(), self._news) if free else Appended()
            if done.batches:
                self._refused_at = None
            done.answers += [refused(entry, unavailable()) for entry in held]
            return done
        except (DatabaseError, InterfaceError) as error:
            if again and self._locked.blame(error, {entry.room for entry in entries}):
                return self._attempt(entries, again=False)
            self._doubt(error)
            logger.warning("%d entries could not be stored: %s", len(entries), type(error).__name__)
            connection.close()
            return Appended(answers=[refused(entry, unavailable()) for entry in entries])
        except Exception:
            # A fault of ours that one entry brings out must not take the others with it.
            logger.exception("a fault while storing %d entries", len(entries))
            connection.close()
            if len(entries) == 1:
                return Appended(answers=[refused(entries[0], unavailable())])
            done = Appended()
            for entry in entries:
                one = self._attempt([entry])
                done.batches += one.batches
                done.answers += one.answers
            return done

    def _doubt(self, error: Exception) -> None:
        """A full disk, a database that has gone, is damaged or takes only reads: not what was wrong with one statement,
        or kept waiting by others."""
        if not isinstance(error, _OF_ONE) and not in_the_way(error):
            self._refused_at = monotonic()

    def _job(self, job: Job) -> None:
        try:
            if job.room is not None and self._locked.holds(job.room):
                raise unavailable()
            value, batches = job.run()
        except (ProtocolError, Again) as refusal:
            self._loop.call_soon_threadsafe(self._failed, job.future, refusal)
        except Exception as error:
            if isinstance(error, DatabaseError | InterfaceError):
                self._doubt(error)
                logger.warning("a change could not be stored: %s", type(error).__name__)
                if job.room is not None:
                    self._locked.blame(error, [job.room])
            else:
                logger.exception("a fault while storing a change")
            connection.close()
            self._loop.call_soon_threadsafe(self._failed, job.future, unavailable())
        else:
            self._loop.call_soon_threadsafe(self._done, job.future, value, batches)

    # Below: the event loop again.

    def _appended(self, done: Appended, count: int, size: int, seconds: float) -> None:
        self._seconds += (seconds - self._seconds) / SMOOTH
        self._ended = (count, self._loop.time())
        self._waiting_bytes -= size
        self._unanswered -= count
        self._handed -= count
        self._outstanding.answered(count)
        try:
            self._publish(done)
        except Exception:
            logger.exception("a fault while giving out what was stored")
        finally:
            self._plan()

    def _done(self, future: asyncio.Future[Any], value: Any, batches: list[Batch]) -> None:
        self._unanswered -= 1
        self._outstanding.answered(1)
        try:
            self._publish(Appended(batches=batches))
        except Exception:
            logger.exception("a fault while giving out what was stored")
        finally:
            if not future.done():
                future.set_result(value)

    def _failed(self, future: asyncio.Future[Any], refusal: Exception) -> None:
        self._unanswered -= 1
        self._outstanding.answered(1)
        if not future.done():
            future.set_exception(refusal)

    def _give_up(self) -> None:
        """The database answers nothing: the thread finds its connection lost, and what it was not given is refused."""
        if self._own is not None:
            hang_up(self._own)
        gathered, self._gathered = self._gathered, []
        self._unanswered -= len(gathered)
        self._waiting_bytes -= sum(len(entry.payload) for entry in gathered)
        refuse_each(gathered)
