"""What a database says of its own tables, in words that two databases of one kind can be compared by."""

from __future__ import annotations

import re
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

Schema = dict[str, list[str]]
"""By table: each column with its type and default, each constraint and each index, sorted; not in their order."""

_COLUMNS = """
SELECT a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attidentity,
       a.attcollation
FROM pg_attribute a LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
WHERE a.attrelid = %s::regclass AND a.attnum > 0 AND NOT a.attisdropped
"""
_CONSTRAINTS = "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = %s::regclass"
_INDEXES = "SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %s::regclass"


def described(database: BaseDatabaseWrapper, apps: tuple[str, ...]) -> Schema:
    """Every table of these apps."""
    with database.cursor() as cursor:
        names = [name for name in database.introspection.table_names(cursor) if name.startswith(prefixes(apps))]
        of = _on_postgresql if database.vendor == "postgresql" else _on_sqlite
        return {name: sorted(of(cursor, name)) for name in sorted(names)}


def prefixes(apps: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{app}_" for app in apps)


def _on_postgresql(cursor: Any, table: str) -> list[str]:
    lines: list[str] = []
    for query in (_COLUMNS, _CONSTRAINTS, _INDEXES):
        cursor.execute(query, [table])
        lines += [" ".join(map(str, row)) for row in cursor.fetchall()]
    return lines


def _on_sqlite(cursor: Any, table: str) -> list[str]:
    """SQLite keeps the words in which tables and indexes were made, with all that they say."""
    cursor.execute("SELECT type, sql FROM sqlite_master WHERE tbl_name = %s AND sql IS NOT NULL", [table])
    lines: list[str] = []
    for kind, sql in cursor.fetchall():
        lines += _parts(sql) if kind == "table" else [sql]
    return [re.sub(r"\s+", " ", line).strip() for line in lines]


def _parts(sql: str) -> list[str]:
    """What stands between the outer brackets of a CREATE TABLE, cut at its commas; what follows them is a part, too."""
    head, _, inner = sql.partition("(")
    parts, depth, quoted = [""], 1, ""
    for character in inner:
        quoted = "" if character == quoted else quoted or (character if character in "'\"" else "")
        if not quoted:
            depth += (character == "(") - (character == ")")
        if character == "," and depth == 1 and not quoted:
            parts.append("")
        else:
            parts[-1] += character
    return [head.split()[0], *parts[:-1], *parts[-1].rsplit(")", 1)]
