"""The set-up that people run: what it skips, what it picks, and what it says when something is missing."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from scripts import debian, node, parts, python, schedule, stamps
from scripts.outcome import Outcome, Total
from scripts.parts import Job
from scripts.problems import Problem
from scripts.schedule import run_all
from scripts.second_look import SCREENS, second_look
from scripts.tree import ROOT

REPORT = """<testsuites><testsuite>
<testcase name="a"/><testcase name="b"><failure/></testcase><testcase name="c"><skipped/></testcase>
</testsuite></testsuites>"""


@pytest.fixture
def own_stamps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(stamps, "STAMPS", tmp_path / "stamps")
    return tmp_path


@pytest.fixture
def own_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(schedule, "RESULTS", tmp_path)
    return tmp_path


def test_a_step_is_done_again_only_when_its_inputs_change_or_its_output_is_gone(own_stamps: Path) -> None:
    output = own_stamps / "output"
    output.touch()
    stamps.done("step", "first")
    assert stamps.fresh("step", "first", output)
    assert not stamps.fresh("step", "second", output)
    output.unlink()
    assert not stamps.fresh("step", "first", output)


def test_the_digest_of_files_changes_with_their_content_and_with_the_facts() -> None:
    makefile, readme = ROOT / "Makefile", ROOT / "Procfile"
    assert stamps.digest([makefile], "a") == stamps.digest([makefile], "a")
    assert len({stamps.digest([makefile], "a"), stamps.digest([makefile], "b"), stamps.digest([readme], "a")}) == 3


@pytest.mark.parametrize("release", [(20, 19, 0), (20, 20, 2), (22, 12, 0), (24, 0, 0)])
def test_a_node_that_can_build_the_client_is_taken(release: tuple[int, ...]) -> None:
    assert node.recent(release)


@pytest.mark.parametrize("release", [(18, 20, 0), (20, 18, 9), (21, 7, 0), (22, 11, 0), ()])
def test_a_node_that_cannot_build_the_client_is_not_taken(release: tuple[int, ...]) -> None:
    assert not node.recent(release)


def test_packages_as_the_lock_file_has_them_are_not_installed_again(tmp_path: Path) -> None:
    lock, installed = tmp_path / "package-lock.json", tmp_path / ".package-lock.json"
    packages = {
        "": {"name": "root"},
        "node_modules/a": {"version": "1.0.0"},
        "node_modules/other-system": {"version": "1.0.0", "optional": True},
    }
    lock.write_text(json.dumps({"packages": packages}))
    assert not node.as_locked(installed, lock)
    installed.write_text(json.dumps({"packages": {"node_modules/a": {"version": "1.0.0"}}}))
    assert node.as_locked(installed, lock)
    installed.write_text(json.dumps({"packages": {"node_modules/a": {"version": "0.9.0"}}}))
    assert not node.as_locked(installed, lock)


def test_a_missing_venv_module_is_named_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(python, "PYTHON", ROOT / "no-such-python")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else object())
    with pytest.raises(Problem, match=r"'ensurepip' is missing.*apt-get install python3-venv"):
        python.ensure_venv()


def test_without_root_the_missing_programs_are_named_with_the_command_that_installs_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(debian, "missing", lambda: ["chromium", "redis-server"])
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Problem, match="sudo apt-get install --no-install-recommends chromium redis-server"):
        debian.ensure()


def test_a_part_or_a_subject_picks_its_jobs() -> None:
    assert {job.part for job in parts.chosen("")} >= {"lint", "python", "client", "browser"}
    assert {job.part for job in parts.chosen("lint")} == {"lint"}
    assert [job.part for job in parts.chosen("browser")] == ["build", "browser"]
    assert parts.chosen("privacy")[1].command[-2:] == ("-m", "privacy")
    with pytest.raises(Problem, match="ONLY=nonsense names nothing"):
        parts.chosen("nonsense")


def test_a_run_without_a_test_and_a_run_that_crashed_both_fail(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    job = Job("python", "pytest", ("pytest",), report=report)
    assert not Outcome.of(job, 0, 1.0).good
    assert Total.of([Outcome.of(job, 0, 1.0)]).line() == "0 passed, 1 failed, 0 skipped"
    assert not Outcome.of(job, 139, 1.0).good
    report.write_text(REPORT)
    outcome = Outcome.of(job, 1, 1.0)
    assert (outcome.passed, outcome.failed, outcome.skipped) == (1, 1, 1)


def test_jobs_run_to_the_end_whatever_the_others_say(own_results: Path) -> None:
    jobs = [Job("lint", "good", ("true",)), Job("lint", "bad", ("false",)), Job("lint", "both", ("true",), cores=99)]
    outcomes = run_all(jobs, os.environ)
    assert [outcome.good for outcome in outcomes] == [True, False, True]
    assert Total.of(outcomes).line() == "2 passed, 1 failed, 0 skipped"


SCREEN = "browser/screens/a.test.ts"


def of_browsers(folder: Path, *failed: str, unhandled: str = "") -> Outcome:
    report = folder / "browser.xml"
    cases = "".join(f'<testcase classname="{file}" name="a"><failure/></testcase>' for file in failed)
    report.write_text(f'<testsuites><testcase classname="good.test.ts" name="a"/>{cases}</testsuites>')
    if unhandled:
        (folder / "browser.xml.unhandled").write_text(unhandled)
    return Outcome.of(Job("browser", "vitest browser", (), report=report), int(bool(failed)), 10.0)


def never(job: Job) -> Outcome:
    pytest.fail(f"{job.name} was run again")


def test_a_screen_that_passes_only_alone_is_named_and_counts_neither_as_passed_nor_as_failed(tmp_path: Path) -> None:
    seen: list[Job] = []

    def passes(job: Job) -> Outcome:
        seen.append(job)
        return Outcome(job, 0, 2.0, 1, 0, 0)

    [outcome] = second_look([of_browsers(tmp_path, SCREEN)], passes)
    assert SCREEN in seen[0].command
    assert "--no-file-parallelism" in seen[0].command
    assert outcome.good
    assert Total.of([outcome]).line() == (
        f"1 passed, 0 failed, 0 skipped; 1 only when run again alone, mend them: {SCREEN}"
    )


def test_what_fails_alone_too_has_failed(tmp_path: Path) -> None:
    first = of_browsers(tmp_path, SCREEN)
    [outcome] = second_look([first], lambda job: Outcome(job, 1, 2.0, 0, 1, 0))
    assert not outcome.good
    assert Total.of([outcome]).line() == "1 passed, 1 failed, 0 skipped"


def test_a_second_look_that_ran_less_than_what_failed_forgives_nothing(tmp_path: Path) -> None:
    first = of_browsers(tmp_path, SCREEN, SCREEN)
    [outcome] = second_look([first], lambda job: Outcome(job, 0, 2.0, 1, 0, 0))
    assert Total.of([outcome]).line() == "1 passed, 2 failed, 0 skipped"


@pytest.mark.parametrize("file", ["unreliable", "catching_up", "returning", "manners", "screens"])
def test_a_promise_is_never_looked_at_twice_also_not_beside_a_screen(tmp_path: Path, file: str) -> None:
    for failed in ((f"browser/{file}.test.ts",), (f"browser/{file}.test.ts", SCREEN)):
        first = of_browsers(tmp_path, *failed)
        assert second_look([first], never) == [first]
        assert Total.of([first]).line() == f"1 passed, {len(failed)} failed, 0 skipped"


def test_what_may_be_looked_at_twice_shows_a_made_up_engine_and_starts_no_server() -> None:
    files = sorted((ROOT / "tests" / SCREENS).glob("*.ts"))
    assert files
    for file in files:
        assert "world.ts" not in file.read_text()
        assert "KindredServer" not in file.read_text()


def test_an_error_that_belongs_to_no_test_fails_the_run_and_is_not_hidden_by_a_second_look(tmp_path: Path) -> None:
    first = of_browsers(tmp_path, SCREEN, unhandled="a promise was rejected\n")
    assert second_look([first], never) == [first]
    assert Total.of([first]).line() == "1 passed, 2 failed, 0 skipped"


def test_vitest_tells_of_an_error_that_belongs_to_no_test(tmp_path: Path) -> None:
    [job] = parts.headless("beside")
    (tmp_path / "beside.test.ts").write_text(
        'import { test } from "vitest";\n'
        'test("passes", () => { void Promise.reject(new Error("nobody\\nwaits for this")); });\n'
        'test("fails", () => { throw new Error("this one"); });\n'
    )
    report = tmp_path / "report.xml"
    command = [part for part in map(str, job.command) if part not in ("--project", "headless")]
    command[command.index("tests")] = str(tmp_path)
    command = [f"--outputFile.junit={report}" if word.startswith("--outputFile") else word for word in command]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    outcome = Outcome.of(replace(job, report=report), run.returncode, 1.0)
    assert (outcome.passed, outcome.failed, outcome.unhandled) == (1, 2, 1), run.stdout + run.stderr


def test_a_run_that_broke_before_its_report_was_written_has_failed(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.touch()
    assert Total.of([Outcome.of(Job("headless", "vitest", (), report=report), 134, 1.0)]).line() == (
        "0 passed, 1 failed, 0 skipped"
    )


@pytest.mark.parametrize("part", ["python", "headless", "client", "lint"])
def test_nothing_but_browsers_is_looked_at_twice(tmp_path: Path, part: str) -> None:
    first = of_browsers(tmp_path, SCREEN)
    other = replace(first, job=replace(first.job, part=part))
    assert second_look([other], never) == [other]


def test_many_screens_that_fail_are_not_looked_at_twice_and_neither_is_a_run_that_crashed(tmp_path: Path) -> None:
    many = of_browsers(tmp_path, *(f"browser/screens/{name}.test.ts" for name in "abc"))
    assert second_look([many], never) == [many]
    for crashed in (of_browsers(tmp_path), of_browsers(tmp_path, SCREEN)):
        broken = replace(crashed, status=139, failed=1)
        assert second_look([broken], never) == [broken]


def test_an_interrupt_ends_what_runs_and_starts_nothing_more(own_results: Path) -> None:
    later = own_results / "later"
    jobs = [Job("python", "long", ("sleep", "60"), cores=99), Job("python", "next", ("touch", later), cores=99)]
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    began = time.monotonic()
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        run_all(jobs, os.environ)
    assert time.monotonic() - began < 30
    assert not later.exists()


def test_an_unknown_command_is_answered_with_those_there_are() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "scripts", "dance"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert run.returncode == 1
    assert "there are run, build, test, bench, lock, links, clean" in run.stderr


def test_make_help_lists_every_target() -> None:
    make = shutil.which("make")
    assert make is not None
    said = subprocess.run([make, "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [line.split()[1] for line in said.splitlines() if line.startswith("  make")] == (
        ["help", "run", "test", "lint", "bench", "lock", "links", "clean"]
    )


def test_nothing_pinned_names_the_host_of_a_registry() -> None:
    for name in ("requirements.txt", "requirements-dev.txt", "requirements-node.txt"):
        assert "://" not in (ROOT / name).read_text()
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert [place for place, package in packages.items() if "://" in str(package.get("resolved", ""))] == []
