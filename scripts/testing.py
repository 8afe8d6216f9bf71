"""`make test`: sets up, runs every part whatever the others say, and sums up."""

import os
import shutil
import signal
import time
from collections.abc import Mapping

from scripts import debian, node, python, stamps
from scripts.outcome import Outcome, Total
from scripts.parts import Job, chosen
from scripts.schedule import run_all
from scripts.second_look import second_look
from scripts.tree import RESULTS


def main() -> int:
    """Tests what ONLY names (everything when it is empty) and returns 0 only if all of it passed."""
    began = time.monotonic()
    # A shell that starts this in the background has it ignore Ctrl-C, and what tests start would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    only = os.environ.get("ONLY", "").strip()
    with stamps.alone():
        python.ensure("test", python.TEST)
        environment = node.ensure_packages()
        jobs = chosen(only)
        if {job.part for job in jobs} & {"python", "headless", "browser"}:
            debian.ensure()
    shutil.rmtree(RESULTS, ignore_errors=True)
    RESULTS.mkdir()
    tested = test_environment(environment)
    outcomes = second_look(run_all(jobs, tested), lambda job: run_all([job], tested)[0])
    return summary(jobs, outcomes, time.monotonic() - began)


def test_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """What the tests see: no colours, no address of a real service, and how many rounds the long ones do."""
    unwanted: tuple[str, ...] = (
        "DATABASE_URL",
        "REDIS_URL",
        "DATA_DIR",
        "HOST",
        "PORT",
        "ONLY",
        "MAKEFLAGS",
        "MAKELEVEL",
        "MFLAGS",
    )
    # Hundreds of servers are started: each would compile all of Kindred anew.
    unwanted += ("PYTHONDONTWRITEBYTECODE",)
    kept = {name: value for name, value in environment.items() if name not in unwanted}
    return {"ROUNDS": "1", **kept, "NO_COLOR": "1", "CI": kept.get("CI") or "false"}


def summary(jobs: list[Job], outcomes: list[Outcome], seconds: float) -> int:
    """Prints one line a job and the total, in a form that is plain to read and to parse."""
    print(f"\n{'=' * 20} summary")
    for outcome in outcomes:
        print(outcome.line())
    total = Total.of(outcomes)
    print(f"\n{seconds:.0f} s in all, set-up included")
    print(total.line())
    return 0 if total.good and len(outcomes) == len(jobs) else 1
