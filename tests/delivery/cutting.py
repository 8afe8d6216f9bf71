"""A way to a server that is cut in the middle of frames."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from contextlib import suppress
from urllib.parse import urlsplit

from tests.delivery.proxy import Proxy

CHANCE = 0.04


class Cutting(Proxy):
    """A proxy for sockets. While `on`, now and then only a part of what comes goes on, and then the connection ends.

    `cuts` counts them by whom they came from: "client" and "server".
    """

    def __init__(self, upstream: str) -> None:
        super().__init__()
        self.on = False
        self.cuts: Counter[str] = Counter()
        self._upstream = urlsplit(upstream)

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{self.port}{self._upstream.path}"

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there = await asyncio.open_connection(self._upstream.hostname, self._upstream.port)
        for name, source, sink in (("client", reader, there[1]), ("server", there[0], writer)):
            self.begin(self._carry(name, source, sink, (writer, there[1])))

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
