"""`hello`, and what can come before it or instead of it."""

from __future__ import annotations

import os
from contextlib import suppress

import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.frames import Frame, Opcode

from chat.models import Account, Device, KeyPackage
from chat.protocol import limits
from tests.delivery.groups import circle
from tests.delivery.harness import Server, Socket, in_db, socket_to
from tests.factories import Person, device_of, enrolled


def hello(token: bytes, version: int = 1) -> dict[str, object]:
    return {"t": "hello", "v": version, "token": token}


async def test_ready_tells_the_rooms_of_this_device_and_what_it_has(server: Server) -> None:
    here = await in_db(circle, 2)
    person = here.members[0]
    async with socket_to(server) as socket:
        await socket.send(hello(person.token))
        ready = await socket.expect("ready")
        assert ready["account"] == person.account.bytes
        assert ready["device"] == person.device
        assert ready["rooms"] == [[here.room, 1, 1, 1]]
        packages = await in_db(lambda: KeyPackage.objects.filter(device__token_hash=person.token_hash).count())
        assert ready["key_packages_left"] == packages - 1  # the last resort does not count
        await socket.settled()
        assert socket.arrived == []


async def _refused(socket: Socket, frame: dict[str, object] | bytes) -> str:
    await socket.send(frame)
    code: str = (await socket.expect("error"))["code"]
    await socket.gone()
    assert socket.wire.close_code == 4008
    return code


async def test_an_unknown_token_is_refused_and_closed(server: Server) -> None:
    async with socket_to(server) as socket:
        assert await _refused(socket, hello(os.urandom(32))) == "unauthenticated"


async def test_a_revoked_device_is_told_so_and_closed(server: Server) -> None:
    from django.utils import timezone

    here = await in_db(circle, 1)
    person = here.members[0]
    await in_db(lambda: Device.objects.filter(token_hash=person.token_hash).update(revoked_at=timezone.now()))
    async with socket_to(server) as socket:
        await socket.send(hello(person.token))
        assert (await socket.expect("bye"))["code"] == "revoked"
        await socket.gone()
        assert socket.arrived == []


async def test_a_suspended_account_is_told_so_and_has_none_of_its_rooms(server: Server) -> None:
    from django.utils import timezone

    here = await in_db(circle, 1)
    person = here.members[0]
    await in_db(lambda: Account.objects.filter(id=person.account).update(suspended_at=timezone.now()))
    async with socket_to(server) as socket:
        await socket.send(hello(person.token))
        ready = await socket.expect("ready")
        assert (ready["suspended"], ready["rooms"]) == (True, [])


@pytest.mark.parametrize(
    "frame",
    [
        {"t": "ping", "id": bytes(16)},
        {"t": "inbox_ack", "seq": 1},
        {"t": "fetch", "id": bytes(16), "room": bytes(16), "after": 0, "limit": 1},
    ],
)
async def test_anything_before_hello_is_unauthenticated(server: Server, frame: dict[str, object]) -> None:
    async with socket_to(server) as socket:
        assert await _refused(socket, frame) == "unauthenticated"


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x80", msgspec.msgpack.encode(hello(bytes(32), 2)), os.urandom(500)])
async def test_a_hello_that_is_none_is_refused_and_closed(server: Server, data: bytes) -> None:
    async with socket_to(server) as socket:
        assert await _refused(socket, data or b"\0") in ("malformed", "unauthenticated")


async def test_text_is_refused(server: Server) -> None:
    here = await in_db(circle, 1)
    async with connect(server.address, compression=None) as wire:
        socket = Socket(wire)
        await socket.wire.send("hello")
        assert (await socket.expect("error"))["code"] == "unauthenticated"
        await socket.gone()
    async with socket_to(server, here.members[0].token) as socket:
        await socket.wire.send("hello")
        assert (await socket.expect("error"))["code"] == "malformed"
        await socket.settled()


async def test_whoever_goes_on_before_ready_is_closed_and_whoever_brings_too_much_is_dropped(server: Server) -> None:
    here = await in_db(circle, 1)
    token = here.members[0].token
    async with socket_to(server) as hasty:
        both = [hello(token), {"t": "ping", "id": bytes(16)}]
        data = b"".join(Frame(Opcode.BINARY, msgspec.msgpack.encode(frame)).serialize(mask=True) for frame in both)
        hasty.wire.transport.write(data)
        assert (await hasty.expect("error"))["code"] == "malformed"
        await hasty.gone()
        assert "pong" not in [frame["t"] for frame in hasty.arrived]
    async with socket_to(server) as large:
        with suppress(ConnectionClosed):
            await large.send(bytes(1_000_000))
        await large.gone(limits.HELLO_SECONDS - 3)
        assert large.arrived == []
    async with socket_to(server, token) as again:
        await again.settled()


async def test_a_second_hello_is_malformed(server: Server) -> None:
    here = await in_db(circle, 1)
    async with socket_to(server, here.members[0].token) as socket:
        await socket.send(hello(here.members[0].token))
        assert (await socket.expect("error"))["code"] == "malformed"


async def test_a_device_that_connects_again_takes_the_place_of_its_older_socket(server: Server) -> None:
    here = await in_db(circle, 2)
    one, two = here.members
    async with socket_to(server, one.token) as older, socket_to(server, two.token) as sender:
        async with socket_to(server, one.token) as newer:
            assert (await older.expect("bye"))["code"] == "replaced"
            await older.gone()
            await sender.ask(here.group.message(), "accepted")
            assert (await newer.expect("entries"))["items"][0][0] == 2
        assert older.entries(here.room) == []


async def test_an_account_has_twenty_sockets_at_most(server: Server) -> None:
    here = await in_db(circle, 1)
    phones = [here.members[0].second_phone() for _ in range(20)]

    def enroll(phone: Person) -> None:
        enrolled(phone, here.network)

    for phone in phones:
        await in_db(enroll, phone)
    async with socket_to(server, here.members[0].token) as first:
        opened = [await _open(server, phone) for phone in phones]
        assert (await first.expect("bye"))["code"] == "replaced"
        for socket in opened:
            await socket.settled()
            await socket.close()


async def _open(server: Server, person: Person) -> Socket:
    socket = Socket(await connect(server.address, compression=None, ping_interval=None))
    await socket.send(hello(person.token))
    await socket.expect("ready")
    return socket


async def test_a_ping_is_answered_with_its_id(server: Server) -> None:
    here = await in_db(circle, 1)
    async with socket_to(server, here.members[0].token) as socket:
        identity = os.urandom(16)
        await socket.send({"t": "ping", "id": identity})
        assert await socket.expect("pong") == {"t": "pong", "id": identity}


async def test_frames_are_never_compressed(server: Server) -> None:
    async with connect(server.address, compression="deflate") as wire:
        assert wire.protocol.extensions == []


async def test_a_frame_of_more_than_two_mebibytes_closes_the_socket(server: Server) -> None:
    here = await in_db(circle, 1)
    async with socket_to(server, here.members[0].token) as socket:
        try:
            await socket.send(bytes(3 * 1024 * 1024))
            await socket.expect("error")
        except (ConnectionClosed, ConnectionError):
            await socket.gone()
    async with socket_to(server, here.members[0].token) as socket:
        await socket.settled()
    assert (await in_db(device_of, here.members[0])).revoked_at is None
