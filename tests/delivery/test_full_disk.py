"""A disk that is full refuses what comes, keeps what was promised, and takes more as soon as there is room."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.conftest import Judged
from tests.delivery.groups import circle
from tests.delivery.harness import Server, Store, in_db, socket_to
from tests.delivery.outcomes import judge_sockets
from tests.delivery.test_log import log_of
from tests.support.services import PostgreSQL, require, unprivileged

pytestmark = pytest.mark.faults

Full = Callable[[Server], AbstractContextManager[None]]


class Limited(Server):
    """Its application is the real one, with a database whose end is set from outside (full_disk.py)."""

    def command(self) -> list[str]:
        return [part.replace("backend.asgi:", "tests.delivery.full_disk:") for part in super().command()]


@pytest.fixture
def limited(database_allowed: None) -> Iterator[Server]:
    with Store() as store, Limited(store, asgi="uvicorn") as server:
        yield server


@pytest.fixture
def on_postgresql(database_allowed: None) -> Iterator[tuple[Server, PostgreSQL]]:
    with SmallLog() as postgres, Store(postgres) as store, Server(store) as server:
        yield server, postgres


class SmallLog(PostgreSQL):
    """Its write-ahead log is in files of 1 MiB, smaller than a table that is full: it never meets the end."""

    OPTIONS = ("--wal-segsize=1",)


@contextmanager
def no_table_may_grow(postgres: PostgreSQL) -> Iterator[None]:
    """The system writes half a page more (the rest is EFBIG): to PostgreSQL a full disk, SQLSTATE 53100."""
    largest = max(file.stat().st_size for file in (postgres.folder / "data" / "base").rglob("[0-9]*"))
    assert largest > 1 << 20
    bound(postgres, str(largest + 4096))
    yield
    bound(postgres, "unlimited")


def bound(postgres: PostgreSQL, size: str) -> None:
    """How long a file may be, for the server and all of its processes. Whose user they run as may set that, and nobody else."""
    for pid in postgres.processes():
        command = [require("prlimit"), f"--pid={pid}", f"--fsize={size}:"]
        subprocess.run(command, check=True, user=unprivileged(), cwd="/")


@contextmanager
def no_file_may_grow(server: Server) -> Iterator[None]:
    """The system refuses the write (EFBIG), for SQLite a failing disk."""
    assert server.process is not None
    pid, (soft, hard) = server.process.pid, resource.getrlimit(resource.RLIMIT_FSIZE)
    # Within the write-ahead log, which is as long as it will get.
    size = (Path(server.store.folder) / "kindred.sqlite3").stat().st_size
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, hard))
    yield
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def no_page_is_left(server: Server) -> Iterator[None]:
    """SQLite says that the disk is full, as it does for ENOSPC, and rolls back by itself."""
    mark = server.store.folder / "full"
    mark.touch()
    yield
    mark.unlink()


async def readiness(server: Server) -> tuple[int, bool]:
    """The status of `readyz`, and whether it says that the server can store what it is sent."""
    async with httpx.AsyncClient() as web:
        answer = await web.get(f"http://127.0.0.1:{server.port}/readyz", timeout=20)
    return answer.status_code, answer.json()["writes"]


@pytest.mark.parametrize("full", [no_file_may_grow, no_page_is_left])
async def test_a_full_disk_refuses_stores_nothing_half_and_recovers_by_itself(
    limited: Server, full: Full, judged: Judged
) -> None:
    await meets_the_end(limited, full(limited), judged)


async def test_a_full_disk_of_postgresql_does_so_too(on_postgresql: tuple[Server, PostgreSQL], judged: Judged) -> None:
    server, postgres = on_postgresql
    await meets_the_end(server, no_table_may_grow(postgres), judged)


async def meets_the_end(server: Server, full: AbstractContextManager[None], judged: Judged) -> None:
    here = await in_db(circle, 2)
    one, two = here.members
    async with socket_to(server, one.token) as sender, socket_to(server, two.token) as reader:
        answers = [await sender.ask(here.group.message(size=60_000), "accepted") for _ in range(25)]
        assert {answer["t"] for answer in answers} == {"accepted"}
        with full:
            answers += [await sender.ask(here.group.message(size=60_000), "accepted") for _ in range(40)]
            assert answers[-1].get("code") == "unavailable"
            assert answers[-1]["retry_after_ms"] > 0
            assert await readiness(server) == (503, False)
        answers.append(await sender.ask(here.group.message(size=60_000), "accepted"))
        assert answers[-1]["t"] == "accepted"
        assert await readiness(server) == (200, True)
        assert {answer["code"] for answer in answers if answer["t"] == "error"} == {"unavailable"}
        await reader.settled()
        await sender.settled()
        accepted = {answer["id"]: answer["seq"] for answer in answers if answer["t"] == "accepted"}
        stored = await in_db(log_of, here.group.room)
        assert len(stored) == 1 + len(accepted)
        judged(judge_sockets(here.room, stored, accepted, (sender, accepted), (reader, {})), len(accepted))
