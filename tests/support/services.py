"""Real Redis and PostgreSQL servers for tests: each on a free port of loopback, with its data in a folder of its own.

`python -m tests.support.services redis` (or `postgres`) runs one for tests in another language: it prints the address,
and obeys `kill` and `start` on standard input with a line `done` each, until that ends.
"""

import os
import pwd
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from scripts.debian import program_path

START_SECONDS = 30.0


class Service:
    """One server. As a context manager it runs inside the block; `kill` and `start` make it fail and come back."""

    program: str
    # What ends it at once but lets it give back what it took from the system.
    ending = signal.SIGTERM

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"kindred-{self.program}-"))
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.prepare()
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    @property
    def url(self) -> str:
        """The address that settings take."""
        raise NotImplementedError

    def prepare(self) -> None:
        """Done once, before the first start."""

    def command(self) -> list[str]:
        """The server in the foreground."""
        raise NotImplementedError

    def ready(self) -> bool:
        """Whether it answers."""
        raise NotImplementedError

    def start(self) -> None:
        """Starts it on the same port and data, and waits until it answers. RuntimeError with its log when it does not."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder, user=unprivileged()
            )
        running = self.process
        wait_until(lambda: running.poll() is not None or self.ready(), START_SECONDS)
        if running.poll() is not None or not self.ready():
            raise RuntimeError(f"{self.program} did not start:\n{(self.folder / 'log').read_text(errors='replace')}")

    def stop(self, sign: signal.Signals = signal.SIGINT) -> None:
        """Stops it in order (SIGINT makes PostgreSQL drop its clients); its data stay."""
        if self.process is not None:
            self.process.send_signal(sign)
            self.process.wait(START_SECONDS)
            self.process = None
            # A child that PostgreSQL has just forked holds the listening socket a moment longer than its parent.
            wait_until(lambda: not listens(self.port), START_SECONDS)
            if listens(self.port):
                raise RuntimeError(f"{self.program} ended, and its port {self.port} still listens")

    def kill(self) -> None:
        """Ends it at once, as a crash or a power cut does."""
        self.stop(signal.SIGKILL)

    def remove(self) -> None:
        """Ends it and deletes its data."""
        self.stop(self.ending)
        shutil.rmtree(self.folder, ignore_errors=True)


class Redis(Service):
    """A Redis server without persistence, as the channel layer uses it."""

    program = "redis-server"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def prepare(self) -> None:
        own(self.folder)

    def command(self) -> list[str]:
        options = f"--port {self.port} --bind 127.0.0.1 --appendonly no --dir {self.folder}".split()
        return [require(self.program), *options, "--save", ""]

    def ready(self) -> bool:
        return ask(self.port, b"PING\r\n") == b"+PONG"


class PostgreSQL(Service):
    """A PostgreSQL server with one empty cluster, trusting everyone on loopback as the user `kindred`."""

    program = "postgres"
    ending = signal.SIGQUIT
    #: Further ones of `initdb`.
    OPTIONS: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return f"postgres://kindred@127.0.0.1:{self.port}/postgres"

    def prepare(self) -> None:
        own(self.folder)
        initdb = str(Path(require(self.program)).resolve().with_name("initdb"))
        options = "--username=kindred --auth=trust --encoding=UTF8 --no-locale --no-sync --no-instructions".split()
        subprocess.run(
            [initdb, "--pgdata", str(self.folder / "data"), *options, *self.OPTIONS],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.folder,
            user=unprivileged(),
        )

    def command(self) -> list[str]:
        # Its lock file in the data folder holds a crashed server's id, which a new process may have by now.
        (self.folder / "data" / "postmaster.pid").unlink(missing_ok=True)
        options = f"-D {self.folder / 'data'} -p {self.port} -h 127.0.0.1 -k {self.folder}"
        return [require(self.program), *options.split()]

    def processes(self) -> list[int]:
        """Its own process, and then those that serve its clients and the like."""
        assert self.process is not None
        own = self.process.pid
        parents = ((stat, stat.read_text()) for stat in Path("/proc").glob("[0-9]*/stat") if stat.exists())
        return [
            own,
            *(int(stat.parent.name) for stat, text in parents if int(text.rpartition(")")[2].split()[1]) == own),
        ]

    def ready(self) -> bool:
        # An SSLRequest is answered with one letter as soon as clients are taken.
        return ask(self.port, b"\x00\x00\x00\x08\x04\xd2\x16\x2f") == b"N" and accepts_queries(self.url)


def accepts_queries(url: str) -> bool:
    """Whether the PostgreSQL server at `url` runs a query: just after a crash it first recovers."""
    import psycopg

    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            connection.execute("SELECT 1")
    except psycopg.OperationalError:
        return False
    return True


def listens(port: int) -> bool:
    """Whether a connection to this port of loopback is taken."""
    with socket.socket() as connection:
        connection.settimeout(2)
        return connection.connect_ex(("127.0.0.1", port)) == 0


def ask(port: int, question: bytes) -> bytes:
    """What the server on this port of loopback answers at first, without the line's end; b"" when nothing listens."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(question)
            return connection.recv(64).strip()
    except OSError:
        return b""


def free_port() -> int:
    """A port of loopback that nothing used a moment ago, from where the system takes none for outgoing connections.

    Tests run side by side: what another one might be given meanwhile must be unlikely to be the same.
    """
    while True:
        port = 11_000 + secrets.randbelow(21_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def wait_until(true: Callable[[], bool], seconds: float) -> None:
    """Returns when `true()` or the time is over, whichever comes first."""
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        time.sleep(0.02)


def require(program: str) -> str:
    """Where `program` is. RuntimeError when it is not installed."""
    path = program_path(program)
    if path is None:
        raise RuntimeError(f"{program} is missing: `make test` installs it, or says how.")
    return path


def unprivileged() -> str | None:
    """The user to run servers as: PostgreSQL refuses root. None when this is not root anyway."""
    return "nobody" if os.geteuid() == 0 else None


def own(folder: Path) -> None:
    """Gives `folder` to the user that servers run as."""
    user = unprivileged()
    if user is not None:
        os.chown(folder, pwd.getpwnam(user).pw_uid, -1)


def main(name: str) -> None:
    """Runs the service `name` for whoever holds standard input."""
    with {"redis": Redis, "postgres": PostgreSQL}[name]() as server:
        print(server.url, flush=True)
        for line in sys.stdin:
            {"kill": server.kill, "start": server.start}[line.strip()]()
            print("done", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
