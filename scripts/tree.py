"""Where things are in this checkout."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from scripts.problems import Problem

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMPS = ROOT / ".stamps"
RESULTS = ROOT / "test-results"


def files_below(*names: str, without: frozenset[str] = frozenset()) -> Iterator[Path]:
    """Every file that `names` (files or folders in the checkout) stand for, sorted, leaving out folders named in `without`."""
    for name in names:
        start = ROOT / name
        if start.is_file():
            yield start
        for folder, folders, files in os.walk(start):
            folders[:] = sorted(set(folders) - without)
            yield from (Path(folder) / file for file in sorted(files))


def call(what: str, command: Sequence[str | Path], environment: Mapping[str, str] | None = None) -> None:
    """Runs `command` in the checkout and shows its output; a failure is a Problem that says `what` did not work."""
    status = subprocess.run([str(word) for word in command], cwd=ROOT, env=environment, check=False).returncode
    if status:
        raise Problem(f"{what} did not work (exit status {status}); the lines above say why.")
