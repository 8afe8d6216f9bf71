"""However many rooms of cases somebody's phone is in: asking for help, notes, talks and newcomers go on."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64decode
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from chat.models import Account, Device, Network, Room, RoomDevice
from moderation.models import Case
from tests import factories
from tests.delivery.groups import Group
from tests.delivery.harness import Server, in_db, post, socket_to
from tests.factories import Person, device_of, enrolled

MANY = 1_000


def people() -> dict[str, Person]:
    """A network whose moderator, and whose member too, are in more rooms of open and closed cases than anybody counts."""
    network = factories.network()
    roles = {"member": "member", "moderator": "moderator", "coordinator": "coordinator"}
    found = {name: enrolled(Person(), network, role) for name, role in roles.items()}
    fill(network, [device_of(found[name]) for name in ("member", "moderator")])
    return found


def fill(network: Network, devices: list[Device]) -> None:
    opener = Account.objects.get(id=enrolled(Person(), network).account)
    rooms = Room.objects.bulk_create(
        Room(id=uuid4(), network=network, kind="notes" if n % 4 == 0 else "case", epoch=1) for n in range(MANY)
    )
    RoomDevice.objects.bulk_create(
        RoomDevice(room=room, device=device, leaf=leaf) for room in rooms for leaf, device in enumerate(devices)
    )
    now = timezone.now() - timedelta(days=30)
    Case.objects.bulk_create(
        Case(
            id=uuid4(),
            network=network,
            room=room,
            opened_by=opener,
            concern="other",
            urgency="soon",
            opened_at=now,
            due_at=now,
            state="closed" if n % 2 else "unclaimed",
            closed_at=now if n % 2 else None,
        )
        for n, room in enumerate(room for room in rooms if room.kind == "case")
    )


async def asked(server: Server, person: Person, path: str, body: object) -> Any:
    status, answer = await asyncio.to_thread(post, server, f"/api/v1{path}", person, body)
    assert status == 200, answer
    return answer


async def founded(server: Server, person: Person, room: str, others: list[Person]) -> tuple[Group, dict[str, Any]]:
    """The group of a room that the server knows, founded with all of these, and what the server says to that."""
    accounts = {str(other.account): other for other in others}
    claimed = await asked(server, person, f"/rooms/{room}/claim", {"accounts": list(accounts)})
    assert claimed["missing"] == []
    packages = [(accounts[one["account"]], bytes_of(one["key_package"])) for one in claimed["packages"]]
    assert {other.account for other, _ in packages} == {other.account for other in others}
    group = Group(UUID(room))
    frame = group.founding(person, packages)
    async with socket_to(server, person.token) as socket:
        answer = await socket.ask(frame, "accepted")
    group.won(frame)
    return group, answer


def bytes_of(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


async def test_a_question_reaches_all_of_the_staff_and_so_do_the_notes_on_it(server: Server) -> None:
    here = await in_db(people)
    member, staff = here["member"], [here["moderator"], here["coordinator"]]
    room, case = str(uuid4()), str(uuid4())
    body = await asked(server, member, "/cases", {"id": case, "room": room, "concern": "danger", "urgency": "now"})
    assert sorted(body["staff"]) == sorted(str(one.account) for one in staff)
    async with AsyncExitStack() as stack:
        sockets = [await stack.enter_async_context(socket_to(server, one.token)) for one in staff]
        group, answer = await founded(server, member, room, staff)
        assert answer["t"] == "accepted"
        for socket in sockets:
            (item,) = (await socket.expect("inbox"))["items"]
            assert item[2] == group.group_id
        async with socket_to(server, member.token) as socket:
            assert (await socket.ask(group.message(), "accepted"))["t"] == "accepted"
        for socket in sockets:
            await socket.until(lambda socket=socket: bool(socket.entries(group.group_id)))  # type: ignore[misc] # a lambda with a default
    notes = str(uuid4())
    assert (await asked(server, here["moderator"], f"/cases/{case}/notes", {"room": notes}))["notes"] == notes
    _, answer = await founded(server, here["moderator"], notes, [here["coordinator"]])
    assert answer["t"] == "accepted"


async def test_a_phone_in_so_many_rooms_connects_and_is_told_of_all_of_them(server: Server) -> None:
    here = await in_db(people)
    async with socket_to(server) as socket:
        await socket.send({"t": "hello", "v": 1, "token": here["moderator"].token})
        assert len((await socket.expect("ready"))["rooms"]) == MANY
