"""The room of a case: who may come into it, whoever commits, and that whom it is for keeps it while suspended."""

from __future__ import annotations

import asyncio
import os
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from chat.actions.accounts import ban_account, restore_account, suspend_account
from chat.actions.case_rooms import bar
from chat.actions.deletion import delete_account
from chat.delivery.outside import remove_places
from chat.models import Account, Entry, InboxItem, Role, Room, RoomDevice
from tests import factories
from tests.delivery.groups import Group, hand_out, settle
from tests.delivery.harness import Server, Socket, in_db, post, socket_to
from tests.factories import Person, device_of, enrolled


def case_room() -> tuple[Group, dict[str, Person]]:
    """A case's room of a member and a moderator, kept from `shunned`; the others are not in it."""
    network = factories.network()
    roles = {"member": "member", "moderator": "moderator", "shunned": "moderator", "colleague": "moderator"}
    people = {name: enrolled(Person(), network, role) for name, role in roles.items()}
    people["other"] = enrolled(Person(), network)
    group = Group(uuid4())
    settle(group, "case", people["member"], people["moderator"])
    bar(Room.objects.get(id=group.room), [people["shunned"].account])
    return group, people


def accounts_in(group: Group) -> set[object]:
    return set(RoomDevice.objects.filter(room=group.room).values_list("device__account", flat=True))


async def test_nobody_adds_those_from_whom_the_case_is_kept_or_who_are_no_staff(server: Server) -> None:
    group, people = await in_db(case_room)
    before = await in_db(accounts_in, group)
    for sender in ("member", "moderator"):
        async with socket_to(server, people[sender].token) as socket:
            for stranger in ("shunned", "other"):
                package = await in_db(hand_out, group.room, people[stranger])
                frame = group.adding_packages(people[sender], [(people[stranger], package)])
                assert (await socket.ask(frame, "accepted"))["code"] == "bad_commit"
    assert await in_db(accounts_in, group) == before


async def test_whoever_was_staff_when_a_package_was_handed_out_and_is_no_more_stays_out(server: Server) -> None:
    group, people = await in_db(case_room)
    member, colleague = people["member"], people["colleague"]
    package = await in_db(hand_out, group.room, colleague)
    frame = group.adding_packages(member, [(colleague, package)])
    async with socket_to(server, member.token) as socket:
        await in_db(lambda: Account.objects.filter(id=colleague.account).update(role=Role.MEMBER))
        assert (await socket.ask(dict(frame), "accepted"))["code"] == "bad_commit"
        await in_db(lambda: Account.objects.filter(id=colleague.account).update(role=Role.MODERATOR))
        assert (await socket.ask(dict(frame), "accepted"))["t"] == "accepted"
    assert colleague.account in await in_db(accounts_in, group)


async def test_the_opener_adds_another_phone_of_their_own(server: Server) -> None:
    group, people = await in_db(case_room)
    member = people["member"]
    tablet = await in_db(lambda: enrolled(member.second_phone(), Account.objects.get(id=member.account).network))
    package = await in_db(hand_out, group.room, tablet)
    async with socket_to(server, member.token) as socket:
        frame = group.adding_packages(member, [(tablet, package)])
        assert (await socket.ask(frame, "accepted"))["t"] == "accepted"


@dataclass
class Place:
    """A member with a private group and a case of their own, in which the moderator is too, who has one as well."""

    member: Person
    moderator: Person
    friend: Person
    group: Group
    case: Group
    moderators_case: Group


def case_of(person: Person, *staff: Person) -> Group:
    group = Group(uuid4())
    settle(group, "case", person, *staff)
    Room.objects.filter(id=group.room).update(person=person.account)
    return group


def place() -> Place:
    network = factories.network()
    member, friend = (enrolled(Person(), network) for _ in range(2))
    moderator, coordinator = (enrolled(Person(), network, role) for role in ("moderator", "coordinator"))
    group = Group(uuid4())
    settle(group, "group", friend, member)
    return Place(member, moderator, friend, group, case_of(member, moderator), case_of(moderator, coordinator))


def account(person: Person) -> Account:
    return Account.objects.get(id=person.account)


async def limited(socket: Socket, person: Person) -> dict[str, Any]:
    await socket.send({"t": "hello", "v": 1, "token": person.token})
    ready = await socket.expect("ready")
    assert ready["suspended"] is True
    return ready


async def test_a_suspended_member_reads_writes_and_commits_in_their_own_case_alone(server: Server) -> None:
    here = await in_db(place)
    async with socket_to(server, here.member.token) as before:
        await in_db(lambda: suspend_account(account(here.member)))
        assert (await before.expect("bye"))["code"] == "suspended"
    async with socket_to(server) as socket, socket_to(server, here.moderator.token) as moderator:
        ready = await limited(socket, here.member)
        assert [room for room, *_ in ready["rooms"]] == [here.case.group_id]
        message = here.case.message()
        said = await socket.ask(message, "accepted")
        assert said["t"] == "accepted"
        await moderator.until(lambda: bool(moderator.entries(here.case.group_id)))
        # Sent once more, it is the same one.
        assert (await socket.ask(dict(message), "accepted"))["seq"] == said["seq"]
        assert (await moderator.ask(here.case.message(), "accepted"))["t"] == "accepted"
        await socket.until(lambda: bool(socket.entries(here.case.group_id)))
        fetch = {"t": "fetch", "room": here.case.group_id, "after": 1, "limit": 10}
        assert len((await socket.ask(fetch, "page"))["items"]) == 2
        frame = here.case.update(here.member)
        assert (await socket.ask(frame, "accepted"))["t"] == "accepted"
        here.case.won(frame)
        # A phone that could not open its Welcome comes in anew.
        assert (await socket.ask(here.case.entering(here.member), "accepted"))["t"] == "accepted"
        for frame in (
            here.group.message(),
            here.group.update(here.member),
            fetch | {"room": here.group.group_id, "id": os.urandom(16)},
            here.moderators_case.message(),
        ):
            assert (await socket.ask(frame, "accepted", "page"))["code"] == "suspended"
    assert await in_db(lambda: Entry.objects.filter(room=here.group.room).count()) == 1


async def test_nothing_of_another_room_reaches_a_suspended_account(server: Server) -> None:
    here = await in_db(place)
    await in_db(lambda: suspend_account(account(here.member)))
    async with socket_to(server) as socket, socket_to(server, here.friend.token) as friend:
        await limited(socket, here.member)
        assert (await friend.ask(here.group.message(), "accepted"))["t"] == "accepted"
        await socket.settled()
        assert socket.arrived == []


async def test_a_suspended_moderator_has_no_case_but_their_own(server: Server) -> None:
    here = await in_db(place)
    await in_db(lambda: suspend_account(account(here.moderator)))
    async with socket_to(server) as socket:
        ready = await limited(socket, here.moderator)
        assert [room for room, *_ in ready["rooms"]] == [here.moderators_case.group_id]
        assert (await socket.ask(here.case.message(), "accepted"))["code"] == "suspended"
        assert (await socket.ask(here.moderators_case.message(), "accepted"))["t"] == "accepted"


async def test_who_is_banned_leaves_every_room_but_those_of_their_own_cases(server: Server) -> None:
    here = await in_db(place)
    await in_db(lambda: ban_account(account(here.member)))
    async with socket_to(server) as socket:
        ready = await limited(socket, here.member)
        assert [room for room, *_ in ready["rooms"]] == [here.case.group_id]
        assert (await socket.ask(here.case.message(), "accepted"))["t"] == "accepted"
    places = RoomDevice.objects.filter(device__account=here.member.account, removed_at=None)
    assert await in_db(lambda: list(places.values_list("room", flat=True))) == [here.case.room]


async def test_staff_bring_a_suspended_account_into_the_room_that_is_for_it_and_into_no_other(server: Server) -> None:
    here = await in_db(place)
    await in_db(lambda: suspend_account(account(here.friend)))
    mine, others = await in_db(lambda: (case_of(here.moderator), case_of(here.moderator)))
    await in_db(lambda: Room.objects.filter(id=mine.room).update(person=here.friend.account))
    package, refused = await in_db(lambda: [hand_out(group.room, here.friend) for group in (mine, others)])
    async with socket_to(server, here.moderator.token) as moderator, socket_to(server) as socket:
        await limited(socket, here.friend)
        frame = others.adding_packages(here.moderator, [(here.friend, refused)])
        assert (await moderator.ask(frame, "accepted"))["code"] == "bad_commit"
        frame = mine.adding_packages(here.moderator, [(here.friend, package)])
        assert (await moderator.ask(frame, "accepted"))["t"] == "accepted"
        mine.won(frame)
        (item,) = (await socket.expect("inbox"))["items"]
        assert item[2] == mine.group_id
        assert (await moderator.ask(mine.message(), "accepted"))["t"] == "accepted"
        await socket.until(lambda: bool(socket.entries(mine.group_id)))


async def test_welcomes_of_other_rooms_wait_until_the_suspension_is_over(server: Server) -> None:
    here = await in_db(place)
    other = Group(uuid4())
    await in_db(lambda: settle(other, "group", here.friend))
    package = await in_db(hand_out, other.room, here.member)
    async with socket_to(server, here.friend.token) as friend:
        frame = other.adding_packages(here.friend, [(here.member, package)])
        assert (await friend.ask(frame, "accepted"))["t"] == "accepted"
    await in_db(lambda: suspend_account(account(here.member)))
    waiting = InboxItem.objects.filter(room=other.room)
    async with socket_to(server) as socket:
        await limited(socket, here.member)
        await socket.send({"t": "inbox_ack", "seq": 100})
        await socket.ask({"t": "fetch", "room": here.case.group_id, "after": 0, "limit": 1}, "page")
        assert [frame for frame in socket.arrived if frame["t"] == "inbox"] == []
        assert await in_db(waiting.exists)
        await in_db(lambda: restore_account(account(here.member)))
        # Within a few seconds it is asked to come again, to all of its rooms.
        assert (await socket.expect("bye", 30))["code"] == "draining"
    async with socket_to(server, here.member.token) as back:
        (item,) = (await back.expect("inbox"))["items"]
        assert item[2] == other.group_id


async def test_whoever_was_taken_out_of_their_case_while_suspended_does_not_come_back_by_themselves(
    server: Server,
) -> None:
    here = await in_db(place)
    await in_db(lambda: suspend_account(account(here.member)))
    await in_db(lambda: remove_places(here.case.room, [device_of(here.member).pk]))
    async with socket_to(server) as socket:
        assert (await limited(socket, here.member))["rooms"] == []
        assert (await socket.ask(here.case.entering(here.member), "accepted"))["code"] == "suspended"


async def test_deleting_a_suspended_account_ends_its_cases_for_it_too(server: Server) -> None:
    here = await in_db(place)
    await in_db(lambda: suspend_account(account(here.member)))
    async with socket_to(server) as socket:
        await limited(socket, here.member)
        await in_db(lambda: delete_account(account(here.member)))
        assert (await socket.expect("bye", 30))["code"] == "deleted"
    assert await in_db(lambda: Room.objects.get(id=here.case.room).person) is None


async def test_whoever_asked_and_whoever_may_see_a_case_are_told_of_each_step_and_nobody_else(server: Server) -> None:
    _, people = await in_db(case_room)
    case = str(uuid4())
    body = {
        "id": case,
        "room": str(uuid4()),
        "concern": "threats",
        "urgency": "today",
        "kept_from": [str(people["shunned"].account)],
    }

    async def does(name: str, path: str, body: object = None) -> None:
        status, answer = await asyncio.to_thread(post, server, f"/api/v1{path}", people[name], body)
        assert status == 200, answer

    async with AsyncExitStack() as stack:
        sockets = {name: await stack.enter_async_context(socket_to(server, one.token)) for name, one in people.items()}
        told = ("member", "moderator", "colleague")
        steps = [
            ("member", "/cases", body),
            ("moderator", f"/cases/{case}/claim", None),
            ("moderator", f"/cases/{case}/waiting", {"waiting": True}),
            ("moderator", f"/cases/{case}/hand-over", {"to": str(people["colleague"].account)}),
            ("colleague", f"/cases/{case}/close", {"outcome": "helped"}),
        ]
        for name, path, content in steps:
            await does(name, path, content)
            for listener in told:
                assert (await sockets[listener].expect("account"))["change"] == "cases"
        for other in ("shunned", "other"):
            await sockets[other].settled()
            assert [frame for frame in sockets[other].arrived if frame["t"] == "account"] == []
