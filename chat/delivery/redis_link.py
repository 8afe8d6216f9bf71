"""One connection to Redis: commands go out at once, and each reply is passed on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, cast

import hiredis

logger = logging.getLogger(__name__)

CONNECT_SECONDS = 5.0
MAX_UNSENT_BYTES = 16 * 1024 * 1024
"""What may wait to be written to Redis before the connection is given up."""
LOW_UNSENT_BYTES = 256 * 1024
"""Subscriptions are made anew only while less than this waits: all of them at once may be more than may wait."""
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

    async def emptied(self) -> None:
        """Waits until little waits to be written. Raises ConnectionError when the connection is lost, or silent for too long."""
        while self._transport.get_write_buffer_size() > min(LOW_UNSENT_BYTES, MAX_UNSENT_BYTES // 2):
            if self._loop.time() - self.heard_at > 2 * PING_SECONDS:
                self.abort()
            if self.lost.is_set():
                raise ConnectionError("the connection to Redis is lost")
            await asyncio.sleep(0.01)

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


async def connect(url: str, on_reply: Callable[[Any], None]) -> Link:
    """A connection that has logged in. Raises OSError or TimeoutError."""
    # Only where there is a Redis: importing it is a twentieth of a start.
    from redis.asyncio.connection import SSLConnection, parse_url

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
        try:
            if password := options.get("password"):
                link.send(b"AUTH", *([name.encode()] if (name := options.get("username")) else []), password.encode())
            else:
                link.send(b"PING")
            if isinstance(await welcome, Exception):
                raise ConnectionError("Redis refuses us")
        except BaseException:
            # One that takes connections and answers nothing would be left with another at every try.
            link.abort()
            raise
    link.on_reply = on_reply
    return link
