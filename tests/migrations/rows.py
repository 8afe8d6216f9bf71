"""Rows in every table as it is at one moment of the migrations, made of what its fields say."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import count
from typing import Any
from uuid import UUID

from django.apps.registry import Apps
from django.db import IntegrityError, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

Rows = dict[str, dict[str, dict[str, str]]]
"""By table and primary key: what stands in each column, as text."""

_numbers = count(1)


def fill(apps: Apps, labels: tuple[str, ...], *, only_empty: bool) -> list[str]:
    """One row in each table of these apps, or in those that have none. Returns the tables that take no row."""
    left = [model for model in apps.get_models(include_auto_created=True) if model._meta.app_label in labels]
    if only_empty:
        left = [model for model in left if not model._default_manager.exists()]
    # What points to others takes a row once these have one.
    while left:
        again = [model for model in left if not _one_row(model)]
        if len(again) == len(left):
            break
        left = again
    return sorted(model._meta.db_table for model in left)


def _one_row(model: type[models.Model]) -> bool:
    """As full as the table takes it: conditions on a row may leave no room for some of what may be left out."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    for without in _combinations([field for field in fields if field.null]):
        try:
            with transaction.atomic():
                model._default_manager.create(
                    **{field.name: None if field in without else _value(field) for field in fields}
                )
        except (IntegrityError, LookupError):
            continue
        return True
    return False


def _combinations(nullable: list[Any]) -> Iterator[list[Any]]:
    """Nothing is left out, then one field, then everything, then everything but one."""
    yield []
    yield from ([field] for field in nullable)
    yield nullable
    yield from ([other for other in nullable if other is not field] for field in nullable)


def _value(field: Any) -> Any:
    """Something that the field takes and that no other row has. Raises LookupError where it would point to nothing."""
    number = next(_numbers)
    if isinstance(field, models.ForeignKey):
        return _other(field)
    if field.choices:
        return field.choices[0][0]
    match field.get_internal_type():
        case "CharField" | "TextField":
            return f"r{number}"[: field.max_length]
        case "BinaryField":
            return number.to_bytes(min(field.max_length or 32, 32), "big")
        case "UUIDField":
            return UUID(int=number)
        case "BooleanField":
            return True
        case "DateTimeField":
            return datetime.fromtimestamp(1_700_000_000 + number, UTC)
        case "DateField":
            return date.fromordinal(738_000 + number)
        case "JSONField":
            return {"number": number}
        case _:
            return number


def _other(field: models.ForeignKey[Any, Any]) -> models.Model:
    target = field.related_model
    assert not isinstance(target, str)
    rows = target._default_manager.order_by("pk")
    if field.unique:
        rows = rows.exclude(pk__in=field.model._default_manager.values(field.attname))
    found = rows.last()
    if found is None:
        raise LookupError(target)
    return found


def dump(database: BaseDatabaseWrapper, tables: list[str]) -> Rows:
    """What is in those tables, read without any model."""
    found: Rows = {}
    with database.cursor() as cursor:
        for table in tables:
            key = database.introspection.get_primary_key_column(cursor, table)
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 (a table of ours)
            names = [column[0] for column in cursor.description]
            rows = [{name: _text(value) for name, value in zip(names, row, strict=True)} for row in cursor.fetchall()]
            found[table] = {row[str(key)]: row for row in rows}
    return found


def _text(value: Any) -> str:
    return repr(bytes(value)) if isinstance(value, memoryview) else repr(value)
