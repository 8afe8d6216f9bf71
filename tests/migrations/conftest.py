"""Both databases, each empty."""

from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.migrations.databases import Database, environment
from tests.support.services import PostgreSQL

MakeDatabase = Callable[[str], Database]


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> MakeDatabase:
    """Makes an empty database of that name."""

    def in_a_file(name: str) -> Database:
        folder = tmp_path / name
        folder.mkdir()
        return Database(environment(folder))

    def on_a_server(name: str) -> Database:
        postgres: PostgreSQL = request.getfixturevalue("postgres_server")
        with psycopg.connect(postgres.url, autocommit=True) as server:
            server.execute(f"DROP DATABASE IF EXISTS kindred_{name}".encode())
            server.execute(f"CREATE DATABASE kindred_{name}".encode())
        return Database(environment(tmp_path, f"{postgres.url.rsplit('/', 1)[0]}/kindred_{name}"))

    return in_a_file if request.param == "SQLite" else on_a_server
