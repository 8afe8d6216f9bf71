"""An entry's id is known to all who were in the room: its repetition tells nobody anything who could not have sent it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from chat.models import Account, Device, Entry, RoomDevice
from tests.actors import ROLES, SUSPENDED, Name
from tests.delivery.groups import Group, settle
from tests.delivery.harness import Server, in_db, socket_to
from tests.factories import Person, device_of, enrolled, network

pytestmark = pytest.mark.access

OTHERS = (
    "friend", "other device", "taken out", "removed", Name.OTHER_MEMBER, Name.OUTSIDER, Name.MODERATOR, Name.COORDINATOR,
    *SUSPENDED,
)  # fmt: skip
"""Everybody but the device that sent it: a friend in the room, the sender's own second device there, one whose removal is
pending, one of which the room keeps nothing, and those who never were in it."""


@dataclass
class Stage:
    """A private group in which `member` sent what is repeated."""

    people: dict[str, Person]
    group: Group

    @property
    def sender(self) -> Person:
        return self.people[Name.MEMBER]


def stage(kind: str) -> Stage:
    here, elsewhere = network("Harbour"), network("Elsewhere")
    people: dict[str, Person] = {name: Person() for name in Name if name != Name.NOBODY}
    people |= {name: Person() for name in ("friend", "taken out", "removed")}
    people["other device"] = people[Name.MEMBER].second_phone()
    for name, person in people.items():
        enrolled(person, elsewhere if name == Name.OUTSIDER else here, dict(ROLES).get(name, "member"))  # type: ignore[call-overload]
    Account.objects.filter(id__in=[people[name].account for name in SUSPENDED]).update(suspended_at=timezone.now())
    group = Group(uuid4())
    inside = ("friend", "other device", "taken out", "removed")
    settle(group, kind, people[Name.MEMBER], *(people[name] for name in inside))
    return Stage(people, group)


def put_out(there: Stage) -> None:
    places = RoomDevice.objects.filter(room=there.group.room)
    places.filter(device=device_of(there.people["taken out"])).update(removed_at=timezone.now())
    places.filter(device=device_of(there.people["removed"])).delete()


async def sent(server: Server, there: Stage, kind: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the sender sent, and the first answer."""
    frame = there.group.update(there.sender) if kind == "commit" else there.group.message()
    async with socket_to(server, there.sender.token) as socket:
        answer = await socket.ask(frame, "accepted")
    assert answer["t"] == "accepted"
    return frame, answer


def without_id(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in ("id", "n")}


@pytest.mark.parametrize("kind", ["group", "open"])
@pytest.mark.parametrize("name", OTHERS)
async def test_a_commit_that_another_device_sent_is_answered_like_one_with_an_unknown_id(
    server: Server, name: str, kind: str
) -> None:
    there = await in_db(stage, kind)
    frame, _ = await sent(server, there, "commit")
    await in_db(put_out, there)
    async with socket_to(server, there.people[name].token) as socket:
        unknown = await socket.ask(dict(frame, id=os.urandom(16)), "accepted")
        while_kept = await socket.ask(frame, "accepted")
        await in_db(lambda: Entry.objects.filter(room=there.group.room, entry_id=frame["id"]).delete())
        gone = await socket.ask(frame, "accepted")
    assert unknown["t"] == "error"
    assert without_id(while_kept) == without_id(gone) == without_id(unknown)


@pytest.mark.parametrize("name", [name for name in OTHERS if name not in ("friend", "other device")])
async def test_a_message_is_answered_like_one_with_an_unknown_id_to_all_who_are_not_in_the_room(
    server: Server, name: str
) -> None:
    there = await in_db(stage, "group")
    frame, _ = await sent(server, there, "send")
    await in_db(put_out, there)
    async with socket_to(server, there.people[name].token) as socket:
        unknown = await socket.ask(dict(frame, id=os.urandom(16)), "accepted")
        assert without_id(await socket.ask(frame, "accepted")) == without_id(unknown)
    assert unknown["t"] == "error"


@pytest.mark.parametrize("kind", ["commit", "send"])
async def test_the_device_that_sent_it_gets_the_first_answer_again(server: Server, kind: str) -> None:
    there = await in_db(stage, "group")
    frame, first = await sent(server, there, kind)
    async with socket_to(server, there.sender.token) as socket:
        assert await socket.ask(frame, "accepted") == first
    async with socket_to(server, there.sender.token) as socket:
        assert await socket.ask(frame, "accepted") == first


@pytest.mark.parametrize("kind", ["group", "open"])
async def test_the_device_that_sent_it_and_was_put_out_since_gets_no_answer_of_then(server: Server, kind: str) -> None:
    there = await in_db(stage, kind)
    frame, _ = await sent(server, there, "commit")
    await in_db(
        lambda: RoomDevice.objects.filter(room=there.group.room, device=device_of(there.sender)).update(
            removed_at=timezone.now()
        )
    )
    async with socket_to(server, there.sender.token) as socket:
        unknown = await socket.ask(dict(frame, id=os.urandom(16)), "accepted")
        assert without_id(await socket.ask(frame, "accepted")) == without_id(unknown)
    assert unknown["t"] == "error"


async def test_a_new_commit_under_an_id_that_another_entry_has_is_refused_and_changes_nothing(server: Server) -> None:
    there = await in_db(stage, "group")
    frame, _ = await sent(server, there, "send")
    friend = there.people["friend"]
    async with socket_to(server, friend.token) as socket:
        commit = there.group.update(friend)
        taken = await socket.ask(dict(commit, id=frame["id"]), "accepted")
        assert taken["code"] == "malformed"
        assert (await socket.ask(commit, "accepted"))["seq"] == 3


async def test_a_commit_that_differs_from_the_one_with_its_id_is_judged_by_itself(server: Server) -> None:
    there = await in_db(stage, "group")
    frame, _ = await sent(server, there, "commit")
    async with socket_to(server, there.sender.token) as socket:
        other = dict(there.group.update(there.sender), id=frame["id"])
        assert (await socket.ask(other, "accepted"))["code"] == "stale_epoch"


async def test_a_leaf_that_another_device_has_now_repeats_nothing_of_the_one_before(server: Server) -> None:
    """The server keeps where devices are in the group, and not who was there before."""
    there = await in_db(stage, "group")
    frame, first = await sent(server, there, "commit")
    newcomer = there.people[Name.OTHER_MEMBER]

    def takes_the_place() -> None:
        places = RoomDevice.objects.filter(room=there.group.room)
        leaf = places.get(device=device_of(there.sender)).leaf
        places.filter(device=device_of(there.sender)).delete()
        Device.objects.filter(pk=device_of(newcomer).pk).update(signature_key=newcomer.mls.public)
        RoomDevice.objects.create(
            room_id=there.group.room, device=device_of(newcomer), leaf=leaf, joined_seq=first["seq"] + 1
        )

    await in_db(takes_the_place)
    async with socket_to(server, newcomer.token) as socket:
        assert (await socket.ask(frame, "accepted"))["code"] == "stale_epoch"
