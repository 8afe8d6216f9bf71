"""`commit`: one for each epoch, by whoever may, with all that follows from who comes and goes."""

from __future__ import annotations

import asyncio
import os
from collections import defaultdict
from typing import Any
from uuid import UUID, uuid4

import pytest

from chat.delivery.removals import external_sender
from chat.models import HandedOut, InboxItem, Room, RoomDevice, WelcomeBlob
from tests.conftest import Judged
from tests.delivery.groups import Circle, Group, application, circle, hand_out, room_now, settle
from tests.delivery.harness import Server, in_db, post, socket_to
from tests.delivery.outcomes import judge_sockets
from tests.delivery.test_log import log_of
from tests.factories import Person, device_of, enrolled, network, room_invite
from tests.mls import forge


async def test_any_member_of_the_network_may_found_an_open_room_and_the_first_wins(server: Server) -> None:
    here = await in_db(circle, 2)
    open_room = await in_db(lambda: Room.objects.create(kind="open", title="Welcome", network=here.network))
    one, two = here.members
    groups = [Group(open_room.id), Group(open_room.id)]
    async with socket_to(server, one.token) as first, socket_to(server, two.token) as second:
        assert (await first.ask(groups[0].founding(one), "accepted"))["seq"] == 1
        late = await second.ask(groups[1].founding(two), "accepted")
        assert (late["code"], late["epoch"]) == ("stale_epoch", 1)
        message = groups[0].message(1)
        assert (await first.ask(message, "accepted"))["seq"] == 2
        assert (await second.ask(dict(message, id=os.urandom(16)), "accepted"))["code"] == "not_in_room"
    assert await in_db(room_now, open_room.id) == (1, 2, {(await in_db(device_of, one)).pk: 0})


async def test_a_private_group_is_founded_by_its_maker_alone(server: Server) -> None:
    here = await in_db(circle, 2)
    maker, other = here.members

    def make() -> UUID:
        room = Room.objects.create(kind="group", network=here.network)
        RoomDevice.objects.create(room=room, device=device_of(maker), leaf=0)
        return room.id

    room = await in_db(make)
    async with socket_to(server, other.token) as socket:
        assert (await socket.ask(Group(room).founding(other), "accepted"))["code"] == "not_in_room"
    async with socket_to(server, maker.token) as socket:
        assert (await socket.ask(Group(room).founding(maker), "accepted"))["seq"] == 1


async def test_the_maker_of_a_room_gets_what_others_send_before_it_sends_anything_itself(server: Server) -> None:
    here = await in_db(circle, 2)
    maker, other = here.members
    room = uuid4()

    def make() -> bytes:
        Room.objects.create(id=room, kind="group", network=here.network)
        RoomDevice.objects.create(room_id=room, device=device_of(maker), leaf=0)
        return hand_out(room, other)

    async with socket_to(server, maker.token) as socket, socket_to(server, other.token) as another:
        founding = Group(room).founding(maker, [(other, await in_db(make))])
        assert (await socket.ask(founding, "accepted"))["seq"] == 1
        await another.expect("inbox")
        assert (await another.ask(application(room.bytes, 1), "accepted"))["seq"] == 2
        assert [entry[0] for entry in (await socket.expect("entries"))["items"]] == [2]


async def test_whoever_is_added_gets_the_welcome_and_then_only_what_comes_after(server: Server) -> None:
    here = await in_db(circle, 2, 2)
    (one, two), (new, absent) = here.members, here.others
    async with (
        socket_to(server, one.token) as sender,
        socket_to(server, two.token) as reader,
        socket_to(server, new.token) as newcomer,
    ):
        await sender.ask(here.group.message(), "accepted")
        packages = [(p, await in_db(hand_out, here.group.room, p)) for p in (new, absent)]
        frame = here.group.adding_packages(one, packages)
        assert (await sender.ask(frame, "accepted"))["seq"] == 3
        here.group.won(frame)
        inbox = await newcomer.expect("inbox")
        assert inbox["items"] == [[1, "welcome", here.room, 3, frame["welcome"]]]
        assert (await sender.ask(here.group.message(), "accepted"))["seq"] == 4
        assert [e[0] for e in (await newcomer.expect("entries"))["items"]] == [4]
        page = await newcomer.ask({"t": "fetch", "room": here.room, "after": 0, "limit": 100}, "page")
        assert [entry[0] for entry in page["items"]] == [4]
        await reader.settled()
        assert [(entry[0], entry[2]) for entry in reader.entries(here.room)] == [(2, 0), (3, 1), (4, 0)]
        await newcomer.send({"t": "inbox_ack", "seq": 1})
        # Answered after it: a socket that closes takes along what has not been looked at.
        await newcomer.ask({"t": "fetch", "room": here.room, "after": 0, "limit": 1}, "page")
    async with socket_to(server) as late:
        await late.send({"t": "hello", "v": 1, "token": absent.token})
        ready = await late.expect("ready")
        assert ready["rooms"] == [[here.room, 4, 2, 3]]
        assert (await late.expect("inbox"))["items"] == [[1, "welcome", here.room, 3, frame["welcome"]]]
        await late.send({"t": "inbox_ack", "seq": 1})
        await late.ask({"t": "fetch", "room": here.room, "after": 0, "limit": 1}, "page")

    def kept() -> int:
        blobs = WelcomeBlob.objects.filter(payload=frame["welcome"])
        return InboxItem.objects.filter(room=here.group.room).count() + blobs.count()

    # An acknowledgement is answered by nothing that could be waited for.
    async with asyncio.timeout(30):
        while await in_db(kept):  # noqa: ASYNC110 (a table tells nobody)
            await asyncio.sleep(0.02)
    assert await in_db(lambda: HandedOut.objects.filter(room=here.group.room).count()) == 0


async def test_a_key_package_that_nobody_handed_out_for_this_room_cannot_be_added(server: Server) -> None:
    here = await in_db(circle, 1, 1)
    one, new = here.members[0], here.others[0]
    elsewhere = await in_db(circle, 1)
    package = await in_db(hand_out, elsewhere.group.room, new)
    async with socket_to(server, one.token) as sender:
        refused = await sender.ask(here.group.adding_packages(one, [(new, package)]), "accepted")
        assert (refused["code"], refused["detail"]) == ("bad_commit", "key_package_unknown")
    assert (await in_db(room_now, here.group.room))[:2] == (1, 1)


@pytest.mark.faults
async def test_of_twenty_commits_that_race_for_an_epoch_one_wins_and_the_others_can_go_on(
    server: Server, judged: Judged
) -> None:
    here = await in_db(circle, 20)
    accepted: dict[Any, dict[bytes, int]] = defaultdict(dict)
    sockets = [await _enter(server, person) for person in here.members]
    try:
        for round_ in range(3):
            frames = [here.group.update(person) for person in here.members]
            answers = await asyncio.gather(
                *(socket.ask(frame, "accepted") for socket, frame in zip(sockets, frames, strict=True))
            )
            won = [frame for frame, answer in zip(frames, answers, strict=True) if answer["t"] == "accepted"]
            lost = [answer for answer in answers if answer["t"] == "error"]
            assert len(won) == 1
            assert [(answer["code"], answer["epoch"]) for answer in lost] == [("stale_epoch", 2 + round_)] * 19
            here.group.won(won[0])
            winner = sockets[frames.index(won[0])]
            accepted[winner] |= {answer["id"]: answer["seq"] for answer in answers if answer["t"] == "accepted"}
            for socket in sockets:
                await socket.settled()
        stored = await in_db(log_of, here.group.room)
        assert len(stored) == 1 + 3
        promised = {identity: seq for own in accepted.values() for identity, seq in own.items()}
        found = judge_sockets(here.room, stored, promised, *((socket, accepted[socket]) for socket in sockets))
        judged(found, len(promised))
    finally:
        for socket in sockets:
            await socket.close()


async def _enter(server: Server, person: Person) -> Any:
    from websockets.asyncio.client import connect

    from tests.delivery.harness import Socket

    socket = Socket(await connect(server.address, max_size=None, compression=None, ping_interval=None))
    await socket.send({"t": "hello", "v": 1, "token": person.token})
    await socket.expect("ready")
    return socket


async def test_a_repeated_commit_is_answered_as_the_first_time(server: Server) -> None:
    here = await in_db(circle, 2)
    async with socket_to(server, here.members[0].token) as sender, socket_to(server, here.members[1].token) as reader:
        frame = here.group.update(here.members[0])
        first = await sender.ask(frame, "accepted")
        assert await sender.ask(frame, "accepted") == first
        await sender.send(frame)
        await sender.send(frame)
        assert await sender.expect("accepted") == await sender.expect("accepted") == first
        await reader.settled()
        assert len(reader.entries(here.room)) == 1


async def test_an_open_room_is_joined_by_external_commit(server: Server) -> None:
    here = await in_db(circle, 1, 1, "open")
    member, new = here.members[0], here.others[0]
    async with socket_to(server, member.token) as reader, socket_to(server, new.token) as newcomer:
        frame = here.group.entering(new)
        assert (await newcomer.ask(frame, "accepted"))["seq"] == 2
        here.group.won(frame)
        assert (await reader.expect("entries"))["items"][0][2] == 1
        assert (await newcomer.ask(here.group.message(), "accepted"))["seq"] == 3
        assert (await reader.ask(here.group.message(), "accepted"))["seq"] == 4
        assert [e[0] for e in (await newcomer.expect("entries"))["items"]] == [4]


async def test_a_private_group_is_joined_by_its_invite_which_is_used_once(server: Server) -> None:
    here = await in_db(circle, 1, 3)
    new, second, uninvited = here.others
    secret, invite = await in_db(lambda: room_invite(Room.objects.get(id=here.group.room), here.members[0], uses=1))
    async with (
        socket_to(server, new.token) as newcomer,
        socket_to(server, second.token) as too_late,
        socket_to(server, uninvited.token) as outsider,
    ):
        assert (await outsider.ask(here.group.entering(uninvited), "accepted"))["code"] == "not_in_room"
        wrong = await outsider.ask(here.group.entering(uninvited, os.urandom(16)), "accepted")
        assert wrong["code"] == "invite_unknown"
        frame = here.group.entering(new, secret.value)
        assert (await newcomer.ask(frame, "accepted"))["seq"] == 2
        here.group.won(frame)
        assert (await too_late.ask(here.group.entering(second, secret.value), "accepted"))["code"] == "invite_used"
    await in_db(invite.refresh_from_db)
    assert invite.used == 1


async def test_a_member_of_another_network_cannot_come_in(server: Server) -> None:
    here = await in_db(circle, 1, 0, "open")
    outsider = await in_db(lambda: enrolled(Person(), network("Elsewhere")))
    async with socket_to(server, outsider.token) as socket:
        assert (await socket.ask(here.group.entering(outsider), "accepted"))["code"] == "not_in_room"
        assert (await socket.ask(here.group.update(here.members[0]), "accepted"))["code"] == "not_in_room"


async def test_a_member_that_lost_its_state_comes_in_again_at_a_new_leaf(server: Server) -> None:
    here = await in_db(circle, 2)
    one, two = here.members
    async with socket_to(server, one.token) as reader, socket_to(server, two.token) as lost:
        frame = here.group.entering(two)
        assert (await lost.ask(frame, "accepted"))["seq"] == 2
        here.group.won(frame)
        await reader.expect("entries")
        assert (await reader.ask(here.group.message(), "accepted"))["seq"] == 3
        assert [e[0] for e in (await lost.expect("entries"))["items"]] == [3]
    epoch, _, places = await in_db(room_now, here.group.room)
    assert here.group.state is not None
    assert (epoch, sorted(places.values(), key=str)) == (2, sorted(here.group.state.roster))


async def test_a_direct_room_never_holds_a_third_person(server: Server) -> None:
    def make() -> Circle:
        people = circle(3)
        group = Group(uuid4())
        settle(group, "direct", *people.members[:2])
        return Circle(people.network, group, people.members[:2], people.members[2:])

    here = await in_db(make)
    third = here.others[0]
    package = await in_db(hand_out, here.group.room, third)
    async with socket_to(server, here.members[0].token) as sender, socket_to(server, third.token) as outsider:
        refused = await sender.ask(here.group.adding_packages(here.members[0], [(third, package)]), "accepted")
        assert refused["code"] in ("bad_commit", "room_full")
        assert (await outsider.ask(here.group.entering(third), "accepted"))["code"] == "not_in_room"
    assert (await in_db(room_now, here.group.room))[0] == 1


async def test_a_broken_commit_changes_nothing(server: Server) -> None:
    here = await in_db(circle, 2)
    before = await in_db(room_now, here.group.room)
    one = here.members[0]
    good = here.group.update(one)
    broken = [
        dict(good, commit=good["commit"][:-1]),
        dict(good, commit=bytes(len(good["commit"]))),
        dict(good, group_info=good["group_info"][:-8] + os.urandom(8)),
        dict(good, group_info=here.group.update(one)["group_info"]),
        dict(good, welcome=forge.welcome([os.urandom(32)])),
        dict(good, epoch=2),
        here.group.update(one, epoch=2),
        here.group.update(one, group_id=os.urandom(16)),
        here.group.update(one, signed_by=external_sender()),
        here.group.update(here.members[1]),
        dict(good, commit=good["commit"] + bytes(1_100_000)),
    ]
    async with socket_to(server, one.token) as sender, socket_to(server, here.members[1].token) as reader:
        codes = [(await sender.ask(dict(frame, id=os.urandom(16)), "accepted")).get("code") for frame in broken]
        assert set(codes) <= {"malformed", "bad_commit", "too_large", "stale_epoch"}, codes
        await reader.settled()
        assert reader.arrived == []
        assert await in_db(room_now, here.group.room) == before
        assert (await sender.ask(good, "accepted"))["seq"] == 2


async def test_a_commit_for_another_room_than_its_frames_is_refused(server: Server) -> None:
    here, there = await in_db(circle, 1), await in_db(circle, 1)
    frame = dict(there.group.update(there.members[0]), room=here.room)
    async with socket_to(server, here.members[0].token) as sender:
        assert (await sender.ask(frame, "accepted"))["code"] == "bad_commit"


async def test_a_networks_devices_hear_of_its_open_rooms_and_no_others_do(server: Server) -> None:
    here = await in_db(circle, 2)
    elsewhere = await in_db(circle, 1)
    moderator = await in_db(lambda: enrolled(Person(), here.network, "moderator"))
    room = str(uuid4())
    async with (
        socket_to(server, here.members[0].token) as member,
        socket_to(server, elsewhere.members[0].token) as outsider,
    ):
        body = {"id": room, "kind": "open", "title": "Tea"}
        assert (await asyncio.to_thread(post, server, "/api/v1/rooms", moderator, body))[0] == 200
        assert (await asyncio.to_thread(post, server, f"/api/v1/rooms/{room}/title", moderator, {"title": "Te"}))[
            0
        ] == 200
        assert [(await member.expect("room"))["change"] for _ in range(2)] == ["opened", "renamed"]
        await outsider.settled()
        assert outsider.arrived == []


async def test_of_a_room_that_a_device_comes_into_again_and_again_one_welcome_waits(server: Server) -> None:
    here = await in_db(circle, 1, 1)
    sender, other = here.members[0], here.others[0]
    async with socket_to(server, sender.token) as socket:
        for _ in range(3):
            package = await in_db(hand_out, here.group.room, other)
            frame = here.group.adding_packages(sender, [(other, package)])
            assert (await socket.ask(frame, "accepted"))["t"] == "accepted"
            here.group.won(frame)
            newest = frame["welcome"]
            assert post(server, f"/api/v1/rooms/{here.group.room}/leave", other)[0] == 200
            leaving = await in_db(here.group.taking_out, sender)
            assert (await socket.ask(leaving, "accepted"))["t"] == "accepted"
            here.group.won(leaving)

    def waiting() -> list[bytes]:
        items = InboxItem.objects.filter(device=device_of(other)).select_related("welcome")
        return [bytes(item.welcome.payload) for item in items]

    assert await in_db(waiting) == [newest]
    assert await in_db(lambda: WelcomeBlob.objects.filter(items=None).count()) == 0
