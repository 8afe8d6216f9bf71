"""A small HTTP/1.1 server that can do what a good one never does: hang, answer slowly, cut the connection."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Protocol


@dataclass
class Asked:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Told:
    """An answer. `delay` seconds pass before it; `slow` seconds between its halves; `cut` ends the connection instead."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay: float = 0.0
    slow: float = 0.0
    cut: bool = False


class Server(Protocol):
    @property
    def sockets(self) -> Iterable[socket.socket]: ...


Handler = Callable[[Asked], Told | Awaitable[Told]]


async def read(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
        return Asked(method, path, headers, await reader.readexactly(int(headers.get("content-length", 0))))
    except (asyncio.IncompleteReadError, ConnectionError):
        return None


async def answer(writer: asyncio.StreamWriter, told: Told) -> bool:
    """Whether the connection may go on."""
    if told.delay:
        await asyncio.sleep(told.delay)
    if told.cut:
        writer.transport.abort()
        return False
    headers = {"content-length": str(len(told.body)), **told.headers}
    head = f"HTTP/1.1 {told.status} {HTTPStatus(told.status).phrase}\r\n"
    whole = head.encode() + b"".join(f"{k}: {v}\r\n".encode() for k, v in headers.items()) + b"\r\n" + told.body
    middle = len(whole) // 2 if told.slow else len(whole)
    writer.write(whole[:middle])
    if told.slow:
        await writer.drain()
        await asyncio.sleep(told.slow)
        writer.write(whole[middle:])
    await writer.drain()
    return True


async def listen(handle: Handler, port: int = 0) -> asyncio.Server:
    """Serves as long as the loop runs."""

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (asked := await read(reader)) is not None:
                told = handle(asked)
                if not isinstance(told, Told):
                    told = await told
                if not await answer(writer, told):
                    return
        except ConnectionError:
            return
        finally:
            writer.close()

    return await asyncio.start_server(connection, "127.0.0.1", port, backlog=1024)


async def serve(handle: Handler, port: int = 0) -> None:
    """Prints its port on a line of its own, and serves until SIGTERM."""
    await until_told(await listen(handle, port))


async def until_told(*servers: Server) -> None:
    """Prints the servers' ports, each on a line of its own, and waits for SIGTERM."""
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    for server in servers:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
    await stopped.wait()


def as_json(value: Any, status: int = 200) -> Told:
    return Told(status, {"content-type": "application/json"}, json.dumps(value).encode())
