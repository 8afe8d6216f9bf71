"""Services that any test may ask for."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.support import faults
from tests.support.loopback import deny_the_internet
from tests.support.rounds import EXAMPLES, ROUNDS
from tests.support.services import PostgreSQL, Redis
from tests.support.sharing import Sharing

# Real servers answer when they can: no example fails for being slow. ROUNDS (make test ROUNDS=n) tries n times as many.
settings.register_profile(
    "kindred", max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("kindred")


@pytest.fixture(scope="session", autouse=True)
def only_this_machine() -> Iterator[None]:
    """No test reaches the internet."""
    with pytest.MonkeyPatch.context() as patch:
        deny_the_internet(patch)
        yield


@pytest.fixture(scope="session")
def rounds() -> int:
    """How many times a long test does its work (ROUNDS)."""
    return ROUNDS


@pytest.fixture(scope="session")
def redis_server() -> Iterator[Redis]:
    """A Redis server for this process of tests. Do not kill it; make one of your own for that."""
    with Redis() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgreSQL]:
    """A PostgreSQL server for this process of tests. Do not kill it; make one of your own for that."""
    with PostgreSQL() as server:
        yield server


Judged = Callable[[Mapping[str, int], int], None]


@pytest.fixture
def judged(record_property: Callable[[str, object], None]) -> Judged:
    """Call it with what `judge` found and how many messages were acknowledged: all must be 0, and the totals say so."""

    def judge(found: Mapping[str, int], acknowledged: int) -> None:
        record_property(faults.PROPERTY, faults.totals(found, acknowledged))
        assert {kind: count for kind, count in found.items() if count and kind not in faults.ALLOWED} == {}

    return judge


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests of faults run twice, and ROUNDS times when that is more; `fault_round` counts from 1.

    Those that run on each kind of `store` anyway run half as often on each.
    """
    if any(mark.name == "faults" for mark in metafunc.definition.iter_markers()):
        times = max(2, ROUNDS)
        if "store" in metafunc.fixturenames:
            times = (times + 1) // 2
        if "fault_round" not in metafunc.fixturenames:
            metafunc.fixturenames.append("fault_round")
        metafunc.parametrize("fault_round", range(1, times + 1))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Sharing:
    return Sharing(config, log)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    line = faults.summary(report for reports in terminalreporter.stats.values() for report in reports)
    if line:
        terminalreporter.write_line(line)
