"""A way to a Redis server on which single messages of a subscription are lost, and everything else arrives."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from tests.delivery.proxy import Proxy
from tests.support.services import Redis


class LossyRedis(Proxy):
    """Of what subscribers are told it leaves out every `every`th message, while that is not 0."""

    def __init__(self, redis: Redis) -> None:
        super().__init__()
        self.every = 0
        self.told = 0
        self.dropped = 0
        self._port = redis.port

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_redis, to_redis = await asyncio.open_connection("127.0.0.1", self._port)
        for work in (self._commands(reader, to_redis), self._replies(from_redis, writer)):
            self.begin(work)

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
