"""Every actor against every frame: what each may do, and that what they may not changes nothing and reaches nobody.

The frames are those of `chat.protocol.frames`: one that is in no row of the table fails the first test.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID, uuid4

import pytest
from websockets.exceptions import ConnectionClosed

from chat.models import Device, Entry, InboxItem, Room, RoomDevice, WelcomeBlob
from chat.protocol import frames
from tests.actors import ROLES, SUSPENDED, UNKNOWN, Name, shut_out
from tests.delivery.groups import Group, settle
from tests.delivery.harness import Server, Socket, in_db, socket_to
from tests.factories import Person, cursors_of, device_of, enrolled, network

pytestmark = pytest.mark.access

SILENT_SECONDS = 1.5
"""What is noted without an answer is written once a second (chat/delivery/cursors.py)."""
SILENT = ("nothing", "noted")
CHANGES = ("accepted", "noted")
"""After these something is not as it was."""


@dataclass
class Stage:
    """Two rooms with real groups, and a Welcome in everybody's inbox.

    A private group of `member`, a friend, the suspended and `revoked`, and an open room with the friend alone. Nobody has
    been taken out of the group, so that who is shut out is so by that alone.
    """

    people: dict[Name, Person]
    friend: Person
    group: Group
    open: Group

    @property
    def rooms(self) -> list[UUID]:
        return [self.group.room, self.open.room]

    @property
    def tokens(self) -> list[bytes]:
        return [person.token_hash for person in (self.friend, *self.people.values())]


State = dict[str, dict[Any, Any]]


def state(there: Stage) -> State:
    return state_of(there.rooms, there.tokens)


def state_of(ids: list[UUID], tokens: list[bytes]) -> State:
    """All that a frame could change of these rooms and devices, by what it is of."""
    rooms, devices = Room.objects.filter(id__in=ids), Device.objects.filter(token_hash__in=tokens)
    places = RoomDevice.objects.filter(room__in=rooms).values_list("device", "room", "leaf", "removed_at", "joined_seq")
    cursors = {(device, room): cursor for room in ids for device, cursor in cursors_of(room).items()}
    return {
        "rooms": {room.id: (room.epoch, room.head, bytes(room.group_info or b"")) for room in rooms},
        "entries": {(e.room_id, e.seq): bytes(e.payload) for e in Entry.objects.filter(room__in=rooms)},
        "places": {(device, room): (cursors.get((device, room)), *rest) for device, room, *rest in places},
        "inbox": {(i.device_id, i.seq): i.entry_seq for i in InboxItem.objects.filter(device__in=devices)},
        "devices": {device.pk: (device.inbox_head, device.revoked_at) for device in devices},
    }


def of_others(own: int, found: State) -> State:
    """The same without what is of the device `own`."""
    theirs = {name: {key: value for key, value in found[name].items() if key[0] != own} for name in ("places", "inbox")}
    return found | theirs


def stage() -> Stage:
    here, elsewhere = network("Harbour"), network("Elsewhere")
    friend = enrolled(Person(), here)
    people = {name: Person() for name in Name}
    for name, person in people.items():
        if name != Name.NOBODY:
            enrolled(person, elsewhere if name == Name.OUTSIDER else here, ROLES.get(name, "member"))
    group, open_room = Group(uuid4()), Group(uuid4())
    inside = [people[name] for name in (Name.MEMBER, *SUSPENDED, Name.REVOKED)]
    settle(group, "group", inside[0], friend, *inside[1:])
    settle(open_room, "open", friend)
    # So that to acknowledge what is there is something new.
    RoomDevice.objects.filter(room__network=here).update(joined_seq=0)
    shut_out(people)
    devices = Device.objects.filter(account__network__in=(here, elsewhere))
    nowhere = Room.objects.create(id=uuid4(), network=here, kind="group")
    for device in devices:
        welcome = WelcomeBlob.objects.create(payload=b"a Welcome")
        InboxItem.objects.create(device=device, seq=1, room=nowhere, entry_seq=1, welcome=welcome)
    devices.update(inbox_head=1)
    return Stage(people, friend, group, open_room)


Answers = dict[Name, str]
Make = Callable[[Group, Person], dict[str, Any]]


def answers(rest: str, **but: str) -> Answers:
    """What each actor gets: `rest`, but the named ones. What nobody waits for is `nothing`, or `noted` when it counts.

    Whoever's token opens nothing gets no further than hello, whatever they send.
    """
    given: Answers = dict.fromkeys(Name, rest) | dict.fromkeys(SUSPENDED, but.pop("suspended", "suspended"))
    given |= {Name(name): answer for name, answer in but.items()}
    return given | {Name.NOBODY: "unauthenticated", Name.REVOKED: "revoked"}


@dataclass(frozen=True)
class Row:
    """One frame, the type of its answer where it has one, and what each actor is told who sends it for either room.

    What is of no room has its answers in `private`, and none in `open`.
    """

    frame: type[frames.Frame]
    answer: str
    private: Answers
    open: Answers | None
    make: Make
    case: str = ""

    @property
    def title(self) -> str:
        return f"{self.frame.__struct_config__.tag} {self.case}".strip()


IN_GROUP = answers("not_in_room", member="accepted")
NOTED = answers("nothing", member="noted", suspended="nothing")
OWN_INBOX = answers("noted", suspended="nothing")
MALFORMED = answers("malformed", suspended="malformed")
PONG = answers("pong", suspended="pong")

TABLE = [
    Row(frames.Hello, "", MALFORMED, None, lambda _, person: {"t": "hello", "v": 1, "token": person.token}),
    Row(frames.Send, "accepted", IN_GROUP, answers("not_in_room"), lambda group, _: group.message()),
    # Whoever is not in the group cannot have made a member's commit.
    Row(
        frames.Commit, "accepted", IN_GROUP, answers("bad_commit", outsider="not_in_room"),
        lambda group, person: group.update(person),
    ),
    # Any member of the network may come into an open room.
    Row(
        frames.Commit, "accepted", IN_GROUP, answers("accepted", outsider="not_in_room"),
        lambda group, person: group.entering(person), "to come in",
    ),
    Row(
        frames.Fetch, "page", answers("not_in_room", member="page"), answers("not_in_room"),
        lambda group, _: {"t": "fetch", "room": group.group_id, "after": 0, "limit": 10},
    ),
    Row(
        frames.Cursor, "", NOTED, answers("nothing", suspended="nothing"),
        lambda group, _: {"t": "cursor", "rooms": [[group.group_id, 1]]},
    ),
    Row(frames.InboxAck, "", OWN_INBOX, None, lambda *_: {"t": "inbox_ack", "seq": 5}),
    Row(frames.Ping, "pong", PONG, None, lambda *_: {"t": "ping"}),
]  # fmt: skip


def every_frame() -> set[type[frames.Frame]]:
    return set(get_args(frames.ClientFrame))


def test_every_frame_type_stands_in_the_table_with_an_answer_for_every_actor() -> None:
    assert {row.frame for row in TABLE} == every_frame() == set(frames.Frame.__subclasses__())
    assert all(set(expected) == set(Name) for row in TABLE for expected in (row.private, row.open or row.private))


@pytest.mark.parametrize("name", [name for name in Name if name not in UNKNOWN])
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.title)
async def test_each_actor_gets_just_what_is_theirs_of_a_private_group(server: Server, row: Row, name: Name) -> None:
    there = await in_db(stage)
    await judge(server, there, there.group, row, name, row.private[name])


@pytest.mark.parametrize("name", [name for name in Name if name not in UNKNOWN])
@pytest.mark.parametrize("row", [row for row in TABLE if row.open], ids=lambda row: row.title)
async def test_each_actor_gets_just_what_is_theirs_of_an_open_room(server: Server, row: Row, name: Name) -> None:
    there = await in_db(stage)
    assert row.open is not None
    await judge(server, there, there.open, row, name, row.open[name])


async def judge(server: Server, there: Stage, group: Group, row: Row, name: Name, expected: str) -> None:
    """Sends the frame as that actor, who has to get just what is theirs, while the friend looks on."""
    person = there.people[name]
    async with socket_to(server, there.friend.token) as friend, socket_to(server, person.token) as socket:
        await friend.expect("inbox")
        await socket.settled()
        socket.arrived.clear()
        before = await in_db(state, there)
        assert await answer(socket, row.make(group, person), row.answer) == ("" if expected in SILENT else expected)
        if expected == "nothing":
            await asyncio.sleep(SILENT_SECONDS)
        after = await in_db(state, there)
        async with asyncio.timeout(30):
            while expected == "noted" and after == before:
                await asyncio.sleep(0.05)
                after = await in_db(state, there)
        await friend.settled()
        assert (after != before) == (expected in CHANGES)
        if expected != "accepted":
            assert friend.arrived == []
            own = (await in_db(device_of, person)).pk
            assert of_others(own, after) == of_others(own, before)


@pytest.mark.parametrize("name", UNKNOWN)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.title)
async def test_whose_token_opens_nothing_gets_no_further_than_hello(server: Server, row: Row, name: Name) -> None:
    there = await in_db(stage)
    before = await in_db(state, there)
    async with socket_to(server) as socket:
        await socket.send({"t": "hello", "v": 1, "token": there.people[name].token})
        with suppress(ConnectionClosed):
            # In the group's member's name, as it would have to be.
            await socket.send({"id": os.urandom(16)} | row.make(there.group, there.people[Name.MEMBER]))
        await socket.gone()
        (only,) = socket.arrived
    assert only["code"] == row.private[name]
    assert await in_db(state, there) == before


async def answer(socket: Socket, frame: dict[str, Any], kind: str) -> str:
    """The type of what comes back, or an error's code; "" where nothing comes. `kind` is what comes when it is allowed."""
    if kind:
        came = await socket.ask(frame, kind)
    else:
        await socket.send(frame)
        await socket.settled()
        came = socket.arrived[0] if socket.arrived else {"t": ""}
    return str(came.get("code", came["t"]))
