# ruff: noqa: SLF001 (psycopg has no other way to end a pipeline)
"""Statements that reach PostgreSQL together, after which it counts the transaction as idle."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import psycopg
from psycopg.abc import PQGen


@contextmanager
def cursors(raw: psycopg.Connection[Any], count: int) -> Iterator[list[psycopg.Cursor[Any]]]:
    """What they execute within is sent together; its results are to be fetched after the end."""
    with raw.pipeline() as line:
        line._exit_gen = partial(_ended, line)  # type: ignore[method-assign] # for this one alone
        yield [psycopg.Cursor(raw) for _ in range(count)]


def _ended(line: psycopg.Pipeline) -> PQGen[None]:
    """As psycopg 3.3 ends a pipeline, but for a Flush after the Sync.

    With that one PostgreSQL forgets that it had begun to measure idle_in_transaction_session_timeout, and a process that
    froze there would keep its rooms locked for as long as it likes (tests/delivery/test_two_processes.py).
    """
    try:
        line._enqueue_sync()
        yield from line._communicate_gen()
    finally:
        yield from line._fetch_gen(flush=False)
