"""The log writer's transaction: kept whole, or not at all."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from chat.delivery.durably import durably
from chat.models import Conduct, Network
from tests.delivery.harness import Store


@pytest.fixture(autouse=True)
def left_alone(store: Store) -> Iterator[None]:
    yield
    connection.close()


def _together(*works: Callable[[], object]) -> None:
    with durably():
        for work in works:
            work()


def _made(title: str, **fields: object) -> Callable[[], object]:
    return lambda: Network.objects.create(title=title, **fields)


def _is_there(title: str) -> bool:
    return Network.objects.filter(title=title).exists()


def test_what_is_written_is_kept() -> None:
    _together(_made("kept"))
    connection.close()
    assert _is_there("kept")


def test_a_fault_takes_everything_back_and_the_connection_goes_on() -> None:
    with pytest.raises(ZeroDivisionError):
        _together(_made("gone"), lambda: 1 // 0)
    _together(_made("after"))
    assert (_is_there("gone"), _is_there("after")) == (False, True)


def test_a_statement_that_is_refused_takes_everything_back() -> None:
    taken = uuid4()
    with pytest.raises(IntegrityError):
        _together(_made("first", id=taken), _made("second", id=taken))
    assert not _is_there("first")


def test_a_commit_that_is_refused_leaves_nothing_and_the_connection_goes_on() -> None:
    """Foreign keys are looked at in the end."""
    with pytest.raises(IntegrityError):
        _together(_made("half"), lambda: Conduct.objects.create(network_id=uuid4(), version=1, cards=[]))
    assert not _is_there("half")
    _together(_made("whole"))
    assert _is_there("whole")


def test_it_is_no_part_of_another_transaction() -> None:
    with transaction.atomic(), pytest.raises(RuntimeError), durably():
        raise AssertionError("it was begun")


def test_one_that_cannot_begin_says_so(database_allowed: None) -> None:
    """SQLite's one writer is somebody else."""
    with Store() as own:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 10")
        other = sqlite3.connect(own.folder / "kindred.sqlite3", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseError), durably():
            raise AssertionError("it was begun")
        other.execute("ROLLBACK")
        other.close()
        _together(_made("free again"))
        assert _is_there("free again")


def test_a_commit_waits_for_the_disk(store: Store) -> None:
    """On PostgreSQL also where its operator wanted it otherwise."""
    with connection.cursor() as cursor:
        if store.postgres is None:
            answers = [cursor.execute(f"PRAGMA {name}").fetchone() for name in ("journal_mode", "synchronous")]
            assert answers == [("wal",), (2,)]
        else:
            cursor.execute(f'ALTER DATABASE "{store.name}" SET synchronous_commit = off')
            connection.close()
    if store.postgres is not None:
        with psycopg.connect(store.database_url) as other:
            assert other.execute("SHOW synchronous_commit").fetchone() == ("off",)
        with connection.cursor() as cursor:
            cursor.execute("SHOW synchronous_commit")
            assert cursor.fetchone() == ("on",)
