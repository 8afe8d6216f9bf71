"""When a process says that it should be given nothing more."""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, InternalError, OperationalError
from django.test import RequestFactory
from psycopg import errors

from backend import health
from chat.delivery import writer as writing
from chat.delivery.process import stamp
from chat.delivery.writer import Writer
from chat.protocol.errors import ProtocolError


@pytest.mark.parametrize(("draining", "writes", "status"), [(False, True, 200), (True, True, 503), (False, False, 503)])
def test_a_process_that_ends_or_cannot_write_is_not_ready_and_says_why(
    monkeypatch: pytest.MonkeyPatch, draining: bool, writes: bool, status: int
) -> None:
    delivery = SimpleNamespace(draining=draining, writer=SimpleNamespace(writes=writes))
    monkeypatch.setattr(health, "running", lambda: delivery)
    monkeypatch.setattr(health, "_database", lambda: True)
    answer = health.readyz(RequestFactory().get("/readyz"))
    said = json.loads(answer.content)
    assert answer.status_code == status
    assert (said["staying"], said["writes"]) == (not draining, writes)
    assert said["database"] is said["channel_layer"] is True


async def test_a_writer_whose_store_refuses_is_silent_or_has_ended_does_not_write(
    monkeypatch: pytest.MonkeyPatch, database_allowed: None
) -> None:
    def refuse(error: Exception) -> Any:
        def run() -> Any:
            raise error

        return run

    writer = Writer(asyncio.get_running_loop(), stamp, lambda _: None)

    def writes() -> bool:
        return writer.writes

    assert not writes()
    writer.start()
    assert writes()
    with pytest.raises(ProtocolError):
        await writer.run(refuse(IntegrityError()))
    assert writes()
    for others in (errors.LockNotAvailable, errors.DeadlockDetected, errors.QueryCanceled):
        waited = OperationalError("waited for somebody else")
        waited.__cause__ = others()
        with pytest.raises(ProtocolError):
            await writer.run(refuse(waited))
        assert writes()
    read_only = InternalError("cannot execute UPDATE in a read-only transaction")
    for error in (DatabaseError("database disk image is malformed"), read_only, OperationalError("disk is full")):
        writer._refused_at = None
        with pytest.raises(ProtocolError):
            await writer.run(refuse(error))
        assert not writes(), error
    monkeypatch.setattr(writing, "DOUBT_SECONDS", 0)
    assert writes()
    monkeypatch.setattr(writer._outstanding, "silent", True)
    assert not writes()
    monkeypatch.undo()
    writer.stop()
    monkeypatch.setattr(writing, "DOUBT_SECONDS", 0)
    assert not writes()
