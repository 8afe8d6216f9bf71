"""SQLite's write-ahead log: long before anything has to be written to it, and empty of what was deleted.

Flushing what is written over takes a disk two thirds of what it takes where a file grows, since the file system has
nothing to note down; and a message that comes alone waits for little else. So the log is given its length beforehand,
by a transaction that writes more than SQLite keeps in memory and is then taken back.
"""

from __future__ import annotations

import logging
import sqlite3

from django.db import DatabaseError, connection

from chat.delivery.log import Batch

logger = logging.getLogger(__name__)

PAGE_BYTES = 4096
FRAME_BYTES = PAGE_BYTES + 24
MAX_PAGES = 4000
"""As many as are written before SQLite begins anew at the log's front (`wal_autocheckpoint` in backend/database.py)."""
READERS_MS = 50
"""For so long emptying waits for whoever reads from the log."""


def lengthen(pages: int = MAX_PAGES) -> None:
    """Gives the log room for so many pages, on the writer's thread. A disk that has none left is said, and no fault."""
    if connection.vendor != "sqlite":
        return
    try:
        connection.ensure_connection()
        with connection.wrap_database_errors:
            _spill(connection.connection, pages)
    except DatabaseError as error:
        logger.warning("the write-ahead log keeps its length: %s", type(error).__name__)


def empty() -> tuple[None, list[Batch]]:
    """A job of the writer's. What was deleted stands in SQLite's log until it is written over: no longer than a round.

    While somebody reads from it, it stays until the next one. Afterwards it is as long as it was used.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            used = cursor.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()[1]
            # It waits for whoever reads, and every sender of this process for it.
            bound = cursor.execute("PRAGMA busy_timeout").fetchone()[0]
            cursor.execute(f"PRAGMA busy_timeout = {READERS_MS}")
            try:
                busy = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {bound}")
        if not busy:
            lengthen(min(used, MAX_PAGES))
    return None, []


def _spill(raw: sqlite3.Connection, pages: int) -> None:
    kept = raw.execute("PRAGMA cache_size").fetchone()[0]
    raw.execute("PRAGMA cache_size = 1")
    try:
        raw.execute("BEGIN IMMEDIATE")
        try:
            raw.execute("CREATE TABLE spilt (zeros)")
            raw.execute("INSERT INTO spilt VALUES (zeroblob(?))", (pages * PAGE_BYTES,))
        finally:
            if raw.in_transaction:
                raw.execute("ROLLBACK")
    finally:
        raw.execute(f"PRAGMA cache_size = {kept}")
