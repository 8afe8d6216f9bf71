"""A way to a server on which live entries are left out, as by a hub that forgets some, and everything else arrives."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Self

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed


class LeavingOut:
    """A proxy for sockets. It leaves out every `every`th `entries` frame, while that is not 0."""

    def __init__(self, upstream: str) -> None:
        self.every = 0
        self.dropped = 0
        self._told = 0
        self._upstream = upstream
        self._server: Server

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{next(iter(self._server.sockets)).getsockname()[1]}/ws"

    async def __aenter__(self) -> Self:
        self._server = await serve(self._connected, "127.0.0.1", 0, max_size=None, compression=None, ping_interval=None)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _connected(self, client: ServerConnection) -> None:
        async with connect(self._upstream, max_size=None, compression=None, ping_interval=None) as server:
            replies = asyncio.create_task(self._replies(server, client))
            with suppress(ConnectionClosed):
                async for data in client:
                    await server.send(data)
            replies.cancel()

    async def _replies(self, server: ClientConnection, client: ServerConnection) -> None:
        with suppress(ConnectionClosed):
            async for data in server:
                if not self._is_left_out(data):
                    await client.send(data)
        await client.close()

    def _is_left_out(self, data: str | bytes) -> bool:
        if not self.every or isinstance(data, str) or msgspec.msgpack.decode(data)["t"] != "entries":
            return False
        self._told += 1
        left_out = self._told % self.every == 0
        self.dropped += left_out
        return left_out
