"""Whoever heard no answer asks again, and is told that it was done, not that somebody else was faster."""

from uuid import uuid4

import pytest

from chat.protocol.errors import Code
from moderation.models import AuditEntry, Decision
from tests import factories
from tests.http.api import post
from tests.moderation.conftest import Harbour, settle
from tests.moderation.deciding import decide, soon

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def harbour() -> Harbour:
    return settle()


def logged(action: str) -> int:
    return AuditEntry.objects.filter(action=action).count()


def test_a_question_that_is_closed_again_in_the_same_way_was_closed_by_the_same_person(harbour: Harbour) -> None:
    path = f"/cases/{harbour.case().id}"
    post(harbour.moderator, f"{path}/claim")
    for _ in range(2):
        assert post(harbour.moderator, f"{path}/close", {"outcome": "helped"}).body["state"] == "closed"
    assert post(harbour.moderator, f"{path}/close", {"outcome": "acted"}).code == Code.CASE_CLOSED
    for other in (harbour.colleague, harbour.coordinator):
        assert post(other, f"{path}/close", {"outcome": "helped"}).code == Code.CASE_CLOSED
    assert logged("case_closed") == 1


def test_a_question_is_handed_over_once_however_often_that_is_asked(harbour: Harbour) -> None:
    path = f"/cases/{harbour.case().id}"
    post(harbour.moderator, f"{path}/claim")
    to_colleague = {"to": str(harbour.colleague.account)}
    for _ in range(2):
        given = post(harbour.moderator, f"{path}/hand-over", to_colleague).body
        assert given["claimed_by"] == to_colleague["to"]
    for _ in range(2):
        assert post(harbour.colleague, f"{path}/hand-over", {"to": None}).body["state"] == "unclaimed"
    assert logged("case_handed_over") == 2
    assert post(harbour.moderator, f"{path}/hand-over", to_colleague).code == Code.CASE_CLAIMED
    for _ in range(2):
        assert post(harbour.coordinator, f"{path}/hand-over", to_colleague).status == 200
    assert logged("case_handed_over") == 3
    post(harbour.colleague, f"{path}/hand-over", {"to": str(harbour.moderator.account)})
    # What was done since makes it another step.
    assert post(harbour.coordinator, f"{path}/hand-over", to_colleague).body["claimed_by"] == to_colleague["to"]
    assert logged("case_handed_over") == 5


def test_a_decision_is_the_same_also_once_its_question_was_closed(harbour: Harbour) -> None:
    case = harbour.case()
    post(harbour.moderator, f"/cases/{case.id}/claim")
    same = {"id": str(uuid4()), "case": str(case.id)}
    made = decide(harbour.moderator, harbour.infiltrator, "warn", **same)
    assert made.status == 200
    post(harbour.moderator, f"/cases/{case.id}/close", {"outcome": "acted"})
    assert decide(harbour.moderator, harbour.infiltrator, "warn", **same).body == made.body
    later = decide(harbour.moderator, harbour.infiltrator, "warn", case=str(case.id))
    assert later.code == Code.CASE_CLOSED


def test_what_differs_in_its_end_its_room_or_its_question_is_another_decision(harbour: Harbour) -> None:
    rooms = [factories.settled_room("group", [harbour.member, harbour.infiltrator]) for _ in range(2)]
    same = {"id": str(uuid4()), "until": soon(3), "room": str(rooms[0].id)}
    assert decide(harbour.moderator, harbour.infiltrator, "mute", **same).status == 200
    assert decide(harbour.moderator, harbour.infiltrator, "mute", **same).status == 200
    for other in ({"until": soon(4)}, {"room": str(rooms[1].id)}, {"case": str(harbour.case().id)}):
        assert decide(harbour.moderator, harbour.infiltrator, "mute", **(same | other)).code == Code.ROOM_EXISTS
    assert Decision.objects.count() == 1
