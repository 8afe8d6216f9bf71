"""Seeing, making and renaming rooms."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chat.mls.external import pending_removal
from chat.models import Account, Entry, EntryKind, Room, RoomDevice
from chat.protocol.errors import Code
from chat.protocol.limits import MAX_DEVICE_ROOMS
from tests import factories
from tests.actors import Name, World
from tests.factories import Person
from tests.http.api import Reply, get, post


@pytest.fixture
def member(here: World) -> Person:
    return here[Name.MEMBER]


def create(person: Person, kind: str, **fields: Any) -> Reply:
    return post(person, "/rooms", {"id": str(uuid4()), "kind": kind} | fields)


def with_friend(here: World, person: Person, **fields: Any) -> Reply:
    return create(person, "direct", peer=str(here.friend.account), **fields)


def test_a_new_group_holds_its_maker_alone(member: Person) -> None:
    reply = create(member, "group")
    assert reply.status == 200
    room = reply.body
    assert room == {
        "id": room["id"],
        "kind": "group",
        "epoch": 0,
        "head": 0,
        "cursor": 0,
        "roster": [{"account": str(member.account), "device": member.device, "leaf": 0}],
        "pending_removals": [],
        "created_by_me": True,
        "members_may_add": True,
        "stewards": [str(member.account)],
        "muted": [],
    }
    assert get(member, f"/rooms/{room['id']}").body == room


def test_making_a_room_again_gives_the_same_room(here: World, member: Person) -> None:
    for kind, fields in (("group", {}), ("direct", {"peer": str(here.friend.account)})):
        again: dict[str, Any] = {"id": str(uuid4()), **fields}
        first = create(member, kind, **again)
        assert first.status == 200
        assert create(member, kind, **again) == first
    open_room: dict[str, Any] = {"id": str(uuid4()), "title": "Garden"}
    coordinator = here[Name.COORDINATOR]
    assert create(coordinator, "open", **open_room) == create(coordinator, "open", **open_room)


def test_a_room_id_cannot_be_taken_twice(here: World, member: Person) -> None:
    taken = str(here.group.id)
    for person in (here.friend, here[Name.OTHER_MEMBER], here[Name.OUTSIDER]):
        assert create(person, "group", id=taken).code == Code.ROOM_EXISTS
    mine = create(member, "group").body["id"]
    assert with_friend(here, member, id=mine).code == Code.ROOM_EXISTS


def test_an_open_room_belongs_to_nobody_until_somebody_founds_it(here: World, member: Person) -> None:
    made = create(here[Name.COORDINATOR], "open", title="Garden").body
    assert made["roster"] == []
    assert made["title"] == "Garden"
    assert {"id": made["id"], "title": "Garden", "members": 0} in get(member, "/rooms").body["open"]
    assert post(member, f"/rooms/{made['id']}/group-info", {}).code == Code.ROOM_NOT_READY


def test_the_list_shows_the_devices_own_rooms_and_the_open_ones(here: World, member: Person) -> None:
    mine = get(member, "/rooms").body
    assert {room["id"] for room in mine["rooms"]} == {str(here.group.id), str(here.open.id)}
    assert mine["open"] == []
    other = get(here[Name.OTHER_MEMBER], "/rooms").body
    open_room = {"id": str(here.open.id), "title": "Welcome", "members": 2}
    assert other == {"rooms": [], "open": [open_room], "elsewhere": []}
    assert get(here[Name.OUTSIDER], "/rooms").body == {"rooms": [], "open": [], "elsewhere": []}


def test_a_second_phone_sees_its_own_rooms_only(here: World, member: Person) -> None:
    tablet = factories.enrolled(member.second_phone(), here.network)
    assert get(tablet, "/rooms").body["rooms"] == []
    assert get(tablet, f"/rooms/{here.group.id}").body["cursor"] == 0


def test_a_pending_removal_is_shown_apart_from_the_roster(here: World, member: Person) -> None:
    gone = RoomDevice.objects.filter(room=here.group, device=factories.device_of(here.friend))
    gone.update(removed_at=timezone.now(), removal_seq=2)
    room = get(member, f"/rooms/{here.group.id}").body
    friend = {"account": str(here.friend.account), "device": here.friend.device}
    assert room["pending_removals"] == [friend]
    assert str(here.friend.account) not in {place["account"] for place in room["roster"]}
    assert get(here.friend, f"/rooms/{here.group.id}").code == Code.NOT_FOUND
    assert get(here.friend, "/rooms").body["rooms"] == []


def test_the_list_takes_as_many_queries_for_fifty_rooms_as_for_two(
    here: World, member: Person, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(8):
        assert len(get(member, "/rooms").body["rooms"]) == 2
    people = [member, here.friend, here[Name.OTHER_MEMBER]]
    for number in range(48):
        factories.settled_room("group" if number % 2 else "open", people)
    with django_assert_num_queries(8):
        assert len(get(member, "/rooms").body["rooms"]) == 50


def test_two_people_have_one_direct_room(here: World, member: Person) -> None:
    first = with_friend(here, member)
    assert first.status == 200
    Room.objects.filter(id=first.body["id"]).update(epoch=1)
    again = with_friend(here, member)
    from_the_other = create(here.friend, "direct", peer=str(member.account))
    for reply in (again, from_the_other):
        assert reply.code == Code.DIRECT_EXISTS
        assert reply.body["error"]["room"] == first.body["id"]


def test_a_direct_room_that_was_never_founded_gives_way(here: World, member: Person) -> None:
    first = with_friend(here, member).body["id"]
    assert create(here.friend, "direct", peer=str(member.account)).code == Code.DIRECT_EXISTS
    second = with_friend(here, member)
    assert second.status == 200
    assert not Room.objects.filter(id=first).exists()
    Room.objects.filter(id=second.body["id"]).update(created_at=timezone.now() - timedelta(minutes=2))
    assert create(here.friend, "direct", peer=str(member.account)).status == 200


def test_a_direct_room_needs_somebody_else_whom_one_knows(here: World, member: Person) -> None:
    for peer in (member, here[Name.OTHER_MEMBER], here[Name.OUTSIDER], here[Name.SUSPENDED], Person()):
        assert create(member, "direct", peer=str(peer.account)).code == Code.NOT_FOUND


def test_a_device_has_a_limit_of_rooms(here: World, member: Person) -> None:
    device = factories.device_of(member)
    rooms = Room.objects.bulk_create(Room(network=here.network, kind="group") for _ in range(MAX_DEVICE_ROOMS - 2))
    RoomDevice.objects.bulk_create(RoomDevice(room=room, device=device) for room in rooms)
    assert create(member, "group").code == Code.TOO_MANY
    assert with_friend(here, member).code == Code.TOO_MANY
    rooms[0].kind = "case"
    rooms[0].save()
    assert with_friend(here, member).status == 200, "rooms of cases count by themselves"


def test_title_and_peer_belong_to_their_kinds(here: World, member: Person) -> None:
    friend = str(here.friend.account)
    wrong: list[tuple[str, dict[str, Any]]] = [
        ("group", {"title": "A secret name"}),
        ("direct", {"title": "A secret name", "peer": friend}),
        ("open", {}),
        ("open", {"title": "Garden", "peer": friend}),
        ("group", {"peer": friend}),
        ("direct", {}),
        ("other", {}),
    ]
    for kind, fields in wrong:
        assert create(member, kind, **fields).code == Code.MALFORMED
    assert not Room.objects.filter(title__contains="secret").exists()


@pytest.mark.parametrize("title", ["", " ", "x" * 81, " outside", "line\nend", "bell\x07", "nul\x00"])
def test_an_unfit_title_is_refused(here: World, title: str) -> None:
    assert post(here[Name.MODERATOR], f"/rooms/{here.open.id}/title", {"title": title}).code == Code.MALFORMED


def test_titles_are_of_every_script(here: World) -> None:
    for title in ("Willkommen", "أهلاً وسهلاً", "👩‍👩‍👧 family", "x" * 80):
        reply = post(here[Name.MODERATOR], f"/rooms/{here.open.id}/title", {"title": title})
        assert reply.body["title"] == title
    assert {room.title for room in Room.objects.filter(id=here.open.id)} == {"x" * 80}


def test_leaving_a_room_without_a_group_takes_it_away(member: Person) -> None:
    room = create(member, "group").body["id"]
    assert post(member, f"/rooms/{room}/leave").body == {}
    assert get(member, f"/rooms/{room}").code == Code.NOT_FOUND
    assert not Room.objects.filter(id=room).exists()


def test_leaving_ends_delivery_to_all_ones_phones_and_asks_the_others_to_take_them_out(
    here: World, member: Person
) -> None:
    tablet = factories.enrolled(member.second_phone(), here.network)
    RoomDevice.objects.create(room=here.group, device=factories.device_of(tablet), leaf=3)
    assert post(member, f"/rooms/{here.group.id}/leave").body == {}
    for phone in (member, tablet):
        assert get(phone, f"/rooms/{here.group.id}").code == Code.NOT_FOUND
    room = get(here.friend, f"/rooms/{here.group.id}").body
    gone = [{"account": str(member.account), "device": phone.device} for phone in (member, tablet)]
    assert room["pending_removals"] == gone
    assert room["head"] == 3
    proposals = Entry.objects.filter(room=here.group, kind=EntryKind.PROPOSAL).order_by("seq")
    assert [entry.seq for entry in proposals] == [2, 3]
    leaves = [pending_removal(entry.payload).leaf for entry in proposals]
    assert leaves == [0, 3]
    assert post(member, f"/rooms/{here.group.id}/leave").code == Code.NOT_FOUND


def test_whoever_left_a_direct_room_can_begin_anew(here: World, member: Person) -> None:
    room = factories.settled_room("direct", [member, here.friend])
    assert post(member, f"/rooms/{room.id}/leave").status == 200
    assert with_friend(here, member).status == 200


def test_a_suspended_account_sees_itself_and_nothing_else(here: World, member: Person) -> None:
    Account.objects.filter(id=member.account).update(suspended_at=timezone.now())
    me = get(member, "/me")
    assert me.status == 200
    assert me.body["suspended"] is True
    assert get(member, "/rooms").body == {"rooms": [], "open": [], "elsewhere": []}
    assert get(member, "/push").code == Code.SUSPENDED
