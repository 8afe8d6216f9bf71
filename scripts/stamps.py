"""Remembers what each set-up step was made from, so that it is done again only when that changed."""

import fcntl
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.tree import ROOT, STAMPS


def digest(files: Iterable[Path], *facts: str) -> str:
    """A hash over the paths and contents of `files` and over `facts` (versions, places)."""
    total = hashlib.sha256()
    for fact in facts:
        total.update(f"{fact}\0".encode())
    for file in files:
        total.update(f"{file.relative_to(ROOT)}\0".encode())
        total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def fresh(step: str, made_from: str, *outputs: Path) -> bool:
    """Whether `step` was last made from `made_from` and its `outputs` are still there."""
    stamp = STAMPS / step
    return stamp.is_file() and stamp.read_text() == made_from and all(output.exists() for output in outputs)


def done(step: str, made_from: str) -> None:
    """Remembers that `step` was made from `made_from`."""
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / step).write_text(made_from)


@contextmanager
def alone() -> Iterator[None]:
    """Lets one set-up at a time work in this checkout; a second one waits."""
    STAMPS.mkdir(exist_ok=True)
    with (STAMPS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
