"""The layer between processes, against real Redis servers: it passes bytes on, logs in, and comes back."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator

import pytest
from redis import Redis as Client

from chat.delivery import outside, redis_link
from chat.delivery.redis_layer import RedisLayer
from chat.protocol.events import ByeCode
from tests.support.services import Redis, wait_until


@pytest.fixture
def redis() -> Iterator[Redis]:
    with Redis() as server:
        yield server


@pytest.fixture
async def layers(redis: Redis) -> AsyncIterator[tuple[RedisLayer, RedisLayer]]:
    """Two processes' layers."""
    made = RedisLayer(redis.url), RedisLayer(redis.url)
    yield made
    for layer in made:
        await layer.close()


async def follow(layer: RedisLayer, *groups: str) -> str:
    channel = await layer.new_channel("test")
    for group in groups:
        await layer.group_add(group, channel)
    return channel


async def heard(layer: RedisLayer, channel: str, told_again: bytes | None = None) -> bytes:
    """The next that comes, but for what `until_heard` may have told more than once."""
    async with asyncio.timeout(30):
        while True:
            data: bytes = (await layer.receive(channel))["data"]
            if data != told_again:
                return data


async def until_heard(teller: RedisLayer, hearer: RedisLayer, channel: str, data: bytes) -> None:
    """Tells again and again: whoever is not yet subscribed hears nothing."""
    for _ in range(100):
        try:
            await teller.group_send("room", {"type": "test", "data": data})
            async with asyncio.timeout(0.2):
                while await heard(hearer, channel) != data:
                    pass
            return
        except (OSError, TimeoutError):
            await asyncio.sleep(0.1)
    raise AssertionError("never heard")


async def test_bytes_reach_the_groups_that_a_channel_is_in_in_order(layers: tuple[RedisLayer, RedisLayer]) -> None:
    one, other = layers
    channel = await follow(other, "room", "elsewhere")
    await until_heard(one, other, channel, b"begin")
    for number in range(1000):
        one.publish("room" if number % 2 else "elsewhere", number.to_bytes(2, "big") * 500)
    assert [await heard(other, channel, b"begin") for _ in range(1000)] == [
        n.to_bytes(2, "big") * 500 for n in range(1000)
    ]
    await other.group_discard("elsewhere", channel)
    await until_heard(one, other, channel, b"still here")
    await one.group_send("elsewhere", {"type": "test", "data": b"not for it"})
    await one.group_send("room", {"type": "test", "data": b"for it"})
    assert await heard(other, channel, b"still here") == b"for it"


async def test_it_comes_back_to_a_server_that_was_killed(redis: Redis, layers: tuple[RedisLayer, RedisLayer]) -> None:
    one, other = layers
    channel = await follow(other, "room")
    await until_heard(one, other, channel, b"before")
    await asyncio.to_thread(redis.kill)
    with pytest.raises(OSError):  # noqa: PT011 (which one depends on who notices first)
        await one.group_send("room", {"type": "test", "data": b"lost"})
    await asyncio.to_thread(redis.start)
    await until_heard(one, other, channel, b"after")


async def test_more_groups_than_may_wait_to_be_written_are_all_subscribed_anew(
    redis: Redis, layers: tuple[RedisLayer, RedisLayer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Names of a kilobyte, so that the system's own buffers do not take them all; what is sent at once has to fit."""
    monkeypatch.setattr(redis_link, "MAX_UNSENT_BYTES", 1_000_000)
    one, other = layers
    names = [f"{number:05}".rjust(1000, "x") for number in range(16_000)]
    await asyncio.to_thread(redis.kill)
    channel = await follow(other, *names, "room")
    gone = names.pop(9000)
    await other.group_discard(gone, channel)
    await asyncio.to_thread(redis.start)
    await until_heard(one, other, channel, b"after")
    with Client(port=redis.port) as client:
        assert len(client.pubsub_channels()) == len(names) + 1
    for name in (names[0], names[-1]):
        await one.group_send(name, {"type": "test", "data": name.encode()})
        assert await heard(other, channel) == name.encode()


async def test_it_logs_in_and_says_when_it_may_not(redis: Redis) -> None:
    Client(port=redis.port).config_set("requirepass", "p:ss/word")
    place = f"127.0.0.1:{redis.port}"
    stranger, friend = RedisLayer(f"redis://{place}"), RedisLayer(f"redis://:p%3Ass%2Fword@{place}")
    with pytest.raises(ConnectionError, match="refuses"):
        await stranger.group_send("room", {"type": "test", "data": b""})
    channel = await follow(friend, "room")
    await until_heard(friend, friend, channel, b"in")
    for layer in (stranger, friend):
        await layer.close()


async def test_a_server_that_is_not_there_is_an_error_at_once() -> None:
    layer = RedisLayer("redis://127.0.0.1:1")
    with pytest.raises(OSError):  # noqa: PT011 (systems word it differently)
        await layer.connected()
    with pytest.raises(ConnectionError):
        layer.publish("room", b"")
    await layer.close()


async def test_one_that_takes_connections_and_answers_nothing_is_left_with_none(
    redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Frozen, or behind a proxy that lost it: each try would keep a socket for ever."""
    monkeypatch.setattr(redis_link, "CONNECT_SECONDS", 0.1)
    assert redis.process is not None
    process = redis.process
    with Client(port=redis.port, client_name="this-test") as client:
        client.ping()
        process.send_signal(signal.SIGSTOP)
        try:
            layer = RedisLayer(redis.url)
            for _ in range(5):
                with pytest.raises(TimeoutError):
                    await layer.connected()
        finally:
            process.send_signal(signal.SIGCONT)
        assert await asyncio.to_thread(_settled, client) == ["this-test"]
    await layer.close()


def _settled(client: Client) -> list[str]:
    """The names of the server's clients, once it has seen who left while it was frozen."""

    def names() -> list[str]:
        return [each["name"] for each in client.client_list()]

    wait_until(lambda: len(names()) == 1, 2)
    return names()


def test_what_a_process_without_sockets_tells_is_lost_without_redis_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """What comes after telling is done all the same: whoever was shut out is also taken out of the rooms."""
    monkeypatch.setattr(outside, "shared_layer", lambda: RedisLayer("redis://127.0.0.1:1"))
    outside.cut_off([1], ByeCode.SUSPENDED)
    assert "other processes find out by looking: ConnectionRefusedError" in caplog.text
