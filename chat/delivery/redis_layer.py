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
from collections.abc import Callable
from functools import partial
from typing import Any, cast
from weakref import WeakKeyDictionary

import hiredis
from channels.layers import BaseChannelLayer
from redis.asyncio.connection import SSLConnection, parse_url

logger = logging.getLogger(__name__)

MAX_WAITING = 10_000
"""Messages that may wait for whoever receives a channel; more are lost."""
CONNECT_SECONDS = 5.0
RETRY_SECONDS = 0.5
MAX_UNSENT_BYTES = 16 * 1024 * 1024
"""What may wait to be written to Redis before the connection is given up."""
PING_SECONDS = 5.0
"""A connection over which nothing has come for two of these is given up."""


class Link(asyncio.Protocol):
    """One connection. `on_reply` gets every reply; sends are written at once."""

    def __init__(self, on_reply: Callable[[Any], None]) -> None:
        self.lost = asyncio.Event()
        self.heard_at = asyncio.get_running_loop().time()
        self._loop = asyncio.get_running_loop()
        self.on_reply = on_reply
        self._reader = hiredis.Reader()
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not asyncio's, but do the same.
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=MAX_UNSENT_BYTES)

    def pause_writing(self) -> None:
        """Redis reads too slowly. What is lost by a new connection is read from the log."""
        logger.warning("Redis does not keep up: the connection is given up")
        self.abort()

    def data_received(self, data: bytes) -> None:
        self.heard_at = self._loop.time()
        self._reader.feed(data)
        while (reply := self._reader.gets()) is not False:
            self.on_reply(reply)

    def connection_lost(self, error: Exception | None) -> None:
        self.lost.set()

    def send(self, *command: bytes) -> None:
        """Raises ConnectionError when the connection is gone."""
        if self.lost.is_set():
            raise ConnectionError("the connection to Redis is lost")
        self._transport.write(hiredis.pack_command(command))  # type: ignore[arg-type] # its stub wants one argument

    def abort(self) -> None:
        self.lost.set()
        self._transport.abort()

    async def watch(self) -> None:
        """Returns when the connection is lost, or has answered nothing for too long."""
        while True:
            try:
                async with asyncio.timeout(PING_SECONDS):
                    await self.lost.wait()
                return
            except TimeoutError:
                if self._loop.time() - self.heard_at > 2 * PING_SECONDS:
                    self.abort()
                    return
                self.send(b"PING")


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
                self._link = await _connect(url, partial(_answer, answers))
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
                self._link = await _connect(self._url, self._replied)
                for group in self._groups:
                    self._link.send(b"SUBSCRIBE", group)
                await self._link.watch()
            except (OSError, TimeoutError) as error:
                logger.warning("Redis tells nothing: %s", type(error).__name__)
            self._link = None
            await asyncio.sleep(RETRY_SECONDS)

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


async def _connect(url: str, on_reply: Callable[[Any], None]) -> Link:
    """A connection that has logged in. Raises OSError or TimeoutError."""
    options: dict[str, Any] = dict(parse_url(url))
    secure = options.pop("connection_class", None) is SSLConnection
    loop = asyncio.get_running_loop()
    welcome: asyncio.Future[Any] = loop.create_future()

    def first(reply: Any) -> None:
        if not welcome.done():
            welcome.set_result(reply)

    link = Link(first)
    async with asyncio.timeout(CONNECT_SECONDS):
        if "path" in options:
            await loop.create_unix_connection(lambda: link, options["path"])
        else:
            context = SSLConnection(**options).ssl_context.get() if secure else None
            host, port = options.get("host", "localhost"), options.get("port", 6379)
            await loop.create_connection(lambda: link, host, port, ssl=context)
        if password := options.get("password"):
            link.send(b"AUTH", *([name.encode()] if (name := options.get("username")) else []), password.encode())
        else:
            link.send(b"PING")
        reply = await welcome
    if isinstance(reply, Exception):
        link.abort()
        raise ConnectionError("Redis refuses us")
    link.on_reply = on_reply
    return link
