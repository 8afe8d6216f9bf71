"""A disk that is full refuses what comes, keeps what was promised, and takes more as soon as there is room."""

from __future__ import annotations

import resource
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
    here = await in_db(circle, 2)
    one, two = here.members
    async with socket_to(limited, one.token) as sender, socket_to(limited, two.token) as reader:
        answers = [await sender.ask(here.group.message(), "accepted")]
        with full(limited):
            answers += [await sender.ask(here.group.message(size=60_000), "accepted") for _ in range(40)]
            assert answers[-1].get("code") == "unavailable"
            assert answers[-1]["retry_after_ms"] > 0
            assert await readiness(limited) == (503, False)
        answers.append(await sender.ask(here.group.message(), "accepted"))
        assert [answers[0]["t"], answers[-1]["t"]] == ["accepted", "accepted"]
        assert await readiness(limited) == (200, True)
        assert {answer["code"] for answer in answers if answer["t"] == "error"} == {"unavailable"}
        await reader.settled()
        await sender.settled()
        accepted = {answer["id"]: answer["seq"] for answer in answers if answer["t"] == "accepted"}
        stored = await in_db(log_of, here.group.room)
        assert len(stored) == 1 + len(accepted)
        judged(judge_sockets(here.room, stored, accepted, (sender, accepted), (reader, {})), len(accepted))
