"""Notes on a case: the room in which staff write them, who is told of it, and that nobody else can come near it."""

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from chat.models import Account, Role, Room, RoomBar, RoomDevice
from chat.protocol.errors import Code
from moderation.models import Case
from tests.factories import Person, device_of, enrolled
from tests.http.api import Reply, get, post
from tests.moderation.asking import opening, shown
from tests.moderation.conftest import Harbour


def noted(person: Person, case: object, room: UUID | None = None) -> Reply:
    return post(person, f"/cases/{case}/notes", {"room": str(room or uuid4())})


def elsewhere(person: Person) -> list[str]:
    return [room["id"] for room in get(person, "/rooms").body["elsewhere"]]


def founded(room: object) -> None:
    Room.objects.filter(id=str(room)).update(epoch=1)


def test_whoever_writes_the_first_note_makes_the_room_and_others_are_led_to_it(harbour: Harbour) -> None:
    case, room = harbour.case(), uuid4()
    assert "notes" not in shown(harbour.moderator, case.id).body
    assert noted(harbour.moderator, case.id, room).body["notes"] == str(room)
    # Somebody else at the same moment, and the same person once more.
    assert noted(harbour.colleague, case.id).body["notes"] == str(room)
    assert noted(harbour.moderator, case.id, room).body["notes"] == str(room)
    place = RoomDevice.objects.get(room=room)
    assert (place.device, place.leaf) == (device_of(harbour.moderator), 0)
    assert shown(harbour.colleague, case.id).body["notes"] == str(room)
    # Before its group exists nobody can come in.
    assert elsewhere(harbour.colleague) == []
    founded(room)
    assert elsewhere(harbour.colleague) == [str(room)]
    assert elsewhere(harbour.moderator) == []
    assert post(harbour.colleague, f"/rooms/{room}/group-info", {}).code == Code.ROOM_NOT_READY


def test_whoever_asked_learns_nothing_of_the_notes(harbour: Harbour) -> None:
    case, room = harbour.case(), uuid4()
    noted(harbour.moderator, case.id, room)
    founded(room)
    assert "notes" not in shown(harbour.member, case.id).body
    assert noted(harbour.member, case.id).code == Code.FORBIDDEN
    assert elsewhere(harbour.member) == []
    assert post(harbour.member, f"/rooms/{room}/group-info", {}).code == Code.NOT_FOUND
    claim = {"accounts": [str(harbour.member.account)]}
    assert post(harbour.moderator, f"/rooms/{room}/claim", claim).code == Code.NOT_FOUND


def test_notes_on_a_case_of_the_staff_are_kept_from_whoever_asked(harbour: Harbour) -> None:
    case, room = post(harbour.colleague, "/cases", opening()).body["id"], uuid4()
    noted(harbour.moderator, case, room)
    founded(room)
    assert "notes" not in shown(harbour.colleague, case).body
    assert noted(harbour.colleague, case).code == Code.FORBIDDEN
    assert elsewhere(harbour.colleague) == []
    assert post(harbour.colleague, f"/rooms/{room}/group-info", {}).code == Code.NOT_FOUND
    claim = {"accounts": [str(harbour.colleague.account)]}
    assert post(harbour.moderator, f"/rooms/{room}/claim", claim).code == Code.FORBIDDEN
    assert elsewhere(harbour.coordinator) == [str(room)]


def test_a_member_who_becomes_staff_is_kept_from_the_notes_on_their_own_case(harbour: Harbour) -> None:
    case, room = harbour.case(), uuid4()
    noted(harbour.moderator, case.id, room)
    founded(room)
    Account.objects.filter(id=harbour.member.account).update(role=Role.MODERATOR)
    assert elsewhere(harbour.member) == []
    assert post(harbour.member, f"/rooms/{room}/group-info", {}).code == Code.NOT_FOUND


def test_whom_a_case_is_kept_from_is_kept_from_its_notes(harbour: Harbour) -> None:
    case, room = harbour.case(kept_from=frozenset([harbour.colleague.account])), uuid4()
    assert noted(harbour.colleague, case.id).code == Code.NOT_FOUND
    noted(harbour.moderator, case.id, room)
    founded(room)
    barred = set(RoomBar.objects.filter(room=room).values_list("account", flat=True))
    assert barred == {harbour.colleague.account, harbour.member.account}
    assert elsewhere(harbour.colleague) == []
    assert post(harbour.colleague, f"/rooms/{room}/group-info", {}).code == Code.NOT_FOUND
    claim = {"accounts": [str(harbour.colleague.account)]}
    assert post(harbour.moderator, f"/rooms/{room}/claim", claim).code == Code.FORBIDDEN


def test_a_room_of_notes_that_nobody_founded_is_in_the_way_for_a_minute_at_most(harbour: Harbour) -> None:
    case, first, second = harbour.case(), uuid4(), uuid4()
    noted(harbour.moderator, case.id, first)
    Room.objects.filter(id=first).update(created_at=timezone.now() - timedelta(minutes=2))
    assert noted(harbour.moderator, case.id, first).body["notes"] == str(first)
    assert noted(harbour.colleague, case.id, second).body["notes"] == str(second)
    assert not Room.objects.filter(id=first).exists()
    founded(second)
    Room.objects.filter(id=second).update(created_at=timezone.now() - timedelta(minutes=2))
    assert noted(harbour.moderator, case.id).body["notes"] == str(second)


def test_the_id_of_something_else_is_refused(harbour: Harbour) -> None:
    case = harbour.case()
    assert noted(harbour.moderator, case.id, case.room_id).code == Code.ROOM_EXISTS
    assert Case.objects.get(id=case.id).notes is None


def test_a_network_has_one_room_of_its_staff(harbour: Harbour) -> None:
    first, second = {"id": str(uuid4()), "kind": "staff"}, {"id": str(uuid4()), "kind": "staff"}
    assert post(harbour.member, "/rooms", first).code == Code.FORBIDDEN
    assert post(harbour.moderator, "/rooms", first).status == 200
    assert post(harbour.moderator, "/rooms", first).status == 200
    refused = post(harbour.coordinator, "/rooms", second)
    assert (refused.code, refused.body["error"]["room"]) == (Code.DIRECT_EXISTS, first["id"])
    founded(first["id"])
    assert elsewhere(harbour.coordinator) == [first["id"]]
    assert elsewhere(harbour.member) == []
    newer = enrolled(Person(), harbour.network, "moderator")
    assert elsewhere(newer) == [first["id"]]


@pytest.mark.parametrize("kind", ["staff", "notes"])
def test_suspended_staff_see_no_room_of_the_staff(harbour: Harbour, kind: str) -> None:
    case, room = harbour.case(), uuid4()
    if kind == "staff":
        post(harbour.moderator, "/rooms", {"id": str(room), "kind": kind})
    else:
        noted(harbour.moderator, case.id, room)
    founded(room)
    Account.objects.filter(id=harbour.colleague.account).update(suspended_at=timezone.now())
    assert elsewhere(harbour.colleague) == []
    assert post(harbour.colleague, f"/rooms/{room}/group-info", {}).code == Code.SUSPENDED


def test_staff_alone_are_told_that_notes_went_with_the_last_who_was_in_their_room(harbour: Harbour) -> None:
    case, room = harbour.case(), uuid4()
    assert shown(harbour.moderator, case.id).body["notes_gone"] is False
    noted(harbour.moderator, case.id, room)
    # A room that nobody founded had no notes.
    Room.objects.filter(id=room).update(created_at=timezone.now() - timedelta(seconds=61))
    again = UUID(noted(harbour.colleague, case.id).body["notes"])
    assert again != room
    founded(again)
    assert shown(harbour.moderator, case.id).body["notes_gone"] is False
    Room.objects.filter(id=again).delete()
    gone = shown(harbour.moderator, case.id).body
    assert ("notes" in gone, gone["notes_gone"]) == (False, True)
    begun = noted(harbour.coordinator, case.id).body
    assert (begun["notes"] != str(again), begun["notes_gone"]) == (True, True)
    assert "notes_gone" not in shown(harbour.member, case.id).body
