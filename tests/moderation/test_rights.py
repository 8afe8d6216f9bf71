"""What coordinators take from moderators, and from nobody else; and what becomes of it when roles change."""

from uuid import uuid4

import pytest

from chat.models import Account
from chat.protocol.errors import Code
from moderation.actions.operating import set_role_as_operator
from moderation.models import AuditEntry, Rights
from tests.factories import Person, enrolled
from tests.http.api import Reply, ask, get, post
from tests.moderation.conftest import Harbour, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def harbour() -> Harbour:
    return settle()


def warn(by: Person, about: Person) -> Reply:
    body = {
        "id": str(uuid4()),
        "subject": str(about.account),
        "kind": "warn",
        "ground": "conduct",
        "card": 4,
        "finding": "other",
    }
    return post(by, "/decisions", body)


def take(harbour: Harbour, person: Person, *denied: str) -> Reply:
    return ask(harbour.coordinator, "PUT", f"/moderators/{person.account}/rights", {"denied": list(denied)})


def denied(harbour: Harbour, person: Person) -> list[str]:
    shown = get(harbour.coordinator, "/moderators").body["moderators"]
    return next(item["denied"] for item in shown if item["account"] == str(person.account))


def test_nothing_is_taken_from_a_coordinator(harbour: Harbour) -> None:
    other = Person()
    enrolled(other, harbour.network, "coordinator")
    for person in (other, harbour.coordinator, harbour.member):
        assert take(harbour, person, "warn").code == Code.FORBIDDEN
    assert not Rights.objects.exists()
    assert not AuditEntry.objects.filter(action="rights_set").exists()
    assert denied(harbour, other) == []


def test_whoever_becomes_a_coordinator_has_every_right_and_as_a_moderator_again_lacks_what_nobody_gave_back(
    harbour: Harbour,
) -> None:
    person = harbour.moderator
    take(harbour, person, "warn")
    assert (denied(harbour, person), warn(person, harbour.member).code) == (["warn"], Code.FORBIDDEN)
    set_role_as_operator(harbour.account(person), "coordinator")
    assert (denied(harbour, person), warn(person, harbour.member).status) == ([], 200)
    set_role_as_operator(Account.objects.get(id=person.account), "moderator")
    assert (denied(harbour, person), warn(person, harbour.member).code) == (["warn"], Code.FORBIDDEN)
    assert take(harbour, person).status == 200
    assert (denied(harbour, person), warn(person, harbour.member).status) == ([], 200)
