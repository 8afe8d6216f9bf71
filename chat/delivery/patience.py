"""A database that does not answer, and how long anybody waits for it.

The database's own bounds hold while it is there. One that is frozen, or behind a network that drops what is sent,
answers nothing at all: then those who wait are refused from here, and the connection is given up.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

PATIENCE_SECONDS = 4.0
LOCK_SECONDS = 3.0
"""For so long somebody else's lock is waited for: less than a statement may take, so that the database says which it was."""
IDLE_SECONDS = 2.0
"""After so long in the middle of a transaction the database takes it back: a writer that was frozen there keeps nobody
waiting for longer than a lock is waited for. Everybody else has longer (backend/database.py)."""
SILENT_SECONDS = 2 * PATIENCE_SECONDS
"""After so long without anything from the database, whoever waits for it is refused."""

_WHOLE_SINCE = 170_000
"""The version of PostgreSQL from which on a transaction as a whole can be bounded as well."""


@contextmanager
def impatient(own: BaseDatabaseWrapper) -> Iterator[None]:
    """Bounds what this thread's connection waits for, and how long others wait for it, whenever it connects anew."""
    if own.vendor == "sqlite":
        bounds = [f"PRAGMA busy_timeout = {_ms(PATIENCE_SECONDS)}"]
    else:
        bounds = [
            f"SET lock_timeout = {_ms(LOCK_SECONDS)}",
            f"SET statement_timeout = {_ms(PATIENCE_SECONDS)}",
            f"SET idle_in_transaction_session_timeout = {_ms(IDLE_SECONDS)}",
        ]

    def bound(sender: object, connection: BaseDatabaseWrapper, **_: object) -> None:
        if connection is own:
            with connection.cursor() as cursor:
                for statement in bounds:
                    cursor.execute(statement)
                if own.vendor == "postgresql" and connection.connection.info.server_version >= _WHOLE_SINCE:
                    cursor.execute(f"SET transaction_timeout = {_ms(SILENT_SECONDS)}")

    own.close()
    connection_created.connect(bound)
    try:
        yield
    finally:
        connection_created.disconnect(bound)


def _ms(seconds: float) -> int:
    return int(seconds * 1000)


def hang_up(other: BaseDatabaseWrapper) -> None:
    """Ends what another thread's connection waits for: that thread finds it lost, and connects anew."""
    raw = other.connection
    if raw is None or other.vendor != "postgresql" or raw.closed:
        return
    try:
        with socket.socket(fileno=os.dup(raw.fileno())) as end:
            end.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # it was lost already
