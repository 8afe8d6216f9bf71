"""What tests of the API stand on."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from chat.api.rates import rates
from chat.delivery.quota import quota
from tests.actors import World, world


@pytest.fixture(autouse=True)
def nobody_tried_before() -> Iterator[None]:
    """Each test has full buckets: they are this process's, and tests share it."""
    rates.forget()
    quota.forget()
    yield
    rates.forget()
    quota.forget()


@pytest.fixture
def stopped_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Buckets do not fill up again, however slow the machine is."""
    monkeypatch.setattr("chat.api.rates.monotonic", lambda: 1000.0)
    rates.forget()


@pytest.fixture
def here(db: None) -> World:
    return world()


@pytest.fixture(scope="module")
def founded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The world of a file, in a transaction that is never committed: all its tests of the database ask for `unchanged`."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield world()
        transaction.set_rollback(True)


@pytest.fixture
def unchanged(founded: World, db: None) -> World:
    """The same world for each test of a file: what a test does to it is undone. Making one takes longer than most of them."""
    return founded
