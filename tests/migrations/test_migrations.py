"""Every migration forwards and backwards, on both databases, without a trace of application code."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.tree import ROOT
from tests.migrations.databases import Database, environment

pytestmark = pytest.mark.migrations

APPS = ("chat", "moderation")
FILES = {app: sorted((ROOT / app / "migrations").glob("0*.py")) for app in APPS}


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
    assert "django.conf" not in imported, "what a migration does must not change with the settings of the day"
