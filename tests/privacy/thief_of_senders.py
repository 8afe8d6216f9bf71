"""A thief of the database alone who wants to know who sent what: by whatever of the people in a room differs.

For each column of each table they compare what it says of the people: whose number, day or length is the greatest or the
smallest, and for whom there are more rows or fewer. Each of these is a way to guess. Over many rooms one that is right, or
wrong, more often than chance allows tells something about senders; it need not be known beforehand why.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from math import sqrt
from typing import Any
from uuid import UUID

from django.db import connection

SURPRISE = 4.5
"""So many standard deviations from chance tell something: of hundreds of ways to guess, none comes so far by itself in years
of test runs."""
FEWEST = 12
"""Rooms in which a way must say something before it is judged."""

Row = dict[str, Any]
Guess = tuple[str, str]
_OF_DEVICES = ("device_id", "subscription_id")
_OF_ACCOUNTS = ("account_id", "created_by_id", "person_id", "subject_id", "by_id")


@dataclass
class Room:
    """A room whose sender the test knows, and the people in it: account and devices (primary keys)."""

    id: UUID
    people: dict[UUID, list[int]]
    sender: UUID


@dataclass
class Score:
    right: int = 0
    said: int = 0
    expected: float = 0.0
    variance: float = field(default=0.0)

    @property
    def surprise(self) -> float:
        """In standard deviations of what chance gives."""
        return abs(self.right - self.expected) / sqrt(self.variance) if self.variance else 0.0


def read() -> dict[str, list[Row]]:
    """Every row of every table."""
    found: dict[str, list[Row]] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (names from the schema)
            names = [column[0] for column in cursor.description]
            found[table] = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return found


def betrayed(rooms: Sequence[Room]) -> dict[Guess, str]:
    """The ways to guess that tell something about senders, with how often each was right."""
    scores: dict[Guess, Score] = defaultdict(Score)
    tables = read()
    for room in rooms:
        chance = 1 / len(room.people)
        for way, guessed in _guesses(tables, room):
            score = scores[way]
            score.right += guessed == room.sender
            score.said += 1
            score.expected += chance
            score.variance += chance * (1 - chance)
    return {
        way: f"{score.right} of {score.said}"
        for way, score in sorted(scores.items())
        if score.said >= FEWEST and score.surprise > SURPRISE
    }


def _guesses(tables: dict[str, list[Row]], room: Room) -> Iterator[tuple[Guess, UUID]]:
    for table, rows in tables.items():
        own = _by_person(table, rows, room)
        counts = {account: len(own[account]) for account in room.people}
        yield from _extremes(table, "rows", counts)
        columns = {name for person in own.values() for row in person for name in row}
        for column in columns:
            values = {account: _said(own[account], column) for account in room.people}
            if all(value is not None for value in values.values()):
                yield from _extremes(table, column, values)


def _by_person(table: str, rows: list[Row], room: Room) -> dict[UUID, list[Row]]:
    """The rows about each of the people; where they are about rooms too, those of this one."""
    owner = {_plain(device): account for account, devices in room.people.items() for device in devices}
    owner |= {_plain(account): account for account in room.people}
    found: dict[UUID, list[Row]] = {account: [] for account in room.people}
    for row in rows:
        if "room_id" in row and _plain(row["room_id"]) != _plain(room.id):
            continue
        keys = [row[name] for name in (*_OF_DEVICES, *_OF_ACCOUNTS) if row.get(name) is not None]
        if table in ("chat_device", "chat_account"):
            keys.append(row["id"])
        for account in {owner[_plain(key)] for key in keys if _plain(key) in owner}:
            found[account].append(row)
    return found


def _plain(value: Any) -> str:
    return value.hex if isinstance(value, UUID) else str(value)


def _said(rows: list[Row], column: str) -> float | None:
    """What the column says of a person: the greatest of their rows, as a number. Of bytes and words it is their length."""
    values = [value for row in rows if (value := _number(row.get(column))) is not None]
    return max(values, default=None)


def _number(value: Any) -> float | None:
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, date):
        return float(value.toordinal())
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, str):
        readers: list[Callable[[str], float]] = [
            lambda text: datetime.fromisoformat(text).timestamp(),
            lambda text: float(len(text)),
        ]
        for reader in readers:
            try:
                return reader(value)
            except ValueError:
                continue
    return float(len(value)) if isinstance(value, bytes | memoryview) else None


def _extremes(table: str, column: str, values: dict[UUID, Any]) -> Iterator[tuple[Guess, UUID]]:
    """Who stands out: alone with the greatest, or alone with the smallest."""
    times = Counter(values.values())
    for name, extreme in (("most", max(values.values())), ("least", min(values.values()))):
        if len(times) > 1 and times[extreme] == 1:
            yield (table, f"{name} {column}"), next(account for account, value in values.items() if value == extreme)
