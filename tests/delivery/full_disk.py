"""The application on a disk whose end a test moves: while `full` is in DATA_DIR, SQLite gets no further page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from backend.asgi import application

__all__ = ["application"]

MARK = settings.DATA_DIR / "full"
ANY = 2**32 - 2


def _bounded(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    # Fewer than there are means: as many as there are.
    context["connection"].connection.execute(f"PRAGMA max_page_count = {1 if MARK.exists() else ANY}")
    return execute(sql, params, many, context)


def _made(sender: object, connection: BaseDatabaseWrapper, **_: object) -> None:
    if _bounded not in connection.execute_wrappers:
        connection.execute_wrappers.append(_bounded)


connection_created.connect(_made)
