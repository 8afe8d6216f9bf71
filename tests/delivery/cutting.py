"""A way to a server that is cut in the middle of frames."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress
from typing import Self
from urllib.parse import urlsplit

CHANCE = 0.04


class Cutting:
    """A proxy for sockets. While `on`, now and then only a part of what comes goes on, and then the connection ends.

    `cuts` counts them by whom they came from: "client" and "server".
    """

    def __init__(self, upstream: str) -> None:
        self.on = False
        self.cuts: Counter[str] = Counter()
        self._upstream = urlsplit(upstream)
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{self._server.sockets[0].getsockname()[1]}{self._upstream.path}"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(self._upstream.hostname, self._upstream.port)
        for name, source, sink in (("client", reader, there[1]), ("server", there[0], writer)):
            task = asyncio.create_task(self._carry(name, source, sink, (writer, there[1])))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry(
        self,
        name: str,
        source: asyncio.StreamReader,
        sink: asyncio.StreamWriter,
        ends: tuple[asyncio.StreamWriter, ...],
    ) -> None:
        with suppress(ConnectionError):
            while data := await source.read(1 << 16):
                cut = self.on and len(data) > 1 and random.random() < CHANCE
                sink.write(data[: random.randrange(1, len(data))] if cut else data)
                await sink.drain()
                if cut:
                    self.cuts[name] += 1
                    await asyncio.sleep(0.01)  # until what was sent of it is there
                    break
        for end in ends:
            end.transport.abort()
