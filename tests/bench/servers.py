"""The servers that bench_delivery.py drives, each alone on one core."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench import load
from tests.bench.people import Crowd
from tests.delivery.harness import ROOT, Server, Store
from tests.support.services import free_port, wait_until

SERVER_CORE, GENERATOR_CORE = 0, 1
#: What uvicorn runs on; it takes uvloop by itself where that is installed.
LOOP = "uvloop" if importlib.util.find_spec("uvloop") else "asyncio"


@contextmanager
def pinned(command: list[str], port: int, **env: str) -> Iterator[int]:
    """A server of its own on the server core. Yields its process id."""
    taskset = ["taskset", "-c", str(SERVER_CORE)]
    process = subprocess.Popen(
        [*taskset, *command], cwd=ROOT, env={**os.environ, **env}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: process.poll() is not None or _answers(port), 30)
        if process.poll() is not None:
            raise RuntimeError(f"{command[0]} did not start")
        yield process.pid
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _answers(port: int) -> bool:
    import socket

    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


@contextmanager
def baseline(name: str, asgi: str) -> Iterator[tuple[int, int]]:
    """`raw` or `naive` of baselines.py on Daphne or uvicorn. Yields port and process id."""
    port = free_port()
    module = f"tests.bench.baselines:{name}"
    if asgi == "daphne":
        command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port), "-v", "0", module]
    else:
        command = [sys.executable, "-m", "uvicorn", module, "--port", str(port), "--log-level", "error",
                   "--no-access-log", "--ws", "websockets-sansio", "--ws-per-message-deflate", "false"]  # fmt: skip
    with pinned(command, port, BASELINE=name) as pid:
        yield port, pid


@contextmanager
def limit() -> Iterator[tuple[int, int]]:
    """The C loop of limit.c."""
    port = free_port()
    with pinned([str(load.compiled("limit.c")), str(port)], port) as pid:
        yield port, pid


@contextmanager
def kindred(store: Store, asgi: str) -> Iterator[Server]:
    server = Server(store, asgi=asgi, RATE_SCALE="10000")
    server.start("taskset", "-c", str(SERVER_CORE))
    try:
        yield server
    finally:
        server.__exit__()


def raw_clients(port: int, rooms: int, members: int) -> list[load.Client]:
    return [load.raw_client(port, room, member) for room in range(rooms) for member in range(members)]


def kindred_clients(ports: list[int], crowd: Crowd, rooms: int, members: int) -> list[load.Client]:
    """The first so many members of the first rooms, spread over the ports in turn."""
    return [
        load.kindred_client(ports[member % len(ports)], crowd.tokens[room][member], crowd.rooms[room], room, member)
        for room in range(rooms)
        for member in range(members)
    ]


def close(clients: list[load.Client]) -> None:
    for client in clients:
        client.wire.close()
    time.sleep(0.5)


def resident_kb(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024
