"""Reading the database for sockets, beside the event loop: a few threads, each with a connection of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import DatabaseError, InterfaceError, connection

from chat.protocol.errors import Code, ProtocolError

P = ParamSpec("P")
T = TypeVar("T")

THREADS = 4
RETRY_AFTER_MS = 1000


class Readers:
    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="log-reader")

    async def run(self, read: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The value of `read(...)`, which must only read: it is tried again once when the database went away.

        Raises ProtocolError(unavailable) when the database cannot be read.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: _tried(read, *args, **kwargs))

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
