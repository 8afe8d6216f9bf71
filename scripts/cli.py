"""The commands behind the Makefile."""

import shutil
import sys
from collections.abc import Callable
from importlib import import_module

from scripts.problems import Problem
from scripts.tree import ROOT

COMMANDS = {
    "run": "scripts.serve",
    "build": "scripts.build",
    "test": "scripts.testing",
    "bench": "scripts.bench",
    "lock": "scripts.lock",
    "links": "scripts.links",
}


def main(arguments: list[str]) -> int:
    """Runs the one command named in `arguments` and returns its exit status."""
    command = " ".join(arguments)
    try:
        if command == "clean":
            return clean()
        if command not in COMMANDS:
            raise Problem(f"There is no command {command!r}; there are {', '.join([*COMMANDS, 'clean'])}.")
        run: Callable[[], int] = import_module(COMMANDS[command]).main
        return run()
    except Problem as problem:
        print(f"\n{problem}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted before the end: this says nothing about what was still to come.", file=sys.stderr)
        return 130


def clean() -> int:
    """Removes everything that `make run` and `make test` made, except people's data."""
    for name in (".venv", "node_modules", ".stamps", "client/dist", "test-results"):
        shutil.rmtree(ROOT / name, ignore_errors=True)
    return 0
