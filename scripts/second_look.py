"""A second look at browser tests: three real browsers and their servers on two cores are sometimes too slow for one test.

A file that failed beside others is run once more with nothing beside it. What passes only then is counted by itself and
named: a test to mend, and no reason to hold back everything else. Nothing but browsers is looked at twice: where the
protocol, the log or a fault is judged, what fails once has failed.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from scripts.outcome import Outcome
from scripts.parts import Job, browser
from scripts.tree import RESULTS

MOST_FILES = 2
"""More files than that do not fail by chance."""


def second_look(outcomes: Sequence[Outcome], run: Callable[[Job], Outcome]) -> list[Outcome]:
    """The outcomes, those of browser tests as they are after `run` has been given what failed by itself once more."""
    return [_looked_at(outcome, run) if outcome.job.part == "browser" else outcome for outcome in outcomes]


def _looked_at(first: Outcome, run: Callable[[Job], Outcome]) -> Outcome:
    files = _failed_files(first.job.report)
    if first.status == 0 or not 0 < len(files) <= MOST_FILES:
        return first
    alone = run(_alone(files))
    seconds = first.seconds + alone.seconds
    if not alone.good:
        return replace(first, seconds=seconds)
    passed = first.passed + first.failed
    return replace(first, status=0, seconds=seconds, passed=passed, failed=0, unsteady=tuple(files))


def _failed_files(report: Path | None) -> list[str]:
    """The test files that `report` knows to have failed, as Vitest names them: their paths below tests/."""
    if report is None or not report.is_file():
        return []
    cases = ElementTree.parse(report).getroot().iter("testcase")
    failed = {case.get("classname", "") for case in cases if case.find("failure") is not None}
    return sorted(failed)


def _alone(files: Sequence[str]) -> Job:
    """The run of those files, one after the other, with a report of its own: the first one stays."""
    [job] = browser(*files, "--no-file-parallelism")
    report = RESULTS / "browser-alone.xml"
    command = tuple(
        f"--outputFile.junit={report}" if str(word).startswith("--outputFile") else word for word in job.command
    )
    return replace(job, name="vitest browser, alone", command=command, report=report)
