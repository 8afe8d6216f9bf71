"""Runs jobs side by side on the cores there are, and shows the output of each in one piece."""

import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from scripts.outcome import Outcome
from scripts.parts import Job
from scripts.tree import RESULTS, ROOT


def run_all(jobs: Sequence[Job], environment: Mapping[str, str]) -> list[Outcome]:
    """Runs every job, in order, several at once while cores are free; returns their outcomes in the same order."""
    free = os.cpu_count() or 1
    whole = free
    changed = threading.Condition()
    terminal = threading.Lock()

    def run(job: Job, cores: int) -> Outcome:
        nonlocal free
        try:
            return run_one(job, environment, terminal, live=cores == whole)
        finally:
            with changed:
                free += cores
                changed.notify_all()

    with ThreadPoolExecutor(max_workers=whole) as pool:
        running = []
        for job in jobs:
            cores = min(job.cores, whole)
            with changed:
                while free < cores:
                    changed.wait()
                free -= cores
            running.append(pool.submit(run, job, cores))
        return [one.result() for one in running]


def run_one(job: Job, environment: Mapping[str, str], terminal: threading.Lock, *, live: bool) -> Outcome:
    """Runs one job: `live` shows its output as it comes, otherwise all of it at the end."""
    began = time.monotonic()
    command = [str(word) for word in job.command]
    title = f"\n{'=' * 20} {job.part}: {job.name}"
    if live:
        print(title, flush=True)
        status = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False).returncode
    else:
        log = RESULTS / f"{job.name.replace(' ', '-').replace('/', '-')}.log"
        with log.open("wb") as output:
            status = subprocess.run(
                command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, check=False
            ).returncode
        with terminal:
            print(title, log.read_text(errors="replace").strip(), sep="\n", flush=True)
    return Outcome.of(job, status, time.monotonic() - began)
