"""Writing to sockets through the servers themselves: the quick way where it is known, and never a wait."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

from chat.delivery.transport import Outgoing, QueueTransport
from tests.delivery.harness import ROOT, until
from tests.support.services import ask, free_port, wait_until

APPLICATION = """
import asyncio
from chat.delivery.transport import Outgoing, transport_for

async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        return
    await receive()
    await send({"type": "websocket.accept"})
    transport = transport_for(send)
    transport.write(Outgoing(type(transport).__name__.encode()))
    while True:
        if "listening" in scope["path"]:
            transport.listen(lambda data: transport.write(Outgoing(b"heard " + data)))
        event = await receive()
        if event["type"] == "websocket.disconnect":
            return
        asked = event["bytes"]
        if asked == b"stuff":
            count = 0
            while transport.backlog() < 2_000_000 and count < 10_000:
                transport.write(Outgoing(bytes(50_000)))
                count += 1
            transport.write(Outgoing(b"%d %d" % (count, transport.backlog())))
        elif asked == b"abort":
            transport.write(Outgoing(bytes(10_000_000)))
            transport.abort()
        else:
            for size in map(int, asked.split()):
                transport.write(Outgoing(bytes(size)))
"""

COMMANDS = {
    "daphne": ["-m", "daphne", "-v", "0", "-b", "127.0.0.1", "-p"],
    "sansio": ["-m", "uvicorn", "--ws", "websockets-sansio", "--log-level", "error", "--port"],
    "deflating": ["-m", "uvicorn", "--ws", "websockets-sansio", "--log-level", "error", "--port"],
    "legacy": ["-m", "uvicorn", "--ws", "websockets", "--log-level", "error", "--port"],
}


@contextmanager
def running(name: str) -> Iterator[int]:
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "probe.py").write_text(APPLICATION)
        environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{folder}"}
        process = subprocess.Popen([sys.executable, *COMMANDS[name], str(port), "probe:app"], env=environment)
        try:
            wait_until(lambda: process.poll() is not None or ask(port, b"GET / HTTP/1.0\r\n\r\n") != b"", 120)
            yield port
        finally:
            process.kill()
            process.wait()


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("daphne", "DaphneTransport"),
        ("sansio", "UvicornTransport"),
        ("deflating", "QueueTransport"),
        ("legacy", "QueueTransport"),
    ],
)
async def test_each_server_is_written_to_the_best_way_there_is(name: str, kind: str) -> None:
    with running(name) as port:
        compression = "deflate" if name == "deflating" else None
        async with connect(f"ws://127.0.0.1:{port}/", max_size=None, compression=compression) as wire:
            assert await wire.recv() == kind.encode()
            sizes = [0, 1, 125, 126, 65_535, 65_536, 300_000, 5, 1_000_000, 7]
            await wire.send(" ".join(map(str, sizes)).encode())
            got = [len(await asyncio.wait_for(wire.recv(), 30)) for _ in sizes]
            assert got == sizes


@pytest.mark.parametrize("name", ["daphne", "sansio", "legacy"])
async def test_what_a_receiver_does_not_read_shows_as_backlog_and_still_comes_in_order(name: str) -> None:
    with running(name) as port:
        async with connect(f"ws://127.0.0.1:{port}/", max_size=None, compression=None, max_queue=1) as wire:
            await wire.recv()
            await wire.send(b"stuff")
            await asyncio.sleep(1)
            count, last = 0, b""
            while not last or len(last) == 50_000:
                received = await asyncio.wait_for(wire.recv(), 30)
                assert isinstance(received, bytes)
                last = received
                count += 1
            written, backlog = map(int, last.split())
            assert written == count - 1
            assert 2_000_000 <= backlog < 2_100_000


@pytest.mark.parametrize("name", ["daphne", "sansio"])
async def test_whole_messages_are_heard_as_they_are_read_and_others_by_receive(name: str) -> None:
    with running(name) as port:
        async with connect(f"ws://127.0.0.1:{port}/listening", max_size=None, compression=None) as wire:
            await wire.recv()
            for message in (b"1", b"22" * 100, b"333" * 40_000):
                await wire.send(message)
                assert await asyncio.wait_for(wire.recv(), 30) == b"heard " + message
            await asyncio.wait_for(await wire.ping(), 30)
            await wire.send([b"1", b"2"])  # a message in parts, and all that follows, goes the server's own way
            assert await asyncio.wait_for(wire.recv(), 30) == bytes(12)
            await wire.send(b"13 14")
            assert [len(await asyncio.wait_for(wire.recv(), 30)) for _ in range(2)] == [13, 14]
        assert wire.close_code == 1000


@pytest.mark.parametrize("name", ["daphne", "sansio"])
async def test_an_aborted_receiver_is_gone_at_once_whatever_waits(name: str) -> None:
    with running(name) as port:
        async with connect(f"ws://127.0.0.1:{port}/", max_size=None, compression=None, max_queue=1) as wire:
            await wire.recv()
            await wire.send(b"abort")
            await asyncio.wait_for(wire.wait_closed(), 30)
            assert wire.close_code == 1006


async def test_the_queue_for_unknown_servers_has_a_task_only_while_something_waits() -> None:
    sent: list[bytes] = []
    free = asyncio.Event()

    async def send(event: dict[str, bytes]) -> None:
        await free.wait()
        sent.append(event["bytes"])

    transport = QueueTransport(send)
    for number in range(3):
        transport.write(Outgoing(bytes([number])))
    await asyncio.sleep(0)
    assert (transport.backlog(), sent) == (3, [])
    free.set()
    await until(lambda: transport._task is None)
    assert (transport.backlog(), sent) == (0, [b"\0", b"\1", b"\2"])


async def test_a_server_that_says_the_connection_is_gone_ends_the_queue() -> None:
    async def send(event: dict[str, bytes]) -> None:
        raise OSError("gone")

    transport = QueueTransport(send)
    transport.write(Outgoing(b"x"))
    await until(lambda: transport._task is None)
    transport.write(Outgoing(b"y"))
    assert transport.backlog() == 0
