"""`make bench`: runs every measurement in tests/bench, one after the other, so that none disturbs another."""

from collections.abc import Sequence
from pathlib import Path

from scripts import debian, node, python, stamps
from scripts.parts import vitest
from scripts.problems import Problem
from scripts.testing import test_environment
from scripts.tree import PYTHON, ROOT, call

FOLDER = ROOT / "tests" / "bench"
LAST = FOLDER / "bench_delivery.py"
"""Its last line, one JSON object, is the last line of all."""


def main() -> int:
    """Measures; the figures are printed. What fails does not keep the rest from being measured."""
    with stamps.alone():
        python.ensure("test", python.TEST)
        environment = test_environment(node.ensure_packages())
        debian.ensure()
        node.ensure_client()
    others = [script for script in sorted(FOLDER.glob("bench_*.py")) if script != LAST]
    steps: list[tuple[str, Sequence[str | Path]]] = [(script.name, [PYTHON, script]) for script in others]
    if any(FOLDER.glob("*.bench.ts")):
        steps.append(("Measuring in browsers", vitest("bench", "tests", "--project", "bench").command))
    problems: list[Problem] = []
    for what, command in [*steps, (LAST.name, (PYTHON, LAST))]:
        try:
            call(what, command, environment)
        except Problem as problem:
            problems.append(problem)
    if problems:
        raise problems[0]
    return 0
