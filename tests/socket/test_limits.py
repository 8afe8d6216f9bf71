"""What a device may do a second, and what waits for too long."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from chat import consumers
from chat.delivery.hub import Hub
from chat.delivery.rates import Bucket
from chat.delivery.requests import MAX_QUEUED, Requests
from chat.protocol import frames, limits
from chat.protocol.errors import Code, ProtocolError
from tests.delivery.groups import circle
from tests.delivery.harness import Server, Store, in_db, socket_to
from tests.delivery.test_hub import ROOM, batch, connection


@pytest.fixture(scope="module")
def strict(database_allowed: None) -> Iterator[Server]:
    """A server with the limits of real life."""
    with Store() as store, Server(store, RATE_SCALE="1") as made:
        yield made


def test_a_bucket_gives_its_burst_at_once_and_its_rate_in_the_long_run() -> None:
    bucket = Bucket((10.0, 5.0), 100.0)
    assert [bucket.take(1, 100.0) for _ in range(6)] == [0, 0, 0, 0, 0, 101]
    assert bucket.take(1, 100.05) == 51
    assert bucket.take(1, 100.11) == 0
    # A clock that goes back gives nothing and takes nothing.
    assert bucket.take(1, 50.0) > 0
    assert sum(bucket.take(1, 50.0 + tick / 100) == 0 for tick in range(1000)) == pytest.approx(100, abs=6)


async def test_a_device_sends_four_hundred_at_once_and_then_is_told_when_to_go_on(strict: Server) -> None:
    here = await in_db(circle, 2)
    async with socket_to(strict, here.members[0].token) as sender:
        # So many more that no machine is too slow for the limit, which lets twenty a second through.
        messages = [here.group.message() for _ in range(800)]
        for message in messages:
            await sender.send(message)
        await sender.settled()
        await sender.until(lambda: len(sender.arrived) == 800)
        refused = [frame for frame in sender.arrived if frame["t"] == "error"]
        assert {frame["code"] for frame in refused} == {"rate_limited"}
        assert 0 < len(refused) <= 400
        assert all(0 < frame["retry_after_ms"] <= 1000 for frame in refused)
        await asyncio.sleep(refused[0]["retry_after_ms"] / 1000)
        assert (await sender.ask(here.group.message(), "accepted"))["t"] == "accepted"
    # Connecting again does not fill the bucket; another device has one of its own.
    async with socket_to(strict, here.members[0].token) as again, socket_to(strict, here.members[1].token) as other:
        for _ in range(200):
            await again.send(here.group.message())
        await again.until(lambda: len(again.arrived) == 200)
        assert "rate_limited" in {answer.get("code") for answer in again.arrived}
        assert (await other.ask(here.group.message(), "accepted"))["t"] == "accepted"


async def test_whoever_goes_on_regardless_is_closed(strict: Server) -> None:
    here = await in_db(circle, 1)
    async with socket_to(strict, here.members[0].token) as socket:
        for _ in range(2500):
            await socket.send(b"\xc1")
            if socket.closed.is_set():
                break
        await socket.gone()
        assert {frame["code"] for frame in socket.arrived} == {"malformed", "rate_limited"}


async def test_more_requests_than_sixteen_at_once_are_refused_not_gathered(strict: Server) -> None:
    here = await in_db(circle, 1)
    async with socket_to(strict, here.members[0].token) as socket:
        for number in range(100):
            fetch = {"t": "fetch", "id": number.to_bytes(16, "big"), "room": here.room, "after": 0, "limit": 500}
            await socket.send(fetch)
        await socket.until(lambda: len(socket.arrived) == 100)
        answers = [frame["t"] for frame in socket.arrived]
        assert set(answers) <= {"page", "error"}
        assert answers.count("page") >= 16
        assert {frame["code"] for frame in socket.arrived if frame["t"] == "error"} <= {"rate_limited"}


async def test_a_socket_that_says_nothing_is_closed_after_ten_seconds(strict: Server) -> None:
    async with socket_to(strict) as socket:
        begun = asyncio.get_running_loop().time()
        assert (await socket.expect("error", limits.HELLO_SECONDS + 30))["code"] == "unavailable"
        await socket.gone()
        assert asyncio.get_running_loop().time() - begun > limits.HELLO_SECONDS - 1


async def test_a_device_that_says_hello_again_and_again_is_told_when_to_come_and_keeps_its_socket(
    strict: Server,
) -> None:
    here = await in_db(circle, 1)
    token = here.members[0].token
    async with AsyncExitStack() as opened:
        sockets = [await opened.enter_async_context(socket_to(strict)) for _ in range(20)]
        first = await opened.enter_async_context(socket_to(strict, token))
        for number in range(900):
            await first.send({"t": "ping", "id": number.to_bytes(16, "big")})
        await first.settled()
        for socket in sockets:
            await socket.send({"t": "hello", "v": 1, "token": token})
        async with asyncio.timeout(20):
            while sum(not socket.closed.is_set() for socket in sockets) > 1:  # noqa: ASYNC110 (each tells for itself)
                await asyncio.sleep(0.05)
        byes = [frame for socket in sockets for frame in socket.arrived if frame["t"] == "bye"]
        assert {frame["code"] for frame in byes} <= {"rate_limited", "replaced"}
        refused = [frame["retry_after_ms"] for frame in byes if frame["code"] == "rate_limited"]
        assert refused
        assert all(0 < wait <= 300 for wait in refused)
        # Those that were refused took nobody's place.
        newest = [socket for socket in sockets if not socket.closed.is_set()]
        assert [frame["t"] for frame in newest[0].arrived] == ["ready"]
        await newest[0].settled()
        await asyncio.sleep(0.5)
        async with socket_to(strict, token) as again:
            await again.settled()


async def test_large_messages_count_by_their_size(strict: Server) -> None:
    here = await in_db(circle, 1)
    async with socket_to(strict, here.members[0].token) as sender:
        for _ in range(80):
            await sender.send(here.group.message(size=60_000))
        await sender.until(lambda: len(sender.arrived) == 80, 60)
        accepted = [frame for frame in sender.arrived if frame["t"] == "accepted"]
        assert {frame["code"] for frame in sender.arrived if frame["t"] == "error"} == {"rate_limited"}
        assert 400 // 15 <= len(accepted) < 70


async def test_a_request_that_finds_no_place_costs_nothing() -> None:
    delivery: Any = None
    one, _ = connection(1)
    requests = Requests(delivery, one)
    bucket = Bucket((0.001, 100.0), 0.0)
    for _ in range(MAX_QUEUED):
        requests.put(frames.Fetch(bytes(16), ROOM.bytes, 0, 1), bucket)
    for _ in range(50):
        with pytest.raises(ProtocolError):
            requests.put(frames.Fetch(bytes(16), ROOM.bytes, 0, 1), bucket)
    requests.cancel()
    bucket.spend(100 - MAX_QUEUED - 1)
    assert bucket.take(1, 0.0) == 0
    assert bucket.take(1, 0.0) > 0


def socket_of(delivery: Any = None) -> consumers.Socket:
    """A socket whose server is nobody."""

    async def nothing(_: Any = None) -> dict[str, Any]:
        return {}

    return consumers.Socket(delivery, nothing, nothing)  # type: ignore[arg-type] # stand-ins


async def test_refusals_are_forgiven_with_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(consumers, "monotonic", lambda: now[0])
    socket = socket_of()
    one, memory = connection(1)
    socket._connection = one

    def refuse(times: int) -> bool:
        for _ in range(times):
            socket._answer_refusal(ProtocolError(Code.RATE_LIMITED, retry_after_ms=1), None)
        return one.closing

    assert not refuse(1000)
    now[0] += 10
    assert not refuse(200)
    assert len(memory.frames) == 1200
    assert refuse(1)


async def test_an_acknowledgement_of_what_only_a_page_brought_counts() -> None:
    noted: list[tuple[UUID, int, int]] = []
    delivery: Any = SimpleNamespace(cursors=SimpleNamespace(note=lambda *given: noted.append(given)))
    socket = socket_of(delivery)
    one, _ = connection(1)
    socket._connection = one
    hub = Hub()
    hub.add(one)
    hub.subscribe(ROOM, one, 5)

    def acknowledged(seq: int) -> int:
        socket._note_cursors([(ROOM.bytes, seq)])
        return noted[-1][2]

    assert (acknowledged(4), acknowledged(9)) == (4, 5)
    one.paged(ROOM.bytes, 8)
    assert (acknowledged(7), acknowledged(9)) == (7, 8)
    hub.take(batch(6, 5))
    assert acknowledged(12) == 10
    one.paged(ROOM.bytes, 10)
    assert not one.heads
