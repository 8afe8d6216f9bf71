"""The parts of `make test`: which commands each has, and what ONLY= picks."""

import os
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

from scripts.node import tool
from scripts.problems import Problem
from scripts.tree import PYTHON, RESULTS, ROOT, VENV

CODE = ("backend", "chat", "moderation", "scripts", "tests", "manage.py")
BROWSER_TESTS = ROOT / "tests" / "browser"
PARTS = ("lint", "python", "client", "headless", "browser")
#: What a part is counted for that waits for servers more than it computes: another one goes on beside it.
HALF = max(1, (os.cpu_count() or 1) // 2)


Command = tuple[str | Path, ...]


@dataclass(frozen=True)
class Job:
    """One command of a part. `cores` is how many it keeps busy; `report` is the JUnit file it writes, if it runs tests."""

    part: str
    name: str
    command: Command
    cores: int = 1
    report: Path | None = None


def chosen(only: str) -> list[Job]:
    """The jobs for `only`: everything when it is empty, a part of PARTS, or a marker (a subject) across the parts."""
    if not only:
        return with_build([*lint(), *pytest(), *headless(), *client(), *browser()])
    by_part = {"lint": lint, "python": pytest, "client": client, "headless": headless, "browser": browser}
    jobs = with_build(by_part[only]() if only in by_part else of_subject(only))
    if not jobs:
        raise Problem(f"ONLY={only} names nothing. There are {', '.join([*PARTS, *markers()])}.")
    return jobs


def with_build(jobs: list[Job]) -> list[Job]:
    """Puts the build of the client before jobs that serve it. When it fails, the others still say what they can."""
    if {job.part for job in jobs} & {"python", "headless", "browser"}:
        return [Job("build", "client", (sys.executable, "-m", "scripts", "build")), *jobs]
    return jobs


def of_subject(subject: str) -> list[Job]:
    """Python tests marked with `subject`, and TypeScript tests that have it in their path."""
    jobs = pytest("-m", subject) if subject in markers() else []
    if any(subject in str(path.relative_to(ROOT)) for path in (ROOT / "client" / "src").rglob("*.test.ts")):
        jobs += client(subject)
    for path, vitest in ((ROOT / "tests", headless), (BROWSER_TESTS, browser)):
        found = [test for test in path.rglob("*.test.ts") if (BROWSER_TESTS in test.parents) == (vitest is browser)]
        if any(subject in str(test.relative_to(ROOT)) for test in found):
            jobs += vitest(subject)
    return jobs


def markers() -> list[str]:
    """The subjects that pyproject.toml declares for pytest."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return [line.split(":")[0] for line in project["tool"]["pytest"]["ini_options"]["markers"]]


def lint() -> list[Job]:
    """Formatting, types and the direction of imports, for Python and TypeScript."""
    commands: dict[str, Command] = {
        "mypy": (VENV / "bin" / "mypy", *CODE),
        "svelte-check": ("npm", "run", "--silent", "--workspace", "client", "check"),
        "eslint": (tool("eslint"), "--max-warnings", "0", "client", "tests"),
        "tsc client/build": (tool("tsc"), "--project", "client/tsconfig.node.json"),
        "tsc client/src/sw": (tool("tsc"), "--project", "client/src/sw"),
        "tsc tests": (tool("tsc"), "--project", "tests"),
        "ruff check": (VENV / "bin" / "ruff", "check", *CODE),
        "ruff format": (VENV / "bin" / "ruff", "format", "--check", *CODE),
        "lint-imports": (VENV / "bin" / "lint-imports", "--no-cache"),
    }
    return [Job("lint", name, command) for name, command in commands.items()]


def pytest(*extra: str) -> list[Job]:
    """The Python tests."""
    report = RESULTS / "python.xml"
    processes = os.cpu_count() or 1
    command: Command = (
        PYTHON,
        "-m",
        "pytest",
        "-n",
        str(processes + processes // 2),
        f"--junitxml={report}",
        *extra,
    )
    return [Job("python", "pytest", command, HALF, report)]


def client(*paths: str) -> list[Job]:
    """The client's unit tests, in Node."""
    return [vitest("client", "client", *paths, cores=HALF)]


def headless(*paths: str) -> list[Job]:
    """Tests in TypeScript that need a server but no browser."""
    if not any(BROWSER_TESTS not in test.parents for test in (ROOT / "tests").rglob("*.test.ts")):
        return []
    return [vitest("headless", "tests", "--project", "headless", *paths, cores=HALF)]


def browser(*paths: str) -> list[Job]:
    """The tests in Chromium, Firefox and WebKit."""
    return [vitest("browser", "tests", "--project", "browser", *paths)]


def vitest(part: str, root: str, *extra: str, cores: int | None = None) -> Job:
    """A run of Vitest, which keeps every core busy unless it is told to have fewer."""
    report = RESULTS / f"{part}.xml"
    unhandled = ROOT / "tests" / "support" / "unhandled.ts"
    reporters = ("--reporter=default", "--reporter=junit", f"--reporter={unhandled}", f"--outputFile.junit={report}")
    command: Command = (tool("vitest"), "run", "--root", root, *reporters, *extra)
    return Job(part, f"vitest {part}", command, cores or os.cpu_count() or 1, report)
