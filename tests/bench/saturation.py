"""What a server carries when it is given as much as suits it best."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.bench import load, servers

RUNS = int(os.environ.get("BENCH_RUNS") or 3)
SECONDS = float(os.environ.get("BENCH_SECONDS") or 3)
ACKNOWLEDGE = {load.KINDRED: 32, load.RAW: 0, load.STREAM: 0}
WINDOW, MAX_WINDOW = 8, 64
WORTH = 1.05
"""A wider window that brings less than this is the last one tried."""

Clients = Callable[[], list[load.Client]]


@dataclass(frozen=True)
class Saturation:
    """A server's best run, and the one with 8 messages under way in each room."""

    best: load.Seen
    first: load.Seen


def told(name: str, seen: load.Seen) -> load.Seen:
    print(f"  {name:34} {seen.line()}", flush=True)
    if seen.faults:
        raise SystemExit(f"{name}: {seen.faults} messages were lost, doubled, refused or out of order")
    return seen


def at_window(name: str, clients: Clients, dialect: int, pids: Sequence[int], window: int) -> load.Seen:
    """The median run of several, each with connections of its own, with `window` messages under way in each room."""
    runs = []
    for _ in range(RUNS):
        connected = clients()
        runs.append(once(name, connected, dialect, pids, window))
        servers.close(connected)
    return median(runs)


def once(name: str, connected: Sequence[load.Client], dialect: int, pids: Sequence[int], window: int) -> load.Seen:
    seen = load.drive(connected, dialect, pids, window=window, acknowledge=ACKNOWLEDGE[dialect], measure=SECONDS)
    return told(f"{name}, {window} under way", seen)


def median(runs: Sequence[load.Seen]) -> load.Seen:
    """By rate."""
    return sorted(runs, key=lambda run: run.rate)[len(runs) // 2]


def saturated(run: Callable[[int], load.Seen]) -> Saturation:
    """Twice as many messages under way, until they bring no more. `run` is the median run with so many in each room."""
    window = WINDOW
    first = best = run(window)
    while window < MAX_WINDOW:
        window *= 2
        wider = run(window)
        gained = wider.rate / best.rate
        best = max(best, wider, key=lambda seen: seen.rate)
        if gained < WORTH:
            break
    return Saturation(best, first)


def at_rate(clients: Clients, dialect: int, pid: int, rate: float, seconds: float) -> load.Seen:
    """One run at `rate` messages a second in each room."""
    connected = clients()
    seen = load.drive(connected, dialect, [pid], rate=rate, acknowledge=ACKNOWLEDGE[dialect], measure=seconds)
    servers.close(connected)
    return seen
