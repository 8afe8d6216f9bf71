"""What a room's rules mean on the socket: who may add by a commit, and whose messages are taken."""

from __future__ import annotations

import asyncio
import os
import time

from chat.models import Entry, Room, RoomBar, RoomDevice, RoomMute
from tests.delivery.groups import circle, hand_out
from tests.delivery.harness import Server, in_db, post, socket_to
from tests.factories import Person, room_invite


def bar(room: Room, person: Person) -> None:
    RoomBar.objects.create(room=room, account_id=person.account)


async def test_the_server_takes_no_message_of_a_muted_member_until_the_time_is_over(server: Server) -> None:
    here = await in_db(circle, 2)
    quiet = here.members[1]
    until = int(time.time() * 1000) + 60_000
    async with socket_to(server, quiet.token) as socket, socket_to(server, here.members[0].token) as other:
        said = here.group.message()
        assert (await socket.ask(said, "accepted"))["seq"] == 2
        mute = await in_db(
            lambda: RoomMute.objects.create(room_id=here.group.room, account_id=quiet.account, until=until)
        )
        refused = await socket.ask(here.group.message(), "accepted")
        assert (refused["code"], refused["until"]) == ("muted", until)
        # What it had said before stays said.
        assert (await socket.ask(dict(said), "accepted"))["seq"] == 2
        # It still commits: nobody can keep a room's keys from being renewed.
        assert (await socket.ask(here.group.update(quiet), "accepted"))["seq"] == 3
        assert (await other.ask(here.group.message(1), "accepted"))["seq"] == 4
        await in_db(lambda: RoomMute.objects.filter(id=mute.pk).update(until=until - 120_000))
        assert (await socket.ask(here.group.message(1), "accepted"))["seq"] == 5
    assert await in_db(lambda: Entry.objects.filter(room=here.group.room, kind=0).count()) == 3


async def test_a_member_adds_nobody_by_commit_where_that_is_left_to_those_who_look_after_the_group(
    server: Server,
) -> None:
    here = await in_db(circle, 2, 1)
    steward, member = here.members
    package = await in_db(hand_out, here.group.room, here.others[0])
    await in_db(lambda: Room.objects.filter(id=here.group.room).update(members_may_add=False))
    async with socket_to(server, steward.token) as may, socket_to(server, member.token) as may_not:
        refused = await may_not.ask(here.group.adding_packages(member, [(here.others[0], package)]), "accepted")
        assert refused["code"] == "bad_commit"
        assert (await may.ask(here.group.adding_packages(steward, [(here.others[0], package)]), "accepted"))["seq"] == 2


async def test_a_removed_member_comes_back_by_those_who_look_after_the_group_alone(server: Server) -> None:
    here = await in_db(circle, 2, 1)
    steward, member = here.members
    removed = here.others[0]
    room = await in_db(lambda: Room.objects.get(id=here.group.room))
    secret, _ = await in_db(room_invite, room, steward)
    package = await in_db(hand_out, here.group.room, removed)
    await in_db(bar, room, removed)
    async with (
        socket_to(server, steward.token) as may,
        socket_to(server, member.token) as may_not,
        socket_to(server, removed.token) as outside,
    ):
        assert (await outside.ask(here.group.entering(removed, secret.value), "accepted"))["code"] == "forbidden"
        refused = await may_not.ask(here.group.adding_packages(member, [(removed, package)]), "accepted")
        assert refused["code"] == "bad_commit"
        frame = here.group.adding_packages(steward, [(removed, package)])
        assert (await may.ask(frame, "accepted"))["seq"] == 2
        assert (await outside.expect("inbox"))["items"][0][2] == here.room
    assert not await in_db(RoomBar.objects.filter(room=room).exists)


async def test_no_steward_brings_back_by_commit_whom_moderators_decided_to_take_out(server: Server) -> None:
    here = await in_db(circle, 2, 1)
    steward, removed = here.members[0], here.others[0]
    room = await in_db(lambda: Room.objects.get(id=here.group.room))
    package = await in_db(hand_out, here.group.room, removed)
    made = await in_db(lambda: RoomBar.objects.create(room=room, account_id=removed.account, decided=True))
    async with socket_to(server, steward.token) as socket:
        refused = await socket.ask(here.group.adding_packages(steward, [(removed, package)]), "accepted")
        assert refused["code"] == "bad_commit"
    assert await in_db(RoomBar.objects.filter(id=made.pk).exists)


async def test_removing_a_member_silences_them_before_it_is_answered_and_tells_the_others(server: Server) -> None:
    here = await in_db(circle, 3)
    steward, member, gone = here.members
    path = f"/api/v1/rooms/{here.group.room}"
    async with socket_to(server, member.token) as other, socket_to(server, gone.token) as removed:
        body = {"account": str(gone.account)}
        assert (await asyncio.to_thread(post, server, f"{path}/remove", steward, body))[0] == 200
        assert (await other.ask(await in_db(here.group.taking_out, member), "accepted"))["seq"] == 3
        await removed.settled()
        assert [(frame["t"], frame["change"]) for frame in removed.arrived] == [("room", "removed")]
        handed = {"account": str(member.account), "steward": True}
        assert (await asyncio.to_thread(post, server, f"{path}/stewards", steward, handed))[0] == 200
        assert (await other.expect("room", room=here.room))["change"] == "roles"
        await removed.settled()
        assert removed.arrived[1:] == []


async def test_what_was_handed_out_before_the_rule_changed_adds_nobody_after_it(server: Server) -> None:
    here = await in_db(circle, 2, 1)
    member = here.members[1]
    package = await in_db(hand_out, here.group.room, here.others[0])
    frame = here.group.adding_packages(member, [(here.others[0], package)])
    async with socket_to(server, here.members[1].token) as socket:
        body = {"members_may_add": False}
        path = f"/api/v1/rooms/{here.group.room}/rules"
        assert (await asyncio.to_thread(post, server, path, here.members[0], body))[0] == 200
        assert (await socket.ask(dict(frame, id=os.urandom(16)), "accepted"))["code"] == "bad_commit"
    placed = RoomDevice.objects.filter(room=here.group.room, device__account=here.others[0].account)
    assert not await in_db(placed.exists)
