"""A second look at screens that failed: three real browsers and their servers on two cores are sometimes too slow for one.

Only files in `SCREENS`, which show the app with a made-up engine and judge no promise, are run again, with nothing beside
them. What passes only then counts neither as passed nor as failed: the last line of the run gives its number and names the
files. Everything else that fails once has failed.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from scripts.outcome import Outcome, failed_files
from scripts.parts import Job, browser
from scripts.tree import RESULTS

SCREENS = "browser/screens/"
"""The one place of what may be looked at twice, as Vitest names it: below tests/."""
MOST_FILES = 2
"""More files than that do not fail by chance."""
SOME_TEST_FAILED = 1
"""Vitest's exit status; any other one says that the run itself broke."""


def second_look(outcomes: Sequence[Outcome], run: Callable[[Job], Outcome]) -> list[Outcome]:
    """The outcomes, those of browser tests as they are after `run` has been given what failed by itself once more."""
    return [_looked_at(outcome, run) if outcome.job.part == "browser" else outcome for outcome in outcomes]


def _looked_at(first: Outcome, run: Callable[[Job], Outcome]) -> Outcome:
    files = failed_files(first.job.report)
    if first.status != SOME_TEST_FAILED or first.unhandled or not 0 < len(files) <= MOST_FILES:
        return first
    if not all(file.startswith(SCREENS) for file in files):
        return first
    alone = run(_alone(files))
    seconds = first.seconds + alone.seconds
    if not alone.good or alone.passed < first.failed:
        return replace(first, seconds=seconds)
    return replace(first, status=0, seconds=seconds, failed=0, unsteady=first.failed, unsteady_files=tuple(files))


def _alone(files: Sequence[str]) -> Job:
    """The run of those files, one after the other, with a report of its own: the first one stays."""
    [job] = browser(*files, "--no-file-parallelism")
    report = RESULTS / "browser-alone.xml"
    command = tuple(
        f"--outputFile.junit={report}" if str(word).startswith("--outputFile") else word for word in job.command
    )
    return replace(job, name="vitest browser, alone", command=command, report=report)
