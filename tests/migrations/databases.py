"""Empty databases that migrations are tried on, as an operator runs them."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Self

import psycopg

from scripts.tree import ROOT


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
        self.environment = environment(folder, url)
        self._manage = subprocess.Popen(
            [sys.executable, "-c", MANAGE],
            cwd=ROOT,
            env=self.environment,
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
        postgres = f"SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename LIKE '{app}_%'"  # noqa: S608 (an app of ours)
        sqlite = f"SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '{app}_%'"  # noqa: S608 (an app of ours)
        if self._url:
            with psycopg.connect(self._url) as server:
                return {name for (name,) in server.execute(postgres.encode()).fetchall()}
        with sqlite3.connect(self._file) as file:
            return {name for (name,) in file.execute(sqlite)}
