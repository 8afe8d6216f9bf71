"""Those who look after a room: what they may do there, and what the server then holds everyone to."""

import time
from typing import Any
from uuid import UUID

import pytest

from chat.actions.accounts import ban_account
from chat.actions.roles import keep_out
from chat.api.fields import b64encode
from chat.mls.external import pending_removal
from chat.models import Account, Entry, EntryKind, Room, RoomBar, RoomInvite, RoomSteward
from chat.protocol.errors import Code
from tests import factories
from tests.actors import Name, World
from tests.factories import Person
from tests.http.api import Reply, get, post


@pytest.fixture
def member(here: World) -> Person:
    """Who looks after the group."""
    return here[Name.MEMBER]


def hand(by: Person, room: Room, to: Person, steward: bool = True) -> Reply:
    return post(by, f"/rooms/{room.id}/stewards", {"account": str(to.account), "steward": steward})


def remove(by: Person, room: Room, whom: Person) -> Reply:
    return post(by, f"/rooms/{room.id}/remove", {"account": str(whom.account)})


def mute(by: Person, room: Room, whom: Person, until: int | None) -> Reply:
    return post(by, f"/rooms/{room.id}/mute", {"account": str(whom.account), "until": until})


def stewards(room: Room) -> list[UUID]:
    return list(RoomSteward.objects.filter(room=room).order_by("id").values_list("account", flat=True))


def soon() -> int:
    return int(time.time() * 1000) + 60_000


def test_whoever_makes_a_group_looks_after_it_and_can_share_that(here: World, member: Person) -> None:
    reply = hand(member, here.group, here.friend)
    assert reply.body["stewards"] == [str(member.account), str(here.friend.account)]
    assert hand(member, here.group, here.friend).body["stewards"] == reply.body["stewards"]
    assert hand(here.friend, here.group, member, steward=False).body["stewards"] == [str(here.friend.account)]
    assert hand(member, here.group, here.friend).code == Code.FORBIDDEN


def test_a_group_is_never_without_someone_who_looks_after_it(here: World, member: Person) -> None:
    assert hand(member, here.group, member, steward=False).code == Code.FORBIDDEN
    assert post(member, f"/rooms/{here.group.id}/leave", {}).status == 200
    assert stewards(here.group) == [here.friend.account]


def test_the_care_goes_to_the_one_who_has_been_there_for_longest(here: World, member: Person) -> None:
    later = here[Name.OTHER_MEMBER]
    room = factories.settled_room("group", [member, here.friend, later])
    ban_account(Account.objects.get(id=member.account))
    assert stewards(room) == [here.friend.account]
    assert post(here.friend, f"/rooms/{room.id}/leave", {}).status == 200
    assert stewards(room) == [later.account]
    assert post(later, f"/rooms/{room.id}/leave", {}).status == 200
    assert stewards(room) == []


def test_one_of_two_who_look_after_a_group_can_just_go(here: World, member: Person) -> None:
    assert hand(member, here.group, here.friend).status == 200
    assert post(member, f"/rooms/{here.group.id}/leave", {}).status == 200
    assert stewards(here.group) == [here.friend.account]


def test_the_care_is_given_to_people_of_the_room_alone(here: World, member: Person) -> None:
    for stranger in (here[Name.OTHER_MEMBER], here[Name.OUTSIDER], Person()):
        assert hand(member, here.group, stranger).code == Code.NOT_FOUND
    direct = factories.settled_room("direct", [member, here.friend])
    assert hand(member, direct, here.friend).code == Code.FORBIDDEN


def test_an_open_room_is_looked_after_by_its_networks_staff(here: World, member: Person) -> None:
    room = get(member, f"/rooms/{here.open.id}").body
    assert room["stewards"] == [str(here[Name.MODERATOR].account)]


def test_nobody_is_quieted_or_taken_out_of_an_open_room_without_a_decision(here: World, member: Person) -> None:
    """Nor let off: what a decision began, its end undoes."""
    for staff in (here[Name.COORDINATOR], here[Name.MODERATOR]):
        for reply in (
            mute(staff, here.open, member, soon()),
            mute(staff, here.open, member, None),
            remove(staff, here.open, member),
        ):
            assert reply.code == Code.BY_DECISION
            assert "POST /decisions" in reply.body["error"]["message"]
    assert get(member, f"/rooms/{here.open.id}").body["muted"] == []
    assert not RoomBar.objects.exists()


def test_a_removed_member_sees_the_group_no_more_and_the_rest_are_asked_to_take_the_leaf_out(
    here: World, member: Person
) -> None:
    assert remove(member, here.group, here.friend).body == {}
    assert get(here.friend, f"/rooms/{here.group.id}").code == Code.NOT_FOUND
    assert get(here.friend, "/rooms").body["rooms"] == []
    proposal = Entry.objects.get(room=here.group, kind=EntryKind.PROPOSAL)
    assert pending_removal(bytes(proposal.payload)).leaf == 1
    assert remove(member, here.group, here.friend).code == Code.NOT_FOUND


def test_a_removed_member_does_not_come_back_by_an_old_invite(here: World, member: Person) -> None:
    secret, _ = factories.room_invite(here.group, member, uses=5)
    _, own = factories.room_invite(here.group, here.friend, uses=5)
    remove(member, here.group, here.friend)
    reply = post(here.friend, f"/rooms/{here.group.id}/group-info", {"invite": b64encode(secret.value)})
    assert reply.code == Code.FORBIDDEN
    # And lets nobody else in.
    assert RoomInvite.objects.get(id=own.id).revoked_at is not None


def test_only_those_who_look_after_a_group_bring_a_removed_member_back(here: World, member: Person) -> None:
    other = here[Name.OTHER_MEMBER]
    room = factories.settled_room("group", [member, here.friend, other])
    factories.settled_room("group", [here.friend, other])
    remove(member, room, other)
    # The leaf is still in the tree; the next commit takes it out.
    room.room_devices.filter(device__account=other.account).delete()
    wanted = {"accounts": [str(other.account)]}
    assert post(here.friend, f"/rooms/{room.id}/claim", wanted).code == Code.FORBIDDEN
    factories.settled_room("group", [member, other])
    assert len(post(member, f"/rooms/{room.id}/claim", wanted).body["packages"]) == 1


def test_whoever_was_removed_from_an_open_room_is_not_offered_it_again(here: World, member: Person) -> None:
    keep_out(here.open, Account.objects.get(id=member.account), lambda: True)
    assert get(member, "/rooms").body["open"] == []
    assert post(member, f"/rooms/{here.open.id}/group-info", {}).code == Code.FORBIDDEN
    assert RoomBar.objects.filter(account=member.account).count() == 1


def test_nobody_removes_another_who_looks_after_the_group_or_themselves(here: World, member: Person) -> None:
    hand(member, here.group, here.friend)
    assert remove(member, here.group, here.friend).code == Code.FORBIDDEN
    assert remove(member, here.group, member).code == Code.FORBIDDEN


def test_who_may_add_is_the_groups_rule(here: World, member: Person) -> None:
    other = here[Name.OTHER_MEMBER]
    factories.settled_room("group", [member, here.friend, other])
    rules: dict[str, Any] = {"members_may_add": False}
    assert post(member, f"/rooms/{here.group.id}/rules", rules).body["members_may_add"] is False
    wanted = {"accounts": [str(other.account)]}
    invite = {"secret_hash": b64encode(bytes(32)), "uses": 1, "expires_in_ms": 60_000}
    for path, body in (("claim", wanted), ("invites", invite)):
        assert post(here.friend, f"/rooms/{here.group.id}/{path}", body).code == Code.FORBIDDEN
        assert post(member, f"/rooms/{here.group.id}/{path}", body).status == 200
    # One's own other phone is not "somebody".
    tablet = factories.enrolled(here.friend.second_phone(), here.network)
    own = post(here.friend, f"/rooms/{here.group.id}/claim", {"accounts": [str(tablet.account)]})
    assert [package["device"] for package in own.body["packages"]] == [tablet.device]
    assert post(here[Name.MODERATOR], f"/rooms/{here.open.id}/rules", rules).code == Code.FORBIDDEN


def test_a_mute_is_shown_until_its_time_is_over(here: World, member: Person) -> None:
    until = soon()
    shown = mute(member, here.group, here.friend, until).body["muted"]
    assert shown == [{"account": str(here.friend.account), "until": until}]
    assert mute(member, here.group, here.friend, None).body["muted"] == []
    assert mute(member, here.group, here.friend, 1).body["muted"] == []


def test_those_who_look_after_a_room_cannot_be_muted(here: World, member: Person) -> None:
    mute(member, here.group, here.friend, soon())
    assert hand(member, here.group, here.friend).body["muted"] == []
    assert mute(member, here.group, here.friend, soon()).code == Code.FORBIDDEN


def test_a_mute_is_for_a_month_at_most(here: World, member: Person) -> None:
    for until in (soon() + 31 * 86_400_000, -1, "tomorrow", 1.5):
        body = {"account": str(here.friend.account), "until": until}
        assert post(member, f"/rooms/{here.group.id}/mute", body).code == Code.MALFORMED
