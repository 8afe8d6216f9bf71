"""Both databases, each empty."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.migrations.databases import Database
from tests.support.services import PostgreSQL


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "SQLite":
        with Database(tmp_path, "") as made:
            yield made
        return
    postgres: PostgreSQL = request.getfixturevalue("postgres_server")
    with psycopg.connect(postgres.url, autocommit=True) as server:
        server.execute("DROP DATABASE IF EXISTS kindred_migrations")
        server.execute("CREATE DATABASE kindred_migrations")
    with Database(tmp_path, f"{postgres.url.rsplit('/', 1)[0]}/kindred_migrations") as made:
        yield made
