"""A Channels layer over Redis pub/sub for messages that are bytes already.

With channels_redis a message costs a process more than writing it to fifty sockets does: a task, timeouts, an encoder
and a parser in Python for each. Here publishing is one write, and whatever arrives together is read together. Like any
pub/sub it promises nothing: what is lost is found by seq (repair.py).
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections import defaultdict, deque
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from channels.layers import BaseChannelLayer

from chat.delivery.redis_link import CONNECT_SECONDS, Link, connect

logger = logging.getLogger(__name__)

MAX_WAITING = 10_000
"""Messages that may wait for whoever receives a channel; more are lost."""
RETRY_SECONDS = 0.5
SUBSCRIBED_AT_ONCE = 500
"""Groups in one command."""

_Answers = deque[asyncio.Future[Any] | None]


class _Publisher:
    """Replies come in the order of the commands."""

    def __init__(self) -> None:
        self._answers: _Answers = deque()
        self._link: Link | None = None
        self._connecting = asyncio.Lock()
        self._watching: asyncio.Task[None] | None = None

    async def connected(self, url: str) -> None:
        async with self._connecting:
            if self._link is None or self._link.lost.is_set():
                answers: _Answers = deque()
                self._link = await connect(url, partial(_answer, answers))
                self._answers = answers
                self._watching = asyncio.create_task(_watch(self._link, answers))

    def publish(self, channel: bytes, data: bytes, answer: asyncio.Future[Any] | None = None) -> None:
        """Raises ConnectionError."""
        if self._link is None:
            raise ConnectionError("not connected to Redis")
        self._link.send(b"PUBLISH", channel, data)
        self._answers.append(answer)

    def close(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        if self._link is not None:
            self._link.abort()


def _answer(answers: _Answers, reply: Any) -> None:
    if reply != b"PONG" and answers:
        answer = answers.popleft()
        if answer is not None and not answer.done():
            answer.set_result(reply)


async def _watch(link: Link, answers: _Answers) -> None:
    await link.watch()
    for answer in answers:
        if answer is not None and not answer.done():
            answer.set_exception(ConnectionError("the connection to Redis is lost"))


class _Subscriber:
    """Keeps one connection subscribed to the groups that channels of this process are in."""

    def __init__(self, url: str) -> None:
        self.channels: dict[str, asyncio.Queue[bytes]] = {}
        self._url = url
        self._groups: defaultdict[bytes, set[str]] = defaultdict(set)
        self._link: Link | None = None
        self._task: asyncio.Task[None] | None = None

    def add(self, group: bytes, channel: str) -> None:
        if self._task is None:
            self._task = asyncio.create_task(self._keep_connected())
        self._groups[group].add(channel)
        if self._link is not None and not self._link.lost.is_set():
            self._link.send(b"SUBSCRIBE", group)

    def discard(self, group: bytes, channel: str) -> None:
        members = self._groups[group]
        members.discard(channel)
        if not members:
            del self._groups[group]
            if self._link is not None and not self._link.lost.is_set():
                self._link.send(b"UNSUBSCRIBE", group)

    def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._link is not None:
            self._link.abort()

    async def _keep_connected(self) -> None:
        while True:
            try:
                self._link = await connect(self._url, self._replied)
                await self._subscribe(self._link, list(self._groups))
                await self._link.watch()
            except (OSError, TimeoutError) as error:
                logger.warning("Redis tells nothing: %s", type(error).__name__)
            self._link = None
            await asyncio.sleep(RETRY_SECONDS)

    async def _subscribe(self, link: Link, groups: list[bytes]) -> None:
        """Those that are still wanted when it is their turn; what comes meanwhile is subscribed as it comes."""
        for start in range(0, len(groups), SUBSCRIBED_AT_ONCE):
            wanted = [group for group in groups[start : start + SUBSCRIBED_AT_ONCE] if group in self._groups]
            if wanted:
                link.send(b"SUBSCRIBE", *wanted)
                await link.emptied()

    def _replied(self, reply: Any) -> None:
        if not isinstance(reply, list) or reply[0] != b"message":
            return
        for channel in self._groups.get(reply[1], ()):
            queue = self.channels[channel]
            if queue.full():
                logger.warning("a message between processes was lost: too many wait")
            else:
                queue.put_nowait(reply[2])


class RedisLayer(BaseChannelLayer):  # type: ignore[misc]
    """Messages are `{"type": str, "data": bytes}`; only `data` travels. Groups alone: nothing is sent to one channel.

    `url` as redis-py takes it (redis://, rediss://, unix://). One publisher and one subscriber for each event loop.
    """

    extensions = ["groups"]

    def __init__(self, url: str, prefix: str = "kindred") -> None:
        super().__init__()
        self._url = url
        self._prefix = prefix
        self._publishers: WeakKeyDictionary[asyncio.AbstractEventLoop, _Publisher] = WeakKeyDictionary()
        self._subscribers: WeakKeyDictionary[asyncio.AbstractEventLoop, _Subscriber] = WeakKeyDictionary()

    async def connected(self) -> None:
        """Returns when this loop can `publish`. Raises OSError or TimeoutError."""
        await self._publisher().connected(self._url)

    def publish(self, group: str, data: bytes) -> None:
        """Writes at once and waits for no answer. Raises ConnectionError."""
        self._publisher().publish(self._key(group), data)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Returns when Redis has passed it on. Raises OSError, TimeoutError or hiredis.HiredisError."""
        await self.connected()
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._publisher().publish(self._key(group), message.get("data", b""), answer)
        async with asyncio.timeout(CONNECT_SECONDS):
            reply = await answer
        if isinstance(reply, Exception):
            raise reply

    async def new_channel(self, prefix: str = "specific") -> str:
        name = f"{prefix}.{os.urandom(12).hex()}"
        self._subscriber().channels[name] = asyncio.Queue(MAX_WAITING)
        return name

    async def group_add(self, group: str, channel: str) -> None:
        self._subscriber().add(self._key(group), channel)

    async def group_discard(self, group: str, channel: str) -> None:
        self._subscriber().discard(self._key(group), channel)

    async def receive(self, channel: str) -> dict[str, Any]:
        return {"type": "data", "data": await self._subscriber().channels[channel].get()}

    async def close(self) -> None:
        """Ends this loop's connections."""
        self._publisher().close()
        self._subscriber().close()

    def _key(self, group: str) -> bytes:
        return f"{self._prefix}.{group}".encode()

    def _publisher(self) -> _Publisher:
        loop = asyncio.get_running_loop()
        if (publisher := self._publishers.get(loop)) is None:
            publisher = self._publishers[loop] = _Publisher()
        return publisher

    def _subscriber(self) -> _Subscriber:
        loop = asyncio.get_running_loop()
        if (subscriber := self._subscribers.get(loop)) is None:
            subscriber = self._subscribers[loop] = _Subscriber(self._url)
        return subscriber
