"""The facts of a statement of reasons: what the moderator chose to tell, and nothing that would tell who asked."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from chat.models import Room
from chat.protocol.errors import Code
from moderation.models import Decision, Facts
from tests import factories
from tests.factories import Person
from tests.http.api import Reply, get, post
from tests.moderation.conftest import Harbour, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def harbour() -> Harbour:
    return settle()


def warn(harbour: Harbour, facts: Any) -> Reply:
    about = str(harbour.infiltrator.account)
    body = {
        "id": str(uuid4()),
        "subject": about,
        "kind": "warn",
        "ground": "law",
        "law": "A law",
        "finding": "other",
        "facts": facts,
    }
    return post(harbour.moderator, "/decisions", body)


def told(harbour: Harbour) -> Any:
    (statement,) = get(harbour.infiltrator, "/me/decisions").body["statements"]
    return statement["facts"]


def room_of(harbour: Harbour, people: int) -> Room:
    others = [factories.enrolled(Person(), harbour.network) for _ in range(people - 1)]
    return factories.settled_room("group", [harbour.infiltrator, *others])


DAYS = {"first": "2026-01-12", "last": "2026-01-14"}


def test_the_statement_tells_what_the_moderator_chose_and_both_see_the_same(harbour: Harbour) -> None:
    room = str(room_of(harbour, 5).id)
    facts = {"messages": 3, "proven": True, "days": DAYS, "rooms": [room]}
    assert warn(harbour, facts).body["facts"] == facts
    assert told(harbour) == facts
    (listed,) = get(harbour.colleague, "/decisions").body["decisions"]
    assert listed["facts"] == facts


def test_nothing_is_told_that_was_not_chosen(harbour: Harbour) -> None:
    empty: dict[str, Any] = {"messages": None, "proven": None, "days": None, "rooms": []}
    for nothing in ({}, empty):
        made = warn(harbour, nothing).body
        assert made["facts"] is None
        assert told(harbour) is None
        Decision.objects.all().delete()
    assert warn(harbour, {"messages": 1, "proven": False}).body["facts"] == {
        "messages": 1,
        "proven": False,
        "days": None,
        "rooms": [],
    }


def test_neither_place_nor_day_is_told_where_few_people_can_have_seen_it(harbour: Harbour) -> None:
    direct = factories.settled_room("direct", [harbour.member, harbour.infiltrator])
    for room in (direct, room_of(harbour, 4)):
        made = warn(harbour, {"days": DAYS, "rooms": [str(room.id), str(room_of(harbour, 6).id)]}).body
        assert made["facts"] is None
    assert not Facts.objects.exists()
    counted = warn(harbour, {"messages": 2, "proven": True, "days": DAYS, "rooms": [str(direct.id)]}).body["facts"]
    assert counted == {"messages": 2, "proven": True, "days": None, "rooms": []}


def test_days_are_told_without_the_place_only_where_enough_people_can_have_seen_it(harbour: Harbour) -> None:
    many, few = (str(room_of(harbour, people).id) for people in (5, 4))
    made = warn(harbour, {"days": DAYS | {"rooms": [many]}}).body["facts"]
    assert made == {"messages": None, "proven": None, "days": DAYS, "rooms": []}
    assert warn(harbour, {"days": DAYS | {"rooms": [many, few]}}).body["facts"] is None
    assert warn(harbour, {"days": DAYS | {"rooms": [few]}, "rooms": [many]}).body["facts"] is None
    nowhere: Any
    for nowhere in (DAYS, DAYS | {"rooms": []}):
        assert warn(harbour, {"days": nowhere, "messages": 1, "proven": True}).code == Code.MALFORMED
    elsewhere = factories.settled_room("group", [settle().member])
    assert warn(harbour, {"days": DAYS | {"rooms": [str(elsewhere.id)]}}).code == Code.NOT_FOUND


def test_what_does_not_fit_or_is_elsewhere_is_refused_and_decides_nothing(harbour: Harbour) -> None:
    room = {"rooms": [str(room_of(harbour, 5).id)]}
    tomorrow = (timezone.now() + timedelta(days=2)).date().isoformat()
    for wrong in (
        {"messages": 3},
        {"proven": True},
        {"messages": 0, "proven": True},
        {"messages": 513, "proven": True},
        {"days": {"first": "2026-01-14", "last": "2026-01-12"} | room},
        {"days": {"first": "2026-01-14", "last": tomorrow} | room},
        {"days": {"first": "2026-1-14", "last": "2026-01-14"} | room},
        {"days": {"first": "2026-01-14"} | room},
        {"words": "he wrote to Tala"},
        None,
    ):
        assert warn(harbour, wrong).code == Code.MALFORMED
    elsewhere = factories.settled_room("group", [settle().member])
    assert warn(harbour, {"rooms": [str(elsewhere.id)]}).code == Code.NOT_FOUND
    assert not Decision.objects.exists()


def test_a_room_that_is_gone_is_told_no_longer(harbour: Harbour) -> None:
    room = room_of(harbour, 5)
    warn(harbour, {"days": DAYS, "rooms": [str(room.id)]})
    room.delete()
    assert told(harbour) == {"messages": None, "proven": None, "days": DAYS, "rooms": []}
