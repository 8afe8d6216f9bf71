"""Reading the database for sockets, beside the event loop: a few threads, each with a connection of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from chat.delivery.patience import SILENT_SECONDS, hang_up
from chat.protocol.errors import Code, ProtocolError

logger = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 4
RETRY_AFTER_MS = 1000


class Readers:
    """Waits with patience while reads come to an end one after the other, and not for a database that answers nothing."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="log-reader")
        self._waiting = 0
        #: When a read last brought something, on the event loop's clock.
        self._moved = 0.0
        #: The connections on which something is being read.
        self._reading: set[BaseDatabaseWrapper] = set()

    async def run(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The value of `read(...)`, which must only read: it is tried again once when the database went away.

        Raises ProtocolError(unavailable) when the database cannot be read.
        """
        loop = asyncio.get_running_loop()
        if not self._waiting:
            self._moved = loop.time()
        self._waiting += 1
        reading = loop.run_in_executor(self._pool, lambda: self._read(read, *args, **kwargs))
        try:
            while not (await asyncio.wait({reading}, timeout=SILENT_SECONDS / 4))[0]:
                if loop.time() - self._moved > SILENT_SECONDS:
                    logger.error("the database answers nothing to whoever reads")
                    for own in list(self._reading):
                        hang_up(own)
                    raise ProtocolError(Code.UNAVAILABLE, retry_after_ms=RETRY_AFTER_MS)
            value = reading.result()
            self._moved = loop.time()
            return value
        finally:
            self._waiting -= 1
            reading.cancel()

    def _read(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        own = connections["default"]
        self._reading.add(own)
        try:
            return _tried(read, *args, **kwargs)
        finally:
            self._reading.discard(own)

    def stop(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)


def _tried(read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return read(*args, **kwargs)
    except (DatabaseError, InterfaceError):
        # Left from before a restart of the database, perhaps: a new connection tells.
        connection.close()
    try:
        return read(*args, **kwargs)
    except (DatabaseError, InterfaceError) as error:
        connection.close()
        raise ProtocolError(Code.UNAVAILABLE, retry_after_ms=RETRY_AFTER_MS) from error
