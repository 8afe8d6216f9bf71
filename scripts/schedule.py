"""Runs jobs side by side on the cores there are, and shows the output of each in one piece."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

from scripts.outcome import Outcome
from scripts.parts import Job
from scripts.tree import RESULTS, ROOT


def run_all(jobs: Sequence[Job], environment: Mapping[str, str]) -> list[Outcome]:
    """Runs every job, in order, several at once while cores are free; returns their outcomes in the same order.

    KeyboardInterrupt ends the commands that run and starts no other.
    """
    free = whole = os.cpu_count() or 1
    changed = threading.Condition()
    running = Running(environment)

    def run(job: Job, cores: int) -> Outcome:
        nonlocal free
        try:
            return running.run(job, live=cores == whole)
        finally:
            with changed:
                free += cores
                changed.notify_all()

    with ThreadPoolExecutor(max_workers=whole) as pool:
        try:
            results = []
            for job in jobs:
                cores = min(job.cores, whole)
                with changed:
                    while free < cores:
                        changed.wait()
                    free -= cores
                results.append(pool.submit(run, job, cores))
            return [one.result() for one in results]
        except KeyboardInterrupt:
            running.interrupt()
            raise


class Running:
    """The commands that run now."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._terminal = threading.Lock()
        self._processes: set[subprocess.Popen[bytes]] = set()

    def run(self, job: Job, *, live: bool) -> Outcome:
        """Runs one job: `live` shows its output as it comes, otherwise all of it at the end."""
        began = time.monotonic()
        title = f"\n{'=' * 20} {job.part}: {job.name}"
        if live:
            print(title, flush=True)
            status = self._wait(job, None)
        else:
            log = RESULTS / f"{job.name.replace(' ', '-').replace('/', '-')}.log"
            with log.open("wb") as output:
                status = self._wait(job, output)
            with self._terminal:
                print(title, log.read_text(errors="replace").strip(), sep="\n", flush=True)
        return Outcome.of(job, status, time.monotonic() - began)

    def interrupt(self) -> None:
        """Asks every command to end, as Ctrl-C does when it reaches only this process."""
        for process in list(self._processes):
            process.send_signal(signal.SIGINT)

    def _wait(self, job: Job, output: BinaryIO | None) -> int:
        command = [str(word) for word in job.command]
        process = subprocess.Popen(
            command, cwd=ROOT, env=self._environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        self._processes.add(process)
        try:
            return process.wait()
        finally:
            self._processes.discard(process)
