"""What a wall clock says when a process starts makes no entry old: not ahead, not behind."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest

from chat.delivery import ages, rounds
from chat.delivery.ages import DAY_MS, KEPT_MS, MARK_MS, SETTLED_MS, Ages
from chat.delivery.cleanup import Cleanup
from chat.delivery.log import Stamp, now_ms
from chat.delivery.readers import Readers
from chat.delivery.retention import Retention
from chat.delivery.rounds import BELIEVED_AFTER_MS, STEADY_MS, Clock
from chat.delivery.writer import Writer
from chat.models import Account, Entry, EntryMark, RoomKind
from tests.delivery.groups import Circle, circle
from tests.delivery.harness import Store, in_db
from tests.delivery.test_cleanup import unfounded
from tests.delivery.test_retention import left, nobody
from tests.socket.test_sync import fill

YEAR_2000 = 946_684_800_000
Started = Callable[[], Ages]


class Times:
    """A wall clock and an uptime that tests set."""

    def __init__(self) -> None:
        self.wall = now_ms()
        self.uptime = 5_000

    def pass_by(self, milliseconds: int) -> None:
        self.wall += milliseconds
        self.uptime += milliseconds


@pytest.fixture
def times(monkeypatch: pytest.MonkeyPatch) -> Times:
    made = Times()
    monkeypatch.setattr(ages, "now_ms", lambda: made.wall)
    return made


@pytest.fixture
async def work(store: Store) -> AsyncIterator[tuple[Writer, Readers]]:
    await in_db(EntryMark.objects.all().delete)
    writer = Writer(asyncio.get_running_loop(), lambda: Stamp("x", 1, bytes(32)), lambda _: None)
    writer.start()
    readers = Readers()
    yield writer, readers
    await asyncio.to_thread(writer.stop)
    readers.stop()


@pytest.fixture
def started(work: tuple[Writer, Readers], times: Times) -> Started:
    """A process that starts."""
    return lambda: Ages(*work, Clock(), lambda: times.uptime)


def newest_entry() -> int:
    return Entry.objects.order_by("-pk").values_list("pk", flat=True)[0]


async def test_entries_are_old_after_thirty_days_of_uptime_and_settled_after_ten_minutes(
    started: Started, times: Times
) -> None:
    here = await in_db(circle, 1)
    process = started()
    newest = await in_db(newest_entry)
    found = await process.look()
    assert (found.settled, found.old) == (0, 0)
    times.pass_by(SETTLED_MS)
    assert (await process.look()).settled == newest
    await in_db(fill, here, 3)
    times.pass_by(KEPT_MS - SETTLED_MS - 1)
    assert (await process.look()).old == 0
    times.pass_by(1)
    found = await process.look()
    assert (found.settled, found.old) == (newest, newest), "what came since is as old as its first mark"


async def test_a_process_that_starts_with_the_clock_ahead_lets_nothing_go(
    started: Started, times: Times, work: tuple[Writer, Readers]
) -> None:
    """Thirty-one days at once: to everyone's unread messages that must be no time at all."""
    here = await in_db(circle, 2)
    await in_db(fill, here, 5)
    await started().look()
    times.wall += 31 * DAY_MS
    await in_db(lambda: Entry.objects.filter(room=here.group.room, seq=6).update(accepted_at=times.wall))
    keeper = Retention(*work, Clock(), nobody)
    keeper._ages = process = started()
    for _ in range(20):
        times.pass_by(MARK_MS)
        await keeper.look()
    assert await in_db(left, here) == [2, 3, 4, 5, 6]
    again = started()
    times.pass_by(MARK_MS)
    assert (await again.look()).old == (await process.look()).old == 0


async def test_what_was_accepted_while_the_clock_was_years_behind_stays_when_it_is_set(
    started: Started, times: Times, work: tuple[Writer, Readers]
) -> None:
    now, times.wall = times.wall, YEAR_2000
    await started().look()
    here = await in_db(circle, 2)
    await in_db(fill, here, 5)
    await in_db(lambda: Entry.objects.filter(room=here.group.room).update(accepted_at=YEAR_2000))
    times.wall = now
    keeper = Retention(*work, Clock(), nobody)
    keeper._ages = started()
    for _ in range(3):
        times.pass_by(DAY_MS)
        await keeper.look()
    assert await in_db(left, here) == [2, 3, 4, 5, 6]


async def test_a_night_that_a_server_is_off_counts_and_a_week_does_not(started: Started, times: Times) -> None:
    await started().look()
    times.wall += DAY_MS // 2
    process = started()
    await process.look()
    assert await in_db(lambda: EntryMark.objects.latest("passed_ms").passed_ms) == DAY_MS // 2
    times.wall += 7 * DAY_MS
    process = started()
    times.pass_by(MARK_MS)
    await process.look()
    times.pass_by(MARK_MS)
    await process.look()
    newest = await in_db(lambda: EntryMark.objects.latest("passed_ms").passed_ms)
    assert newest == DAY_MS // 2 + MARK_MS


async def test_a_clock_that_leapt_is_believed_after_a_day_and_no_entry_is_older_by_it(
    started: Started, times: Times, work: tuple[Writer, Readers]
) -> None:
    async def closed(*_: object) -> None:
        raise AssertionError("nothing may be cleaned up by a clock that is not believed")

    await started().look()
    times.wall += 31 * DAY_MS
    clock = Clock()
    process = Ages(*work, clock, lambda: times.uptime)
    await process.look()
    await in_db(unfounded, await in_db(circle, 1), RoomKind.OPEN, timedelta(days=40))
    await Cleanup(*work, clock, closed).look()
    times.pass_by(BELIEVED_AFTER_MS)
    await process.look()
    assert not clock.doubted
    newest = await in_db(EntryMark.objects.latest, "passed_ms")
    assert (newest.passed_ms, newest.wall_ms) == (BELIEVED_AFTER_MS, times.wall)


@pytest.mark.parametrize("leap_ms", [2 * STEADY_MS, -365 * DAY_MS])
def test_a_clock_that_leapt_under_a_process_is_believed_after_a_day(
    leap_ms: int, times: Times, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that was paused, or had no time yet when it started: else nothing was forgotten until a restart."""
    monkeypatch.setattr(rounds, "now_ms", lambda: times.wall)
    monkeypatch.setattr(rounds, "_uptime_ms", lambda: times.uptime)
    clock = Clock()
    times.wall += leap_ms
    assert clock.now_ms() is None
    times.pass_by(BELIEVED_AFTER_MS // 2)
    times.wall += 2 * STEADY_MS
    assert clock.now_ms() is None
    times.pass_by(BELIEVED_AFTER_MS - 1)
    assert clock.now_ms() is None
    times.pass_by(1)
    assert clock.now_ms() == times.wall
    times.wall += 2 * STEADY_MS
    assert clock.now_ms() is None
    times.wall -= 2 * STEADY_MS
    assert clock.now_ms() == times.wall


def suspend(here: Circle, days: int, now: int) -> None:
    """The first member, from now on for that many days."""
    begun = datetime.fromtimestamp(now / 1000, UTC)
    account = Account.objects.filter(id=here.members[0].account)
    account.update(suspended_at=begun, suspended_until=begun + timedelta(days=days))


def suspended(here: Circle) -> bool:
    return Account.objects.get(id=here.members[0].account).suspended


@pytest.mark.parametrize("leap_days", [365, -365])
async def test_a_suspension_lasts_as_long_as_it_should_by_whatever_the_clock_leapt(
    leap_days: int, started: Started, times: Times, work: tuple[Writer, Readers]
) -> None:
    here = await in_db(circle, 1)
    await in_db(suspend, here, 2, times.wall)
    keeper = Retention(*work, Clock(), nobody)
    keeper._ages = started()
    await keeper.look()
    times.wall += leap_days * DAY_MS
    for hours in (0, 23):
        times.pass_by(hours * DAY_MS // 24)
        await keeper.look()
        assert await in_db(suspended, here)
    # A process that starts by that clock.
    keeper._ages = started()
    for hours in (1, 22):
        times.pass_by(hours * DAY_MS // 24)
        await keeper.look()
        assert await in_db(suspended, here)
    times.pass_by(2 * DAY_MS)
    await keeper.look()
    assert not await in_db(suspended, here)


async def test_two_processes_make_no_time_pass_twice(started: Started, times: Times) -> None:
    one, other = started(), started()
    for _ in range(10):
        times.pass_by(MARK_MS)
        await one.look()
        await other.look()
    assert await in_db(lambda: EntryMark.objects.latest("passed_ms").passed_ms) == 9 * MARK_MS


async def test_marks_that_no_age_is_judged_by_go(started: Started, times: Times) -> None:
    process = started()
    for _ in range(8):
        await process.look()
        times.pass_by(KEPT_MS // 4)
    await process.look()
    marks = await in_db(lambda: list(EntryMark.objects.order_by("passed_ms").values_list("passed_ms", flat=True)))
    assert marks == [KEPT_MS // 4 * number for number in range(4, 9)]
