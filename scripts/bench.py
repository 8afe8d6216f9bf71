"""`make bench`: runs every measurement in tests/bench, one after the other, so that none disturbs another."""

from scripts import debian, node, python, stamps
from scripts.parts import vitest
from scripts.problems import Problem
from scripts.testing import test_environment
from scripts.tree import PYTHON, ROOT, call

FOLDER = ROOT / "tests" / "bench"


def main() -> int:
    """Measures; the figures are printed."""
    with stamps.alone():
        python.ensure("test", python.TEST)
        environment = test_environment(node.ensure_packages())
        debian.ensure()
        node.ensure_client()
    scripts = sorted(FOLDER.glob("bench_*.py"))
    in_browser = sorted(FOLDER.glob("*.bench.ts"))
    if not scripts and not in_browser:
        raise Problem("tests/bench holds nothing to measure.")
    for script in scripts:
        call(script.name, [PYTHON, script], environment)
    if in_browser:
        call(
            "Measuring in browsers",
            vitest("bench", "tests", "--project", "bench").command,
            environment,
        )
    return 0
