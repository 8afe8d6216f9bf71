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
SILENT_SECONDS = 2 * PATIENCE_SECONDS
"""After so long without anything from the database, whoever waits for it is refused."""


@contextmanager
def impatient(own: BaseDatabaseWrapper) -> Iterator[None]:
    """Bounds what this thread's connection waits for, whenever it connects anew, to PATIENCE_SECONDS."""
    milliseconds = int(PATIENCE_SECONDS * 1000)
    if own.vendor == "sqlite":
        bounds = [f"PRAGMA busy_timeout = {milliseconds}"]
    else:
        bounds = [f"SET lock_timeout = {milliseconds}", f"SET statement_timeout = {milliseconds}"]

    def bound(sender: object, connection: BaseDatabaseWrapper, **_: object) -> None:
        if connection is own:
            with connection.cursor() as cursor:
                for statement in bounds:
                    cursor.execute(statement)

    own.close()
    connection_created.connect(bound)
    try:
        yield
    finally:
        connection_created.disconnect(bound)


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
