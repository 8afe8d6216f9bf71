"""Every migration forwards and backwards, on both databases, without a trace of application code."""

import ast
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import psycopg
import pytest

from scripts.tree import ROOT
from tests.support.services import PostgreSQL

pytestmark = pytest.mark.migrations

APPS = ("chat", "moderation")
FILES = {app: sorted((ROOT / app / "migrations").glob("0*.py")) for app in APPS}


def environment(folder: Path, url: str = "") -> dict[str, str]:
    own = {"DATA_DIR": str(folder), "DATABASE_URL": url, "ORIGIN": "", "DJANGO_SETTINGS_MODULE": "backend.settings"}
    return {**os.environ, **own}


#: `manage.py` again and again in one process: its start takes longer than most migrations.
MANAGE = """
import sys
from django.core.management import execute_from_command_line
for line in sys.stdin:
    execute_from_command_line(["manage.py", *line.split()])
    print("done", flush=True)
"""


class Database:
    """One empty database, worked on by `manage.py migrate` as an operator does."""

    def __init__(self, folder: Path, url: str) -> None:
        self._file = folder / "kindred.sqlite3"
        self._url = url
        self._manage = subprocess.Popen(
            [sys.executable, "-c", MANAGE],
            cwd=ROOT,
            env=environment(folder, url),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._manage.communicate(timeout=60)

    def migrate(self, app: str, to: str) -> None:
        assert self._manage.stdin is not None
        assert self._manage.stdout is not None
        self._manage.stdin.write(f"migrate --no-input --verbosity=0 {app} {to}\n")
        self._manage.stdin.flush()
        assert self._manage.stdout.readline() == "done\n"

    def tables(self, app: str) -> set[str]:
        postgres = f"SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE '{app}_%'"  # noqa: S608
        sqlite = f"SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '{app}_%'"  # noqa: S608
        if self._url:
            with psycopg.connect(self._url) as server:
                return {name for (name,) in server.execute(postgres.encode()).fetchall()}
        with sqlite3.connect(self._file) as file:
            return {name for (name,) in file.execute(sqlite)}


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


@pytest.mark.parametrize(("app", "table"), [("chat", "chat_entry"), ("moderation", "moderation_case")])
def test_every_migration_goes_forwards_and_backwards(database: Database, app: str, table: str) -> None:
    files = FILES[app]
    seen: list[set[str]] = [set()]
    for file in files:
        database.migrate(app, file.stem)
        seen.append(database.tables(app))
    assert table in seen[-1]
    names = ["zero", *(file.stem for file in files)]
    for number in reversed(range(len(files))):
        database.migrate(app, names[number])
        assert database.tables(app) == seen[number]
    database.migrate(app, names[-1])
    assert database.tables(app) == seen[-1]


def test_models_and_migrations_agree(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]
    result = subprocess.run(command, cwd=ROOT, env=environment(tmp_path), capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("file", [file for files in FILES.values() for file in files], ids=lambda file: file.stem)
def test_a_migration_imports_no_application_code(file: Path) -> None:
    tree = ast.parse(file.read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= {"django", "uuid", "hashlib", "datetime", "typing"}
