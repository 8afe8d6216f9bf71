"""The real server, as `manage.py serve` starts it, for tests that ask from outside."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from scripts.tree import ROOT
from tests.delivery.harness import migrated_file
from tests.support.services import free_port, wait_until

START_SECONDS = 120.0


class Server:
    """Runs inside a `with` block; further settings are environment variables, as DATABASE_URL."""

    #: Whether it has to make its database by itself, as on a first start.
    empty = False

    def __init__(self, **settings: str) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="kindred-serve-")
        self.data = Path(self._folder.name)
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self._settings = settings
        self._made = self.empty or not settings.keys().isdisjoint({"DATABASE_URL", "DATA_DIR"})
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self._folder.cleanup()

    @property
    def environment(self) -> dict[str, str]:
        own = {
            "DATA_DIR": str(self.data),
            "HOST": "127.0.0.1",
            "PORT": str(self.port),
            "ORIGIN": self.address,
            "KINDRED_LINKS_JSON": str(self.data / "links.json"),
            "PYTHONUNBUFFERED": "1",
        }
        # The tests' own settings are not the server's.
        kept = {
            name: value for name, value in os.environ.items() if name not in ("DJANGO_SETTINGS_MODULE", "DATABASE_URL")
        }
        return kept | own | self._settings

    def start(self) -> None:
        """Starts it on the same data; RuntimeError with its output when it does not get ready."""
        if not self._made:
            # Making it takes as long as the rest of the start.
            shutil.copy(migrated_file(), self.data)
            self._made = True
        with (self.data / "serve.log").open("ab") as log:
            command = [sys.executable, "manage.py", "serve"]
            self._process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)
        process = self._process
        # One client for all questions: making its TLS context takes many times as long as asking.
        with httpx.Client(timeout=20) as client:
            wait_until(lambda: process.poll() is not None or self._ready(client), START_SECONDS)
            ready = process.poll() is None and self._ready(client)
        if not ready:
            raise RuntimeError(f"the server did not get ready:\n{self.log()}")

    def stop(self, sign: signal.Signals = signal.SIGINT) -> int:
        """Ends it as Ctrl-C does; gives its exit status."""
        assert self._process is not None
        self._process.send_signal(sign)
        return self._process.wait(60)

    def manage(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Another command on the same data."""
        full = [sys.executable, "manage.py", *command]
        return subprocess.run(full, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)

    def log(self) -> str:
        return (self.data / "serve.log").read_text(errors="replace")

    def links(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data / "links.json").read_text())
        return found

    def client(self, **how: Any) -> httpx.Client:
        return httpx.Client(base_url=self.address, timeout=60, **how)

    def _ready(self, client: httpx.Client) -> bool:
        try:
            return client.get(f"{self.address}/readyz").status_code == 200
        except httpx.TransportError:
            return False


class EmptyServer(Server):
    """One on its first start."""

    empty = True
