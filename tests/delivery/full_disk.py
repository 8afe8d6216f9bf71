"""The application on a disk whose end a test moves: while `full` is in DATA_DIR, SQLite gets no further page."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from django.conf import settings
from django.db import connection as own
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from backend.asgi import application
from chat.delivery import log
from chat.delivery.durably import durably

__all__ = ["application"]

MARK = settings.DATA_DIR / "full"
ANY = 2**32 - 2


def _bound(raw: Any) -> None:
    # Fewer than there are means: as many as there are.
    raw.execute(f"PRAGMA max_page_count = {1 if MARK.exists() else ANY}")


def _bounded(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    _bound(context["connection"].connection)
    return execute(sql, params, many, context)


def _bounded_log() -> AbstractContextManager[None]:
    """The log writer's transactions do without Django's statements."""
    own.ensure_connection()
    _bound(own.connection)
    return durably()


def _made(sender: object, connection: BaseDatabaseWrapper, **_: object) -> None:
    if _bounded not in connection.execute_wrappers:
        connection.execute_wrappers.append(_bounded)


log.durably = _bounded_log  # type: ignore[attr-defined] # what it imported is replaced there
connection_created.connect(_made)
