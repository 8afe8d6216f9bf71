"""A walk through all migrations and back with rows in every table, on the empty database that the environment names.

`python -m tests.migrations.walk` prints what it found as JSON: `faults`, in words, `steps` taken and `rows` carried, and
`schema` as it is in the end. `python -m tests.migrations.walk fresh` makes the tables from the models alone and prints
their schema.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import Any

import django
from django.apps import apps as current
from django.apps.registry import Apps
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.migration import Migration

from tests.migrations.rows import Rows, dump, fill
from tests.migrations.schema import Schema, described

LABELS = ("chat", "moderation")

#: Migrations that change on purpose what was there, and in which columns.
ON_PURPOSE: dict[tuple[str, str], set[str]] = {}


@dataclass
class Moment:
    """How everything was before a migration."""

    migration: Migration
    schema: Schema
    rows: Rows


@dataclass
class Walk:
    faults: list[str] = field(default_factory=list)
    passed: list[Moment] = field(default_factory=list)

    def whole(self) -> dict[str, Any]:
        """All the way forwards, with a row in each table as soon as there is one, then all the way back, and forwards."""
        executor = MigrationExecutor(connection)
        plan = [step for step, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
        for migration in plan:
            self._forwards(migration)
        self._fill(only_empty=True)
        latest, carried = described(connection, LABELS), sum(map(len, self._dump().values()))
        # What migrations brought with defaults alone has rows with values of its own on the way back.
        self._fill(only_empty=False)
        for moment in reversed(self.passed):
            self._backwards(moment)
        call_command("migrate", verbosity=0, interactive=False)
        self._same_schema("forwards once more", latest, described(connection, LABELS))
        return {"faults": self.faults, "steps": len(plan), "rows": carried, "schema": latest}

    def _forwards(self, migration: Migration) -> None:
        self._fill(only_empty=True)
        before = Moment(migration, described(connection, LABELS), self._dump())
        self.passed.append(before)
        _step(migration, backwards=False)
        self._same_rows(f"{migration} forwards", migration, before.rows, self._dump())

    def _backwards(self, moment: Moment) -> None:
        last = self._dump()
        _step(moment.migration, backwards=True)
        what = f"{moment.migration} backwards"
        self._same_schema(what, moment.schema, described(connection, LABELS))
        now = self._dump()
        self._same_rows(what, moment.migration, moment.rows, now)
        self._same_rows(what, moment.migration, last, now)

    def _fill(self, *, only_empty: bool) -> None:
        for table in fill(_apps(), LABELS, only_empty=only_empty):
            self.faults.append(f"{table} takes no row")

    def _dump(self) -> Rows:
        return dump(connection, list(described(connection, LABELS)))

    def _same_schema(self, what: str, expected: Schema, found: Schema) -> None:
        for table in sorted({*expected, *found}):
            if sorted(expected.get(table, [])) != sorted(found.get(table, [])):
                missing = [line for line in expected.get(table, []) if line not in found.get(table, [])]
                more = [line for line in found.get(table, []) if line not in expected.get(table, [])]
                self.faults.append(f"{what}: {table} lacks {missing} and has {more}")

    def _same_rows(self, what: str, migration: Migration, before: Rows, after: Rows) -> None:
        """Each row that was there, in the tables and columns that are still there."""
        meant = ON_PURPOSE.get((migration.app_label, migration.name), set())
        for table, rows in before.items():
            for key, row in rows.items():
                if table not in after:
                    continue
                now = after[table].get(key)
                if now is None:
                    self.faults.append(f"{what}: a row of {table} is gone")
                    continue
                changed = [name for name in row if name in now and now[name] != row[name] and name not in meant]
                self.faults += [f"{what}: {table}.{name} was {row[name]} and is {now[name]}" for name in changed]


def _step(migration: Migration, *, backwards: bool) -> None:
    MigrationExecutor(connection).migrate(None, plan=[(migration, backwards)])


def _apps() -> Apps:
    """The models as the migrations that were applied have them."""
    loader = MigrationExecutor(connection).loader
    apps: Apps = loader.project_state(list(loader.applied_migrations)).apps
    return apps


def fresh() -> dict[str, Any]:
    settings.MIGRATION_MODULES = dict.fromkeys(LABELS)
    call_command("migrate", run_syncdb=True, verbosity=0, interactive=False)
    full = fill(current, LABELS, only_empty=True)
    return {"faults": [f"{table} takes no row" for table in full], "schema": described(connection, LABELS)}


if __name__ == "__main__":
    django.setup()
    print(json.dumps(fresh() if sys.argv[1:] == ["fresh"] else Walk().whole()))
