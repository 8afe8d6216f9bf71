"""Processes, stores and networks that fail at the worst moment: nothing that was promised is lost, doubled or mixed up."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from tests.conftest import Judged
from tests.delivery.committing import commits_meanwhile
from tests.delivery.cutting import Cutting
from tests.delivery.groups import Circle, circle
from tests.delivery.harness import Server, Socket, Store, in_db, socket_to
from tests.delivery.member import disorder
from tests.delivery.outcomes import judge_sockets, under_load
from tests.delivery.test_log import log_of

pytestmark = pytest.mark.faults


@pytest.fixture
def mortal_server(store_by_round: Store) -> Iterator[Server]:
    asgi = "daphne" if store_by_round.postgres is None else "uvicorn"
    with Server(store_by_round, asgi=asgi) as made:
        yield made


async def test_a_process_killed_under_load_loses_nothing_that_was_accepted(
    mortal_server: Server, judged: Judged
) -> None:
    server = mortal_server

    async def kill_and_start_again() -> None:
        for _ in range(2):
            await asyncio.to_thread(server.end, signal.SIGKILL)
            await asyncio.sleep(0.1)
            await asyncio.to_thread(server.start)
            await asyncio.sleep(random.random())

    here, changing = await in_db(circle, 12), await in_db(circle, 4)
    async with commits_meanwhile(changing, [lambda: server.address], judged) as committing:
        members = await under_load(here, [lambda: server.address], kill_and_start_again, judged)
    assert all(member.connections > 1 for member in [*members, *committing])
    assert {bye for member in members for bye in member.byes} == set()


async def test_a_process_that_is_asked_to_stop_answers_says_goodbye_and_loses_nothing(
    mortal_server: Server, judged: Judged
) -> None:
    server = mortal_server
    took: list[float] = []

    async def stop_and_start_again() -> None:
        begun = time.monotonic()
        status = await asyncio.to_thread(server.end, signal.SIGTERM)
        took.append(time.monotonic() - begun)
        assert status in (0, -signal.SIGTERM)
        await asyncio.to_thread(server.start)

    here = await in_db(circle, 12)
    members = await under_load(here, [lambda: server.address], stop_and_start_again, judged)
    # Whoever came back before the process had gone was told again.
    assert [set(member.byes) for member in members] == [{"draining"}] * 12
    assert took[0] < 30


async def test_a_socket_that_opens_while_the_process_drains_is_sent_elsewhere(own_server: Server) -> None:
    here = await in_db(circle, 2)
    async with socket_to(own_server, here.members[0].token) as staying:
        assert own_server.process is not None
        own_server.process.send_signal(signal.SIGTERM)
        bye = await staying.expect("bye")
        assert bye["retry_after_ms"] > 0
        await staying.gone()
    assert await asyncio.to_thread(own_server.process.wait, 60) == 0


async def test_a_second_signal_ends_the_process_without_waiting(own_server: Server) -> None:
    here = await in_db(circle, 1)
    async with socket_to(own_server, here.members[0].token):
        assert own_server.process is not None
        own_server.process.send_signal(signal.SIGINT)
        own_server.process.send_signal(signal.SIGINT)
        assert await asyncio.to_thread(own_server.process.wait, 10) == 0


async def test_a_client_that_stops_reading_is_cut_off_and_slows_nobody(mortal_server: Server, judged: Judged) -> None:
    here = await in_db(circle, 3)
    one, two, stuck = here.members
    async with socket_to(mortal_server, one.token) as sender, socket_to(mortal_server, two.token) as reader:
        accepted: dict[bytes, int] = {}

        async def waits() -> list[float]:
            """What answers take while more is sent than buffers hold."""
            seconds = []
            for _ in range(200):
                begun = time.monotonic()
                answer = await sender.ask(here.group.message(size=60_000), "accepted")
                seconds.append(time.monotonic() - begun)
                accepted[answer["id"]] = answer["seq"]
            return sorted(seconds)

        usual = await waits()
        with _stops_reading(mortal_server, stuck.token) as wire:
            await asyncio.sleep(0.3)
            slow = await waits()
            assert await asyncio.to_thread(_is_cut, wire)
        await reader.settled()
        # Noise of the machine lengthens some of them; waiting for whoever does not read would lengthen one to seconds.
        assert slow[100] < max(0.1, 3 * usual[100]), (slow[100], usual[100])
        assert slow[-1] < max(2.0, 3 * usual[-1]), (slow[-1], usual[-1])
        stored = await in_db(log_of, here.group.room)
        judged(judge_sockets(here.room, stored, accepted, (sender, accepted), (reader, {})), len(accepted))
    # It comes back, with a place to go on from.
    async with socket_to(mortal_server, stuck.token) as back:
        page = await back.ask({"t": "fetch", "room": here.room, "after": 1, "limit": 3}, "page")
        assert [entry[0] for entry in page["items"]] == [2, 3, 4]


async def test_whoever_is_cut_off_for_not_reading_is_told_so_and_when_to_come_back(mortal_server: Server) -> None:
    here = await in_db(circle, 2)
    async with socket_to(mortal_server, here.members[0].token) as sender:
        # A machine that is so slow that its five seconds to read that were over gets another try.
        for _ in range(3):
            if (last := await _last_frame_of_a_late_reader(mortal_server, here, sender)).get("t") == "bye":
                break
        assert (last["t"], last["code"]) == ("bye", "slow")
        assert last["retry_after_ms"] > 0


async def _last_frame_of_a_late_reader(server: Server, here: Circle, sender: Socket) -> dict[str, Any]:
    async with connect(server.address, max_size=None, compression=None, ping_interval=None, max_queue=1) as wire:
        await wire.send(msgspec.msgpack.encode({"t": "hello", "v": 1, "token": here.members[1].token}))
        frames: list[dict[str, Any]] = [msgspec.msgpack.decode(await wire.recv(decode=False))]
        await asyncio.gather(*(sender.ask(here.group.message(size=60_000), "accepted") for _ in range(300)))
        with suppress(ConnectionClosed):
            while True:
                frames.append(msgspec.msgpack.decode(await wire.recv(decode=False)))
        return frames[-1]


@contextmanager
def _stops_reading(server: Server, token: bytes) -> Iterator[socket.socket]:
    """A connection that says hello and reads nothing."""
    with socket.socket() as wire:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        wire.connect(("127.0.0.1", server.port))
        wire.sendall(
            b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        )
        hello = msgspec.msgpack.encode({"t": "hello", "v": 1, "token": token})
        wire.sendall(bytes((0x82, 0x80 | len(hello))) + bytes(4) + hello)
        yield wire


def _is_cut(wire: socket.socket) -> bool:
    """Whether the connection ends within half a minute for whoever reads at last."""
    wire.settimeout(30)
    try:
        while wire.recv(1 << 20):
            pass
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return True


async def test_a_network_cut_in_the_middle_of_a_frame_leaves_nothing_behind(mortal_server: Server) -> None:
    here = await in_db(circle, 2)
    async with socket_to(mortal_server, here.members[1].token) as reader:
        for cut in (1, 3, 8, 200, 1000):
            async with socket_to(mortal_server, here.members[0].token) as sender:
                frame = msgspec.msgpack.encode(here.group.message(size=2000))
                data = bytes((0x82, 0xFE)) + len(frame).to_bytes(2, "big") + bytes(4) + frame
                transport = sender.wire.transport
                transport.write(data[:cut])
                await asyncio.sleep(0.05)
                transport.abort()
        await reader.settled()
        assert reader.entries(here.room) == []
    assert len(await in_db(log_of, here.group.room)) == 1


async def test_a_client_whose_network_is_cut_in_the_middle_of_frames_again_and_again_gets_everything_once(
    mortal_server: Server, judged: Judged
) -> None:
    here, changing = await in_db(circle, 8), await in_db(circle, 4)
    async with Cutting(mortal_server.address) as way:

        async def cut() -> None:
            way.on = True
            async with asyncio.timeout(60):
                while min(way.cuts["client"], way.cuts["server"]) < 30:  # noqa: ASYNC110 (a network tells nobody)
                    await asyncio.sleep(0.05)
            way.on = False

        async with commits_meanwhile(changing, [lambda: way.address], judged) as committing:
            members = await under_load(here, [lambda: way.address], cut, judged)
    for some in (members, committing):
        assert any(member.connections > 1 for member in some)


async def test_frames_sent_twice_and_replayed_later_are_stored_once(mortal_server: Server, judged: Judged) -> None:
    here = await in_db(circle, 2)
    frames = [here.group.message() for _ in range(50)]
    accepted: dict[bytes, int] = {}
    async with socket_to(mortal_server, here.members[1].token) as reader:
        copies = 0
        for person in (here.members[0], here.members[0]):
            async with socket_to(mortal_server, person.token) as sender:
                for frame in [*frames, *reversed(frames)]:
                    await sender.send(frame)
                answers = [await sender.expect("accepted") for _ in range(100)]
                assert len({(answer["id"], answer["seq"], answer["frank"]) for answer in answers}) == 50
                accepted |= {answer["id"]: answer["seq"] for answer in answers}
                await sender.settled()
                copies += len(sender.entries(here.room))
        await reader.settled()
        stored = await in_db(log_of, here.group.room)
        in_order = {frame["id"]: accepted[frame["id"]] for frame in frames}
        found = judge_sockets(here.room, stored, accepted, (reader, {}))
        judged({**found, "copies": copies, "own order": disorder(in_order.values())}, len(accepted))
        assert len(stored) == 51


async def test_a_commit_under_the_id_of_a_message_is_refused_and_the_message_stays_answered(own_server: Server) -> None:
    here = await in_db(circle, 1)
    identity = os.urandom(16)
    async with socket_to(own_server, here.members[0].token) as sender:
        message = dict(here.group.message(), id=identity)
        first = await sender.ask(message, "accepted")
        taken = await sender.ask(dict(here.group.update(here.members[0]), id=identity), "accepted")
        assert taken["code"] == "malformed"
        assert await sender.ask(message, "accepted") == first
        room: UUID = here.group.room
        assert len(await in_db(log_of, room)) == 2
