"""What tests of moderation stand on: a network with a member, an infiltrator, two moderators and a coordinator."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from django.conf import settings

from chat import franking
from chat.api.rates import rates
from chat.models import Account, Network
from moderation.actions.cases import Asking, open_case
from moderation.attestation import Stamped
from moderation.models import Case
from tests import factories
from tests.delivery.conftest import database_allowed  # noqa: F401 (a fixture)
from tests.delivery.harness import Store
from tests.factories import Person


@pytest.fixture(autouse=True)
def nobody_tried_before() -> Iterator[None]:
    rates.forget()
    yield
    rates.forget()


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def either_database(request: pytest.FixtureRequest, database_allowed: None) -> Iterator[None]:  # noqa: F811 (the fixture above)
    """An empty database for one test, instead of pytest-django's: the test runs on each kind."""
    with Store(request.getfixturevalue("postgres_server") if request.param == "PostgreSQL" else None):
        yield


@dataclass
class Harbour:
    network: Network
    member: Person
    infiltrator: Person
    moderator: Person
    colleague: Person
    coordinator: Person

    def account(self, person: Person) -> Account:
        return Account.objects.get(id=person.account)

    def case(self, urgency: str = "today", kept_from: frozenset[UUID] = frozenset(), concern: str = "threats") -> Case:
        asking = Asking(uuid4(), uuid4(), concern, urgency, kept_from)
        return open_case(factories.device_of(self.member), asking)


@pytest.fixture
def harbour(db: None) -> Harbour:
    return settle()


def settle() -> Harbour:
    network = factories.network("Harbour")
    roles = ("member", "member", "moderator", "moderator", "coordinator")
    people = [factories.enrolled(Person(), network, role) for role in roles]
    return Harbour(network, *people)


def stamped(sender: UUID, room: UUID | None = None, seq: int = 7, key: int | None = None) -> Stamped:
    """A message that this server's hub key stamped, as its receiver keeps it."""
    key = settings.HUB_KEYS.newest()[0] if key is None else key
    room, tag, at = room or uuid4(), os.urandom(32), 1_795_504_155_292
    domain = settings.DOMAIN
    context = franking.context(franking.user_uri(domain, sender), franking.room_uri(domain, room), seq, at)
    return Stamped(sender, room, seq, at, tag, franking.frank(settings.HUB_KEYS[key], tag, context), key)
