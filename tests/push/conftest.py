"""Local push services, and a server and its worker that are pointed at them by settings alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.delivery.conftest import database_allowed, own_server, server, shared_store, store  # noqa: F401 (fixtures)
from tests.delivery.harness import Server, Store
from tests.push.harness import QUICK, Worker, environment
from tests.push.services import FcmService, PushService


@pytest.fixture(scope="module")
def push() -> Iterator[PushService]:
    with PushService() as service:
        yield service


@pytest.fixture(scope="module")
def fcm() -> Iterator[FcmService]:
    with FcmService() as service:
        yield service


@pytest.fixture(scope="module")
def pushing(store: Store, push: PushService, fcm: FcmService) -> Iterator[Server]:  # noqa: F811
    """On SQLite the worker is inside Daphne; on PostgreSQL it is a process beside uvicorn."""
    env = environment(push, fcm)
    if store.postgres is None:
        with Server(store, **env) as made:
            yield made
    else:
        with Server(store, asgi="uvicorn", **env) as made, Worker(store, env):
            yield made


@pytest.fixture(autouse=True)
def push_is_on(settings: Settings) -> None:
    """In the test's own process, which subscribes people."""
    settings.VAPID_SUBJECT = "mailto:push@kindred.example"
    settings.FCM_SERVICE_ACCOUNT = "{}"
    settings.PUSH_COLLAPSE_MS = int(QUICK["PUSH_COLLAPSE_MS"])
    settings.PUSH_TIMEOUT_MS = int(QUICK["PUSH_TIMEOUT_MS"])
