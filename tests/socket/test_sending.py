"""`send`: durable once, delivered once, to everyone but the socket that it came from."""

from __future__ import annotations

import os
from typing import Any
from uuid import UUID

import pytest
from django.conf import settings

from chat import franking
from chat.models import Entry, Room
from tests.delivery.groups import application, circle
from tests.delivery.harness import Server, in_db, socket_to
from tests.factories import Person, enrolled


async def test_everyone_in_the_room_gets_an_accepted_message_but_its_sender_gets_no_copy(server: Server) -> None:
    here = await in_db(circle, 3, 1)
    one, two, three = here.members
    async with (
        socket_to(server, one.token) as sender,
        socket_to(server, two.token) as reader,
        socket_to(server, three.token) as another,
        socket_to(server, here.others[0].token) as outsider,
    ):
        message = here.group.message()
        answer = await sender.ask(message, "accepted")
        assert (answer["t"], answer["room"], answer["seq"]) == ("accepted", here.room, 2)
        for socket in (reader, another):
            frame = await socket.expect("entries", room=here.room)
            ((seq, time, kind, epoch, entry_id, payload, tag, frank, key),) = frame["items"]
            assert (seq, kind, epoch, entry_id) == (2, 0, 1, message["id"])
            assert (payload, tag) == (message["payload"], message["tag"])
            assert (time, frank, key) == (answer["time"], answer["frank"], answer["key"])
        for socket in (sender, outsider):
            await socket.settled()
            assert socket.arrived == []


async def test_the_senders_other_device_gets_a_copy(server: Server) -> None:
    here = await in_db(circle, 1)
    phone = here.members[0]
    tablet = phone.second_phone()

    def add_tablet() -> None:
        enrolled(tablet, here.network)
        from chat.models import RoomDevice
        from tests.factories import device_of

        RoomDevice.objects.create(room_id=here.group.room, device=device_of(tablet), leaf=1, joined_seq=1)

    await in_db(add_tablet)
    async with socket_to(server, phone.token) as sender, socket_to(server, tablet.token) as other:
        answer = await sender.ask(here.group.message(), "accepted")
        frame = await other.expect("entries", room=here.room)
        assert frame["items"][0][0] == answer["seq"]


async def test_the_frank_binds_tag_sender_room_place_and_time_under_the_hub_key(server: Server) -> None:
    here = await in_db(circle, 1)
    async with socket_to(server, here.members[0].token) as sender:
        message = here.group.message()
        answer = await sender.ask(message, "accepted")
    domain = settings.DOMAIN
    uris = franking.user_uri(domain, here.members[0].account), franking.room_uri(domain, here.group.room)
    hub_key = settings.HUB_KEYS[answer["key"]]
    context = franking.context(*uris, answer["seq"], answer["time"])
    assert franking.verify(hub_key, message["tag"], context, answer["frank"])
    assert not franking.verify(hub_key, os.urandom(32), context, answer["frank"])


async def test_a_repeated_id_is_answered_as_the_first_time_and_stored_once(server: Server) -> None:
    here = await in_db(circle, 2)
    message = here.group.message()
    async with socket_to(server, here.members[1].token) as reader:
        async with socket_to(server, here.members[0].token) as sender:
            first = await sender.ask(message, "accepted")
            again = await sender.ask(dict(message, payload=here.group.message()["payload"]), "accepted")
        async with socket_to(server, here.members[0].token) as sender:
            later = await sender.ask(message, "accepted")
            await sender.send(message)
            await sender.send(message)
            assert await sender.expect("accepted") == await sender.expect("accepted") == first
        assert first == again == later
        await reader.settled()
        assert [entry[0] for entry in reader.entries(here.room)] == [2]
    assert await in_db(lambda: Entry.objects.filter(room=here.group.room).count()) == 2


@pytest.mark.parametrize(
    ("behind", "answer"), [(0, "accepted"), (1, "accepted"), (2, "accepted"), (3, "epoch_too_old"), (-1, "stale_epoch")]
)
async def test_messages_of_the_current_epoch_and_the_two_before_it_are_accepted(
    server: Server, behind: int, answer: str
) -> None:
    here = await in_db(circle, 1)
    await in_db(lambda: Room.objects.filter(id=here.group.room).update(epoch=5))
    async with socket_to(server, here.members[0].token) as sender:
        got = await sender.ask(here.group.message(5 - behind), "accepted")
    assert got.get("code", got["t"]) == answer
    if answer != "accepted":
        assert got["epoch"] == 5


async def test_a_room_without_a_commit_takes_no_messages(server: Server) -> None:
    here = await in_db(circle, 1)
    await in_db(lambda: Room.objects.filter(id=here.group.room).update(epoch=0))
    async with socket_to(server, here.members[0].token) as sender:
        assert (await sender.ask(here.group.message(1), "accepted"))["code"] == "room_not_ready"


def _bent(message: dict[str, Any], room: bytes) -> list[dict[str, Any]]:
    payload = message["payload"]
    return [
        dict(message, payload=b"hello"),
        dict(message, payload=payload + b"\0"),
        dict(message, payload=payload[:-1]),
        dict(message, payload=payload.replace(room, os.urandom(16))),
        dict(message, payload=payload.replace(b"\x00\x01\x00\x02", b"\x00\x01\x00\x01")),
        dict(message, epoch=message["epoch"] + 1),
    ]


async def test_a_payload_that_is_no_message_of_this_room_and_epoch_is_refused(server: Server) -> None:
    here = await in_db(circle, 1)
    async with socket_to(server, here.members[0].token) as sender:
        for bent in _bent(here.group.message(), here.room):
            assert (await sender.ask(bent, "accepted"))["code"] == "malformed"
    assert await in_db(lambda: Room.objects.get(id=here.group.room).head) == 1


async def test_a_payload_of_64_kib_fits_and_one_byte_more_does_not(server: Server) -> None:
    here = await in_db(circle, 2)
    spare = len(here.group.message(size=65_000)["payload"]) - 65_000
    async with socket_to(server, here.members[0].token) as sender, socket_to(server, here.members[1].token) as reader:
        largest = here.group.message(size=65_536 - spare)
        assert len(largest["payload"]) == 65_536
        assert (await sender.ask(largest, "accepted"))["t"] == "accepted"
        assert (await reader.expect("entries"))["items"][0][5] == largest["payload"]
        too_large = await sender.ask(here.group.message(size=65_537 - spare), "accepted")
        assert too_large["code"] == "too_large"


async def test_a_message_to_a_room_one_is_not_in_is_refused_and_says_nothing_more(server: Server) -> None:
    here = await in_db(circle, 1, 1)
    async with socket_to(server, here.others[0].token) as sender:
        real = await sender.ask(here.group.message(), "accepted")
        imagined = await sender.ask(application(os.urandom(16), 1), "accepted")
        assert real["code"] == imagined["code"] == "not_in_room"
        assert real["message"] == imagined["message"]


async def test_a_suspended_account_cannot_send_on_a_socket_that_was_open_before(server: Server) -> None:
    here = await in_db(circle, 2)
    member: Person = here.members[0]
    async with socket_to(server, member.token) as sender, socket_to(server, here.members[1].token) as reader:
        await in_db(_suspend, member.account)
        assert (await sender.ask(here.group.message(), "accepted"))["code"] == "not_in_room"
        # Nobody told this process, but it looks for itself.
        assert (await sender.expect("bye"))["code"] == "suspended"
        await reader.settled()
        assert reader.entries(here.room) == []


def _suspend(account: UUID) -> None:
    from django.utils import timezone

    from chat.models import Account

    Account.objects.filter(id=account).update(suspended_at=timezone.now())
