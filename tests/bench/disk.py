"""What the disk alone takes for one message that comes by itself: the least that a durable server can take."""

from __future__ import annotations

import os
import time
from pathlib import Path

WRITES = 300
PAUSE_SECONDS = 0.05
PAGES = 6
"""Pages of 4 KiB that SQLite's write-ahead log grows by with one message."""


def sync_p99_ms(folder: Path) -> float:
    """The slowest hundredth of small appends that are made durable, 20 a second, in a new file in `folder`."""
    page = os.urandom(4096 + 24)
    taken = []
    with (folder / "disk").open("wb", buffering=0) as file:
        for _ in range(WRITES):
            begun = time.perf_counter()
            for _ in range(PAGES):
                file.write(page)
            os.fdatasync(file.fileno())
            taken.append(1000 * (time.perf_counter() - begun))
            time.sleep(PAUSE_SECONDS)
    return sorted(taken)[WRITES * 99 // 100]
