"""Real servers on real databases, and a socket client that speaks the protocol and nothing else."""

from __future__ import annotations

import asyncio
import atexit
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Self, TypeVar
from uuid import uuid4

import msgspec
import psycopg
from django.conf import settings
from django.db import connections
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from backend import database
from tests.factories import Person
from tests.support.services import PostgreSQL, Redis, free_port, wait_until

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120
T = TypeVar("T")
_databases = ThreadPoolExecutor(1, thread_name_prefix="test-database")


async def in_db(work: Callable[..., T], *args: Any, **kwargs: Any) -> T:
    """Runs work on the database from a test's event loop, all of it on one thread with one connection."""
    return await asyncio.get_running_loop().run_in_executor(_databases, lambda: work(*args, **kwargs))


class Store:
    """A migrated database of its own, which this process' Django uses while the block lasts."""

    def __init__(self, postgres: PostgreSQL | None = None, redis: Redis | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="kindred-store-"))
        self.postgres = postgres
        self.redis = redis
        self.name = f"kindred_{uuid4().hex}"

    @property
    def database_url(self) -> str:
        return "" if self.postgres is None else self.postgres.url.rpartition("/")[0] + f"/{self.name}"

    @property
    def environment(self) -> dict[str, str]:
        """What makes a server use this store, with the keys of this process."""
        return {
            "DATA_DIR": str(self.folder),
            "KEYS_DIR": str(settings.DATA_DIR / "keys"),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": "" if self.redis is None else self.redis.url,
            "DOMAIN": settings.DOMAIN,
            "DEMO": "0",
        }

    def __enter__(self) -> Self:
        self._create()
        self._old = connections.settings["default"]
        connections.close_all()
        connections.settings["default"] = connections.configure_settings(
            {"default": database.from_url(self.database_url, self.folder)}
        )["default"]
        _forget()
        _databases.submit(_forget).result()
        return self

    def __exit__(self, *_: object) -> None:
        _forget()
        _databases.submit(_forget).result()
        connections.settings["default"] = self._old
        self._drop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _create(self) -> None:
        if self.postgres is None:
            shutil.copy(migrated_file(), self.folder / "kindred.sqlite3")
        else:
            template = _migrated_database(self.postgres)
            with psycopg.connect(self.postgres.url, autocommit=True) as admin:
                admin.execute(f'CREATE DATABASE "{self.name}" TEMPLATE "{template}"')

    def _drop(self) -> None:
        if self.postgres is not None:
            with psycopg.connect(self.postgres.url, autocommit=True) as admin:
                admin.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')


@cache
def migrated_file() -> Path:
    """A migrated SQLite database to copy: migrating takes seconds, and each store needs it."""
    folder = Path(tempfile.mkdtemp(prefix="kindred-template-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _migrate(DATA_DIR=str(folder), DATABASE_URL="")
    return folder / "kindred.sqlite3"


@cache
def _migrated_database(postgres: PostgreSQL) -> str:
    """The name of a migrated database on this server to copy."""
    with psycopg.connect(postgres.url, autocommit=True) as admin:
        admin.execute("CREATE DATABASE kindred_template")
    _migrate(DATABASE_URL=postgres.url.rpartition("/")[0] + "/kindred_template")
    return "kindred_template"


def _migrate(**environment: str) -> None:
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(migrate, check=True, cwd=ROOT, env={**os.environ, **environment})


def procfile(name: str) -> list[str]:
    """The Procfile's line of that name as platforms run it: through a shell. It takes programs from `PATH`."""
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    return ["sh", "-c", f"exec {lines[name]}"]


#: With the programs of the environment that was built for it.
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


def reconnect() -> None:
    """Drops this thread's connection: the server behind it may have been started anew."""
    connections["default"].close()


def _forget() -> None:
    connections["default"].close()
    del connections["default"]


class Server:
    """One real server process on a store. `settings` are further environment variables."""

    def __init__(self, store: Store, *, asgi: str = "daphne", **env: str) -> None:
        self.store = store
        self.port = free_port()
        self.asgi = asgi
        self.log = store.folder / f"server-{self.port}.log"
        self.env = {"RATE_SCALE": "1000", **env}
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    def command(self) -> list[str]:
        if self.asgi == "daphne":
            return [sys.executable, "manage.py", "serve"]
        options = f"--host 127.0.0.1 --port {self.port} --ws websockets-sansio --ws-per-message-deflate false"
        return [sys.executable, "-m", "uvicorn", "backend.asgi:application", "--log-level", "warning", *options.split()]

    def start(self, *prefix: str) -> Self:
        environment = {**os.environ, **self.store.environment, "PORT": str(self.port), **self.env}
        environment["DJANGO_SETTINGS_MODULE"] = "backend.settings"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*prefix, *self.command()], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        running = self.process
        wait_until(lambda: running.poll() is not None or _listens(self.port), START_SECONDS)
        if running.poll() is not None or not _listens(self.port):
            raise RuntimeError(f"the server did not start:\n{self.log.read_text(errors='replace')}")
        return self

    def end(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """Sends the signal and waits. Returns the exit status."""
        assert self.process is not None
        self.process.send_signal(sign)
        status = self.process.wait(START_SECONDS)
        self.process = None
        return status

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.end(signal.SIGKILL)


def _listens(port: int) -> bool:
    import socket

    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


async def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    """Waits until that is so, where nobody says when."""
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 (it tells nobody)
            await asyncio.sleep(0.01)


class Socket:
    """A client's end. Frames are dicts; those of the server wait by type until they are asked for."""

    def __init__(self, wire: ClientConnection) -> None:
        self.wire = wire
        self.arrived: list[dict[str, Any]] = []
        self.closed = asyncio.Event()
        self._news = asyncio.Condition()
        self._task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        try:
            async for data in self.wire:
                assert isinstance(data, bytes)
                async with self._news:
                    self.arrived.append(msgspec.msgpack.decode(data))
                    self._news.notify_all()
        except ConnectionClosed:
            pass
        finally:
            self.closed.set()
            async with self._news:
                self._news.notify_all()

    async def send(self, frame: dict[str, Any] | bytes) -> None:
        await self.wire.send(frame if isinstance(frame, bytes) else msgspec.msgpack.encode(frame))

    async def expect(self, kind: str, seconds: float = 30.0, **fields: Any) -> dict[str, Any]:
        """The first frame of that type (and with those values) that has come or comes, taken out of what waits."""

        def taken() -> dict[str, Any] | None:
            for index, frame in enumerate(self.arrived):
                if frame["t"] == kind and all(frame.get(name) == value for name, value in fields.items()):
                    return self.arrived.pop(index)
            return None

        async with asyncio.timeout(seconds), self._news:
            while (frame := taken()) is None:
                if self.closed.is_set():
                    raise ConnectionError(f"closed while waiting for {kind} {fields}; there was {self.arrived}")
                await self._news.wait()
            return frame

    async def ask(self, frame: dict[str, Any], *kinds: str) -> dict[str, Any]:
        """Sends a frame with an id and returns its answer, whichever of the types comes."""
        frame.setdefault("id", os.urandom(16))
        await self.send(frame)
        async with asyncio.timeout(60), self._news:
            while True:
                for index, answer in enumerate(self.arrived):
                    if answer.get("id") == frame["id"] and answer["t"] in (*kinds, "error"):
                        return self.arrived.pop(index)
                if self.closed.is_set():
                    raise ConnectionError(f"closed while waiting for the answer to {frame['t']}")
                await self._news.wait()

    async def until(self, true: Callable[[], bool], seconds: float = 30.0) -> None:
        """Waits until that is true of what has arrived."""
        async with asyncio.timeout(seconds), self._news:
            await self._news.wait_for(true)

    async def settled(self) -> None:
        """Everything that the server wrote before it read this has arrived."""
        await self.ask({"t": "ping"}, "pong")

    async def gone(self, seconds: float = 30.0) -> None:
        """Waits until the server has closed the socket."""
        await asyncio.wait_for(self.closed.wait(), seconds)

    def entries(self, room: bytes) -> list[list[Any]]:
        """The live entries of the room so far, in the order of arrival."""
        return [
            item
            for frame in self.arrived
            if frame["t"] == "entries" and frame["room"] == room
            for item in frame["items"]
        ]

    async def close(self) -> None:
        await self.wire.close()
        await self._task


@asynccontextmanager
async def socket_to(server: Server, token: bytes | None = None) -> AsyncIterator[Socket]:
    """A socket, after `ready` when a token is given."""
    async with connect(server.address, max_size=None, compression=None, ping_interval=None) as wire:
        socket = Socket(wire)
        if token is not None:
            await socket.send({"t": "hello", "v": 1, "token": token})
            await socket.expect("ready")
        yield socket
        await socket.close()


def post(server: Server, path: str, person: Person, body: object = None) -> tuple[int, Any]:
    """A call of the HTTP API: status and answer."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {"Authorization": person.authorization, "Content-Type": "application/json"}
    connection.request("POST", path, json.dumps(body or {}), headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())
