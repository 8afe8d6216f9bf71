"""What tests of the API stand on."""

from collections.abc import Iterator

import pytest

from chat.api.rates import rates
from tests.actors import World, world


@pytest.fixture(autouse=True)
def nobody_tried_before() -> Iterator[None]:
    """Each test has full buckets: they are this process's, and tests share it."""
    rates.forget()
    yield
    rates.forget()


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Buckets do not fill up again, however slow the machine is."""
    monkeypatch.setattr("chat.api.rates.monotonic", lambda: 1000.0)
    rates.forget()


@pytest.fixture
def here(db: None) -> World:
    return world()
