"""Services that any test may ask for."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.support.loopback import deny_the_internet
from tests.support.services import PostgreSQL, Redis

ROUNDS = int(os.environ.get("ROUNDS") or 1)

# Real servers answer when they can: no example fails for being slow. ROUNDS (make test ROUNDS=n) tries n times as many.
settings.register_profile(
    "kindred", max_examples=50 * ROUNDS, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("kindred")


@pytest.fixture(scope="session", autouse=True)
def only_this_machine() -> Iterator[None]:
    """No test reaches the internet."""
    with pytest.MonkeyPatch.context() as patch:
        deny_the_internet(patch)
        yield


@pytest.fixture(scope="session")
def rounds() -> int:
    """How many times a long test does its work (ROUNDS)."""
    return ROUNDS


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """A Redis server for this process of tests. Do not kill it; make one of your own for that."""
    with Redis() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgreSQL]:
    """A PostgreSQL server for this process of tests. Do not kill it; make one of your own for that."""
    with PostgreSQL() as server:
        yield server
