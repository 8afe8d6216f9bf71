"""Every migration forwards and backwards, on both databases, without a trace of application code."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.tree import ROOT
from tests.migrations.conftest import MakeDatabase
from tests.migrations.databases import environment

pytestmark = pytest.mark.migrations

APPS = ("chat", "moderation")
FILES = {app: sorted((ROOT / app / "migrations").glob("0*.py")) for app in APPS}


def test_every_migration_keeps_every_row_forwards_and_backwards_and_makes_what_the_models_say(
    empty: MakeDatabase,
) -> None:
    """Each step is tried with rows in every table that there is by then (walk.py)."""
    found, made = empty("walked").run("walk"), empty("fresh").run("walk", "fresh")
    assert found["faults"] == made["faults"] == []
    assert found["steps"] == sum(map(len, FILES.values()))
    # Columns, types, defaults, constraints and indexes, each with its name.
    assert found["schema"] == made["schema"]
    assert found["rows"] >= len(made["schema"]) > len(APPS)


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
