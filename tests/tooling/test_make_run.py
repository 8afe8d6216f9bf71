"""`make run`, as a person types it: in a copy of this checkout in which nothing was set up or built."""

import os
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.tree import ROOT
from tests.support.services import free_port

# With the client built for people, whose compression takes long on a busy machine.
START_S = 400
STOP_S = 30
MADE_HERE = (".git", ".venv", ".stamps", ".*_cache", "__pycache__", "node_modules", "dist", "test-results")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The sources alone. What is installed is that of this checkout: nothing is fetched."""
    copy = tmp_path / "checkout"
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(*MADE_HERE), symlinks=True)
    for folder in (".venv", "node_modules"):
        (copy / folder).symlink_to(ROOT / folder)
    return copy


@pytest.fixture
def running(checkout: Path, tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int, Path]]:
    """The process of `make run`, its port and what it prints."""
    port = free_port()
    said = tmp_path / "said"
    kept = {name: value for name, value in os.environ.items() if name not in ("ORIGIN", "DATABASE_URL", "REDIS_URL")}
    environment = kept | {"PORT": str(port), "DATA_DIR": str(tmp_path / "data"), "PYTHONUNBUFFERED": "1"}
    with said.open("wb") as output:
        process = subprocess.Popen(
            ["make", "run"], cwd=checkout, env=environment, stdout=output, stderr=output, start_new_session=True
        )
    yield process, port, said
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answer(url: str) -> tuple[int, bytes] | None:
    """What a server says there; None where none listens."""
    try:
        with urllib.request.urlopen(url, timeout=10) as response:  # noqa: S310 (always this machine)
            return response.status, response.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()
    except (urllib.error.URLError, OSError):
        return None


def test_make_run_builds_prints_links_serves_the_app_and_ends_with_ctrl_c(
    running: tuple[subprocess.Popen[bytes], int, Path], tmp_path: Path
) -> None:
    process, port, said = running
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + START_S
    while (ready := answer(f"{address}/readyz")) is None or ready[0] != 200:
        assert process.poll() is None, said.read_text()
        assert time.monotonic() < deadline, said.read_text()
        time.sleep(0.2)
    printed = said.read_text()
    links = set(re.findall(rf"http://[^\s/]+:{port}/#i\.\S+", printed))
    assert len(links) == 5, printed
    assert "Ctrl-C stops it" in printed
    page = answer(f"{address}/")
    assert page is not None
    assert page[0] == 200
    for script in re.findall(rb'(?:src|href)="(/[^"]+\.(?:js|css))"', page[1]):
        served = answer(address + script.decode())
        assert served is not None
        assert served[0] == 200
    assert list((tmp_path / "data").glob("kindred.sqlite3"))

    # A terminal tells everybody in the foreground.
    os.killpg(process.pid, signal.SIGINT)
    process.wait(STOP_S)
    assert answer(f"{address}/readyz") is None
    assert "Traceback" not in said.read_text()
    with pytest.raises(ProcessLookupError):
        os.killpg(process.pid, 0)
