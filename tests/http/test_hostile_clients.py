"""Clients without an account that send, ask for or hold more than a server can bear, while others want in."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import httpx
import pytest

from chat.api.fields import b64encode
from chat.protocol.limits import MAX_BLOB
from tests.http.serving import Server
from tests.support.services import require, wait_until

MIB = 1024 * 1024
FEW_FILES = 1024
ELSEWHERE = "127.0.0.9"
"""Another address of this machine, for those who do harm."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        yield running


def process_id(server: Server) -> int:
    assert server._process is not None
    return server._process.pid


def status(server: Server, name: str) -> int:
    """A number of /proc/PID/status: VmRSS in KiB, Threads."""
    lines = Path(f"/proc/{process_id(server)}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1])


def peak_memory(server: Server) -> int:
    """The most memory since the start, in MiB."""
    return status(server, "VmHWM") // 1024


def open_temporary_files(server: Server) -> int:
    """Bytes of the deleted files that the process holds open."""
    total = 0
    for link in Path(f"/proc/{process_id(server)}/fd").iterdir():
        try:
            if "(deleted)" in str(link.readlink()):
                total += link.stat().st_size
        except FileNotFoundError:
            continue
    return total


def cpu_seconds(server: Server) -> float:
    fields = Path(f"/proc/{process_id(server)}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def connection(server: Server, source: str = ELSEWHERE) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=20, source_address=(source, 0))


def send_until_refused(sock: socket.socket, parts: Iterator[bytes]) -> tuple[int, bytes]:
    """How many bytes went out before the server would take no more, and what it answered."""
    sent = 0
    try:
        for part in parts:
            sock.sendall(part)
            sent += len(part)
    except OSError:
        pass
    try:
        return sent, sock.recv(4096)
    except OSError:
        return sent, b""


def endless(size: int, *, chunked: bool) -> Iterator[bytes]:
    part = bytes(MIB)
    for _ in range(size // MIB):
        yield b"%x\r\n%b\r\n" % (MIB, part) if chunked else part


@pytest.mark.parametrize("path", ["/api/v1/join", f"/api/v1/rooms/{'0' * 36}/blobs/{'A' * 22}", "/none"])
@pytest.mark.parametrize("length", ["content-length: 1073741824", "transfer-encoding: chunked"])
def test_an_endless_body_is_refused_before_it_is_kept(server: Server, path: str, length: str) -> None:
    before = peak_memory(server)
    kept = 0
    ended = threading.Event()

    def watch() -> None:
        nonlocal kept
        while not ended.wait(0.01):
            kept = max(kept, open_temporary_files(server))

    watcher = threading.Thread(target=watch)
    watcher.start()
    method = "PUT" if "blobs" in path else "POST"
    head = f"{method} {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{length}\r\n\r\n"
    with closing(connection(server)) as sock:
        sock.sendall(head.encode())
        sent, answer = send_until_refused(sock, endless(1024 * MIB, chunked="chunked" in length))
    ended.set()
    watcher.join()
    assert answer.startswith(b"HTTP/1.1 413") or not answer
    # What the two systems' buffers take is sent, and nothing of it is kept.
    assert sent < 32 * MIB
    assert kept <= MAX_BLOB
    assert peak_memory(server) - before < 32


def test_a_body_that_says_that_it_is_too_long_is_answered_413(server: Server) -> None:
    with closing(connection(server)) as sock:
        sock.sendall(b"POST /api/v1/join HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1073741824\r\n\r\n")
        answer = sock.recv(4096)
    assert answer.startswith(b"HTTP/1.1 413")
    assert b'"too_large"' in answer


def test_hundreds_who_do_not_read_what_they_asked_for_cost_little(server: Server) -> None:
    with server.client() as client:
        page = client.get("/").text
    largest = max(Path("client/dist/assets").glob("*.wasm"), key=lambda file: file.stat().st_size)
    assert page
    before, threads = peak_memory(server), status(server, "Threads")
    with ExitStack() as unread:
        for _ in range(300):
            sock = unread.enter_context(closing(connection(server)))
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.sendall(f"GET /assets/{largest.name} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".encode())
        with server.client() as client:
            assert client.get("/healthz").status_code == 200
            whole = client.get(f"/assets/{largest.name}", headers={"accept-encoding": "identity"})
            assert whole.content == largest.read_bytes()
        wait_until(lambda: status(server, "Threads") <= threads + 8, 20)
        assert status(server, "Threads") <= threads + 8
        assert peak_memory(server) - before < 150


@contextmanager
def few_files() -> Iterator[Server]:
    """A server that may have FEW_FILES open and cannot ask for more."""
    with Server() as server:
        server.stop()
        limited = [require("prlimit"), f"--nofile={FEW_FILES}:{FEW_FILES}", sys.executable, "manage.py", "serve"]
        with (server.data / "limited.log").open("wb") as log:
            process = subprocess.Popen(limited, env=server.environment, stdout=log, stderr=log)
        server._process = process
        with httpx.Client(timeout=20) as client:
            wait_until(lambda: process.poll() is not None or server._ready(client), 60)
        yield server


def test_silent_connections_keep_nobody_out() -> None:
    with few_files() as server, ExitStack() as silent:
        for _ in range(1100):
            silent.enter_context(closing(connection(server)))
        for _ in range(20):
            began = time.monotonic()
            with server.client() as client:  # a new connection each time
                assert client.get("/healthz").status_code == 200
            assert time.monotonic() - began < 5


def test_a_connection_that_never_finishes_asking_is_ended(server: Server) -> None:
    with closing(connection(server)) as silent, closing(connection(server)) as slow:
        silent.settimeout(30)
        for letter in b"GET /healthz HTTP/1.1\r\nx: ":
            slow.sendall(bytes([letter]))
        assert silent.recv(1) == b""
        ended = False
        for _ in range(60):
            try:
                slow.sendall(b"a")
                time.sleep(0.25)
            except OSError:
                ended = True
                break
        assert ended


def test_unknown_tokens_cost_no_more_than_the_smallest_answer(server: Server) -> None:
    def cost(path: str, headers: dict[str, str], expected: int) -> float:
        began = cpu_seconds(server)
        with server.client(headers=headers) as client:
            for _ in range(400):
                assert client.get(path).status_code == expected
        return cpu_seconds(server) - began

    cost("/healthz", {}, 200)
    unknown = f"Bearer {b64encode(os.urandom(32))}"
    with server.client(headers={"authorization": unknown}) as client:
        assert client.get("/api/v1/server").status_code == 200
    smallest = cost("/healthz", {}, 200)
    refused = cost("/api/v1/me", {"authorization": f"Bearer {b64encode(os.urandom(32))}"}, 401)
    broken = cost("/api/v1/me", {"authorization": "Bearer none"}, 401)
    assert refused < smallest
    assert broken < smallest
