"""What a device may do a second, and what waits for too long."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from chat.delivery.rates import Bucket
from chat.protocol import limits
from tests.delivery.groups import circle
from tests.delivery.harness import Server, Store, in_db, socket_to


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
        messages = [here.group.message() for _ in range(450)]
        for message in messages:
            await sender.send(message)
        await sender.settled()
        await sender.until(lambda: len(sender.arrived) == 450)
        refused = [frame for frame in sender.arrived if frame["t"] == "error"]
        assert {frame["code"] for frame in refused} == {"rate_limited"}
        assert 0 < len(refused) <= 50
        assert all(0 < frame["retry_after_ms"] <= 1000 for frame in refused)
        await asyncio.sleep(refused[0]["retry_after_ms"] / 1000)
        assert (await sender.ask(here.group.message(), "accepted"))["t"] == "accepted"
    # Connecting again does not fill the bucket; another device has one of its own.
    async with socket_to(strict, here.members[0].token) as again, socket_to(strict, here.members[1].token) as other:
        answers = [await again.ask(here.group.message(), "accepted") for _ in range(40)]
        assert "rate_limited" in {answer.get("code") for answer in answers}
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
        assert (await socket.expect("error", limits.HELLO_SECONDS + 5))["code"] == "unauthenticated"
        await socket.gone()
        assert asyncio.get_running_loop().time() - begun > limits.HELLO_SECONDS - 1
