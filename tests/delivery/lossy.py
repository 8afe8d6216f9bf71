"""A way to a Redis server on which single messages of a subscription are lost, and everything else arrives."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Self

from tests.support.services import Redis


class LossyRedis:
    """A proxy. Of what subscribers are told it leaves out every `every`th message, while that is not 0."""

    def __init__(self, redis: Redis) -> None:
        self.every = 0
        self.told = 0
        self.dropped = 0
        self._port = redis.port
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/0"

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_redis, to_redis = await asyncio.open_connection("127.0.0.1", self._port)
        for work in (self._commands(reader, to_redis), self._replies(from_redis, writer)):
            task = asyncio.create_task(work)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _commands(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            writer.write(data)
        writer.close()

    async def _replies(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):
            while True:
                data = await _reply(reader)
                if not self._is_lost(data):
                    writer.write(data)
        writer.close()

    def _is_lost(self, reply: bytes) -> bool:
        if not self.every or not reply.startswith(b"*3\r\n$7\r\nmessage\r\n"):
            return False
        self.told += 1
        lost = self.told % self.every == 0
        self.dropped += lost
        return lost


async def _reply(reader: asyncio.StreamReader) -> bytes:
    """One whole reply as RESP has it (https://redis.io/docs/latest/develop/reference/protocol-spec/)."""
    line = await reader.readuntil(b"\r\n")
    count = int(line[1:]) if line[:1] in b"$*" else -1
    if line[:1] == b"$" and count >= 0:
        return line + await reader.readexactly(count + 2)
    if line[:1] == b"*":
        return line + b"".join([await _reply(reader) for _ in range(count)])
    return line
