"""Servers for tests of sockets and delivery: once for each kind of database, shared by the tests of a folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import DjangoDbBlocker

from tests.delivery.harness import Server, Store
from tests.support.services import PostgreSQL, Redis


@pytest.fixture(scope="session")
def database_allowed(django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Stores of our own stand in for pytest-django's test database."""
    with django_db_blocker.unblock():
        yield


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, database_allowed: None) -> Iterator[Store]:
    postgres = request.getfixturevalue("postgres_server") if request.param == "postgresql" else None
    with Store(postgres) as made:
        yield made


@pytest.fixture(scope="module")
def server(store: Store) -> Iterator[Server]:
    """Daphne on SQLite, uvicorn on PostgreSQL, so that each pair is seen."""
    with Server(store, asgi="daphne" if store.postgres is None else "uvicorn") as made:
        yield made


@pytest.fixture(scope="module")
def shared_store(database_allowed: None, postgres_server: PostgreSQL, redis_server: Redis) -> Iterator[Store]:
    """PostgreSQL and Redis, as several processes use them together."""
    with Store(postgres_server, redis_server) as made:
        yield made


@pytest.fixture
def store_by_round(request: pytest.FixtureRequest, database_allowed: None, fault_round: int) -> Iterator[Store]:
    """For tests of faults: SQLite in odd rounds, PostgreSQL in even ones."""
    postgres = request.getfixturevalue("postgres_server") if fault_round % 2 == 0 else None
    with Store(postgres) as made:
        yield made


@pytest.fixture
def own_server(database_allowed: None) -> Iterator[Server]:
    """A server that a test may do anything to, on SQLite."""
    with Store() as store, Server(store) as made:
        yield made
