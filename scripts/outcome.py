"""What a job came to, counted from its JUnit report where it has one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from scripts.parts import Job


@dataclass(frozen=True)
class Outcome:
    """The result of one job. A linter counts as one test; a test run that ended badly has at least one failure.

    `unhandled` is how many of the failures were errors that belong to no test. `unsteady` is how many tests passed only
    when nothing ran beside them (second_look.py), in `unsteady_files`; they are not among those that passed.
    """

    job: Job
    status: int
    seconds: float
    passed: int
    failed: int
    skipped: int
    unhandled: int = 0
    unsteady: int = 0
    unsteady_files: tuple[str, ...] = ()

    @classmethod
    def of(cls, job: Job, status: int, seconds: float) -> Outcome:
        """Reads the report of `job`, which ended with `status`."""
        if job.report is None:
            return cls(job, status, seconds, int(status == 0), int(status != 0), 0)
        cases = _cases(job.report)
        failed = sum(map(_has_failed, cases))
        skipped = sum(case.find("skipped") is not None for case in cases)
        unhandled = _unhandled(job.report)
        passed = len(cases) - failed - skipped
        failed += unhandled
        if status and not failed:
            failed = 1
        return cls(job, status, seconds, passed, failed, skipped, unhandled)

    @property
    def good(self) -> bool:
        """Nothing failed and something ran: a run without a test proves nothing."""
        return self.status == 0 and self.failed == 0 and self.passed > 0

    def line(self) -> str:
        """One line for the summary."""
        verdict = "ok    " if self.good else "FAILED"
        return f"{verdict} {self.job.part:9} {self.job.name:18} {self.seconds:6.0f} s  {Total.of([self]).line()}"


@dataclass(frozen=True)
class Total:
    """All outcomes together."""

    passed: int
    failed: int
    skipped: int
    good: bool
    unsteady: int = 0
    unsteady_files: tuple[str, ...] = ()

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> Total:
        """Adds them up. A job that ran nothing counts as a failure."""
        every = list(outcomes)
        return cls(
            sum(one.passed for one in every),
            sum(one.failed or int(not one.good) for one in every),
            sum(one.skipped for one in every),
            all(one.good for one in every),
            sum(one.unsteady for one in every),
            tuple(name for one in every for name in one.unsteady_files),
        )

    def line(self) -> str:
        """The last line of the run."""
        counted = f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
        if not self.unsteady:
            return counted
        return f"{counted}; {self.unsteady} only when run again alone, mend them: {', '.join(self.unsteady_files)}"


def failed_files(report: Path | None) -> list[str]:
    """The test files that `report` knows to have failed, as Vitest names them: their paths below tests/."""
    return sorted({case.get("classname", "") for case in _cases(report) if _has_failed(case)})


def _has_failed(case: ElementTree.Element) -> bool:
    return case.find("failure") is not None or case.find("error") is not None


def _cases(report: Path | None) -> list[ElementTree.Element]:
    """What the report tells of; nothing when there is none, or when the run broke before it was written."""
    if report is None or not report.is_file():
        return []
    try:
        return list(ElementTree.parse(report).getroot().iter("testcase"))
    except ElementTree.ParseError:
        return []


def _unhandled(report: Path) -> int:
    """How many errors that belong to no test Vitest met (tests/support/unhandled.ts)."""
    beside = report.with_name(f"{report.name}.unhandled")
    return len(beside.read_text().splitlines()) if beside.is_file() else 0
