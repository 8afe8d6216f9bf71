"""What a job came to, counted from its JUnit report where it has one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from xml.etree import ElementTree

from scripts.parts import Job


@dataclass(frozen=True)
class Outcome:
    """The result of one job. A linter counts as one test; a test run that ended badly has at least one failure.

    `unsteady` names the test files that passed only when nothing ran beside them (second_look.py).
    """

    job: Job
    status: int
    seconds: float
    passed: int
    failed: int
    skipped: int
    unsteady: tuple[str, ...] = ()

    @classmethod
    def of(cls, job: Job, status: int, seconds: float) -> Outcome:
        """Reads the report of `job`, which ended with `status`."""
        if job.report is None:
            return cls(job, status, seconds, int(status == 0), int(status != 0), 0)
        tests = failed = skipped = 0
        if job.report.is_file():
            for case in ElementTree.parse(job.report).getroot().iter("testcase"):
                tests += 1
                failed += case.find("failure") is not None or case.find("error") is not None
                skipped += case.find("skipped") is not None
        passed = tests - failed - skipped
        if status and not failed:
            failed = 1
        return cls(job, status, seconds, passed, failed, skipped)

    @property
    def good(self) -> bool:
        """Nothing failed and something ran: a run without a test proves nothing."""
        return self.status == 0 and self.failed == 0 and self.passed > 0

    def line(self) -> str:
        """One line for the summary."""
        verdict = "ok    " if self.good else "FAILED"
        return (
            f"{verdict} {self.job.part:9} {self.job.name:18} {self.seconds:6.0f} s"
            f"  {self.passed} passed, {self.failed} failed, {self.skipped} skipped{_only_alone(self.unsteady)}"
        )


@dataclass(frozen=True)
class Total:
    """All outcomes together."""

    passed: int
    failed: int
    skipped: int
    good: bool
    unsteady: tuple[str, ...] = ()

    @classmethod
    def of(cls, outcomes: Iterable[Outcome]) -> Total:
        """Adds them up. A job that ran nothing counts as a failure."""
        every = list(outcomes)
        return cls(
            sum(one.passed for one in every),
            sum(one.failed or int(not one.good) for one in every),
            sum(one.skipped for one in every),
            all(one.good for one in every),
            tuple(name for one in every for name in one.unsteady),
        )

    def line(self) -> str:
        """The last line of the run."""
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped{_only_alone(self.unsteady)}"


def _only_alone(files: tuple[str, ...]) -> str:
    return f"; only when run again alone, mend them: {', '.join(files)}" if files else ""
