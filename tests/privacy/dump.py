"""Prints everything in an SQLite database as JSON, as a thief of the file would: `python dump.py FILE`.

`{"schema": {table: {"columns": [name], "references": [[column, table]]}}, "rows": {table: [{column: value}]}}`;
bytes are written as `{"hex": …}`. The file is opened read-only, with what stands in its WAL.
"""

import json
import sqlite3
import sys
from pathlib import Path
from typing import Any


def dump(file: Path) -> dict[str, Any]:
    """Every table with its columns, its references and its rows in the order of their keys."""
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=30)
    connection.row_factory = sqlite3.Row
    try:
        connection.execute("BEGIN")  # one moment for all tables
        tables = [row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            "schema": {table: describe(connection, table) for table in tables},
            "rows": {table: [plain(row) for row in connection.execute(f'SELECT * FROM "{table}"')] for table in tables},  # noqa: S608
        }
    finally:
        connection.close()


def describe(connection: sqlite3.Connection, table: str) -> dict[str, Any]:
    """What the schema says about one table."""
    return {
        "columns": [row["name"] for row in connection.execute(f'PRAGMA table_info("{table}")')],
        "references": [
            [row["from"], row["table"]] for row in connection.execute(f'PRAGMA foreign_key_list("{table}")')
        ],
    }


def plain(row: sqlite3.Row) -> dict[str, Any]:
    """A row as JSON takes it."""
    return {name: {"hex": row[name].hex()} if isinstance(row[name], bytes) else row[name] for name in row.keys()}  # noqa: SIM118


if __name__ == "__main__":
    json.dump(dump(Path(sys.argv[1])), sys.stdout)
