"""When a device may be woken, with plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pytest_django import Settings

from chat.push import times
from chat.push.retry_after import MAX_MS, retry_after_ms
from chat.rhythm import Rhythm


def at(text: str, offset: int = 0) -> int:
    """Milliseconds of a local time at `offset` minutes east of UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=timezone(timedelta(minutes=offset))).timestamp() * 1000)


def quiet(start: int, end: int, offset: int = 0) -> Rhythm:
    return Rhythm(quiet_from=start, quiet_to=end, quiet_offset=offset, delay_ms=0)


@pytest.mark.parametrize("offset", [0, 330, -480, 840])
@pytest.mark.parametrize(
    ("start", "end", "now", "then"),
    [
        (22 * 60, 7 * 60, "2026-11-24T21:59:59", "2026-11-24T21:59:59"),
        (22 * 60, 7 * 60, "2026-11-24T22:00:00", "2026-11-25T07:00:00"),
        (22 * 60, 7 * 60, "2026-11-25T00:00:00", "2026-11-25T07:00:00"),
        (22 * 60, 7 * 60, "2026-11-25T06:59:59", "2026-11-25T07:00:00"),
        (22 * 60, 7 * 60, "2026-11-25T07:00:00", "2026-11-25T07:00:00"),
        (13 * 60, 14 * 60, "2026-11-24T13:30:30", "2026-11-24T14:00:00"),
        (13 * 60, 14 * 60, "2026-11-24T12:59:59", "2026-11-24T12:59:59"),
        (0, 1439, "2026-11-24T00:00:00", "2026-11-24T23:59:00"),
    ],
)
def test_quiet_hours_are_those_of_the_persons_own_day(start: int, end: int, now: str, then: str, offset: int) -> None:
    assert times.after_quiet_hours(quiet(start, end, offset), at(now, offset)) == at(then, offset)


def test_without_quiet_hours_any_time_is_right() -> None:
    subscription = Rhythm(delay_ms=0)
    assert times.after_quiet_hours(subscription, 12_345) == 12_345


def test_the_window_doubles_with_every_unanswered_wake_up_up_to_an_hour(settings: Settings) -> None:
    settings.PUSH_COLLAPSE_MS = 60_000
    minutes = [
        times.next_window(Rhythm(woken_at=0, unanswered=unanswered, delay_ms=0), 0) // 60_000
        for unanswered in range(12)
    ]
    assert minutes == [1, 1, 2, 4, 8, 16, 32, 64, 64, 64, 64, 64]


def test_a_wake_up_is_due_within_the_persons_delay(settings: Settings) -> None:
    settings.PUSH_COLLAPSE_MS = 60_000
    subscription = Rhythm(woken_at=0, unanswered=0, delay_ms=20_000)
    delays = [times.due(subscription, 1_000_000) - 1_000_000 for _ in range(500)]
    assert min(delays) >= 0
    assert max(delays) <= 20_000
    assert len(set(delays)) > 100
    assert times.due(Rhythm(woken_at=990_000, delay_ms=0), 1_000_000) == 1_050_000


def test_waiting_after_failures_grows_and_is_never_twice_the_same(settings: Settings) -> None:
    settings.PUSH_RETRY_MS = 2_000
    waits = [[times.back_off(attempts) for _ in range(50)] for attempts in range(20)]
    for attempts, tried in enumerate(waits):
        longest = min(2_000 << attempts, 900_000)
        assert all(longest // 2 <= wait <= longest for wait in tried)
        assert len(set(tried)) > 1


def test_nobody_takes_a_claim_over_before_the_window_after_its_last_possible_sending(settings: Settings) -> None:
    settings.PUSH_COLLAPSE_MS, settings.PUSH_TIMEOUT_MS = 60_000, 10_000
    longest_sending = 2 * settings.PUSH_TIMEOUT_MS
    assert times.claimed_until(0) - (times.start_by(0) + longest_sending) >= settings.PUSH_COLLAPSE_MS


@pytest.mark.parametrize(
    ("header", "expected"),
    [(None, 0), ("", 0), ("0", 0), ("120", 120_000), (" 7 ", 7_000), ("soon", 0), ("-5", 0), ("٣", 0),
     ("99999999999", MAX_MS), ("Wed, 21 Oct 2015 07:28:00 GMT", 0), ("Wed, 99 Oct 2015", 0)],
)  # fmt: skip
def test_retry_after_is_read_as_seconds(header: str | None, expected: int) -> None:
    assert retry_after_ms(header) == expected


def test_retry_after_is_read_as_a_date() -> None:
    soon = datetime.now(UTC) + timedelta(minutes=10)
    found = retry_after_ms(soon.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    assert 500_000 < found <= 600_000
