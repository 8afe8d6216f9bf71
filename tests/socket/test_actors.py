"""Every actor against every frame: what each may do, and that what they may not changes nothing."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from chat.models import Account, Entry, Room, RoomDevice
from tests.actors import ROLES, SUSPENDED, Name
from tests.delivery.groups import Group, settle
from tests.delivery.harness import Server, in_db, socket_to
from tests.factories import Person, cursors_of, enrolled, network

pytestmark = pytest.mark.access

FRAMES = ("send", "commit", "commit to come in", "fetch", "cursor", "inbox_ack", "ping")
LIVE = [Name.MEMBER, Name.OTHER_MEMBER, Name.OUTSIDER, Name.MODERATOR, Name.COORDINATOR]


@dataclass
class Stage:
    """A private group of `member` and a friend, and an open room with the friend alone, both with real groups."""

    people: dict[Name, Person]
    group: Group
    open: Group


def stage() -> Stage:
    here, elsewhere = network("Harbour"), network("Elsewhere")
    friend = enrolled(Person(), here)
    people = {name: Person() for name in Name}
    for name, person in people.items():
        if name != Name.NOBODY:
            enrolled(person, elsewhere if name == Name.OUTSIDER else here, ROLES.get(name, "member"))
    Account.objects.filter(id__in=[people[name].account for name in SUSPENDED]).update(suspended_at=timezone.now())
    group, open_room = Group(uuid4()), Group(uuid4())
    settle(group, "group", people[Name.MEMBER], friend)
    settle(open_room, "open", friend)
    return Stage(people, group, open_room)


def frame_of(kind: str, group: Group, person: Person) -> dict[str, Any]:
    match kind:
        case "send":
            return group.message()
        case "commit":
            return group.update(person)
        case "commit to come in":
            return group.entering(person)
        case "fetch":
            return {"t": "fetch", "room": group.group_id, "after": 0, "limit": 10}
        case "cursor":
            return {"t": "cursor", "rooms": [[group.group_id, 1]]}
        case "inbox_ack":
            return {"t": "inbox_ack", "seq": 5}
        case _:
            return {"t": "ping"}


def state(group: Group) -> tuple[Any, ...]:
    room = Room.objects.get(id=group.room)
    places = RoomDevice.objects.filter(room=room).order_by("id").values_list("device_id", "leaf", "removed_at")
    entries = Entry.objects.filter(room=room).count()
    return room.epoch, room.head, bytes(room.group_info or b""), list(places), cursors_of(group.room), entries


# In the private group: who is answered with what, where it is not a refusal.
ANSWERS = {"send": "accepted", "commit": "accepted", "commit to come in": "accepted", "fetch": "page", "ping": "pong"}


@pytest.mark.parametrize("name", LIVE)
@pytest.mark.parametrize("kind", FRAMES)
async def test_every_actor_against_every_frame_for_a_private_group(server: Server, kind: str, name: Name) -> None:
    there = await in_db(stage)
    before = await in_db(state, there.group)
    person = there.people[name]
    async with socket_to(server, person.token) as socket:
        frame = frame_of(kind, there.group, person)
        if kind in ("cursor", "inbox_ack"):
            await socket.send(frame)
            await socket.settled()
            assert socket.arrived == []
            return
        answer = await socket.ask(frame, ANSWERS[kind])
    if kind == "ping" or name == Name.MEMBER:
        assert answer["t"] == ANSWERS[kind]
    else:
        assert answer["code"] == "not_in_room"
        assert await in_db(state, there.group) == before


@pytest.mark.parametrize("name", LIVE)
@pytest.mark.parametrize("kind", ["send", "commit", "commit to come in", "fetch"])
async def test_every_actor_against_every_frame_for_an_open_room(server: Server, kind: str, name: Name) -> None:
    there = await in_db(stage)
    before = await in_db(state, there.open)
    person = there.people[name]
    async with socket_to(server, person.token) as socket:
        answer = await socket.ask(frame_of(kind, there.open, person), ANSWERS[kind])
    # Any member of the network may come in; until then nobody can do anything else.
    if kind == "commit to come in" and name != Name.OUTSIDER:
        assert answer["t"] == "accepted"
    else:
        # One that is not in the group cannot have made a member's commit either.
        assert answer["code"] in ("not_in_room", "bad_commit")
        assert await in_db(state, there.open) == before


@pytest.mark.parametrize("name", SUSPENDED)
@pytest.mark.parametrize("kind", ["send", "commit", "commit to come in", "fetch"])
async def test_the_suspended_are_refused_every_frame_for_a_room(server: Server, kind: str, name: Name) -> None:
    there = await in_db(stage)
    person = there.people[name]
    for group in (there.group, there.open):
        before = await in_db(state, group)
        async with socket_to(server, person.token) as socket:
            assert (await socket.ask(frame_of(kind, group, person), ANSWERS[kind]))["code"] == "suspended"
        assert await in_db(state, group) == before


async def test_nobody_gets_no_further_than_hello(server: Server) -> None:
    there = await in_db(stage)
    person = there.people[Name.NOBODY]
    async with socket_to(server) as socket:
        await socket.send({"t": "hello", "v": 1, "token": person.token})
        for kind in FRAMES:
            frame = frame_of(kind, there.group, there.people[Name.MEMBER])
            frame.setdefault("id", os.urandom(16))
            try:
                await socket.send(frame)
            except ConnectionError:
                break
            except Exception as error:
                if type(error).__name__.startswith("ConnectionClosed"):
                    break
                raise
        await socket.gone()
        (only,) = socket.arrived
        assert only.get("code") == "unauthenticated"
