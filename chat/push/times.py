"""When a device may be woken: quiet hours, the collapse window, and a random delay that blurs who wrote when."""

from __future__ import annotations

import random
import time

from django.conf import settings

from chat.rhythm import Rhythm

_DAY = 1440
_MINUTE_MS = 60_000
CLOCKS_MS = 30_000
"""How far a time of another machine may lie ahead before it is taken for one of a clock that was set back since."""
MAX_DOUBLINGS = 6
"""Whoever does not come after a wake-up is woken ever less often: with a window of 60 s at last once in 64 minutes."""
_blur = random.SystemRandom()


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def after_quiet_hours(rhythm: Rhythm, at: int) -> int:
    """`at` (ms), or the end of the quiet hours that it falls into."""
    start, end = rhythm.quiet_from, rhythm.quiet_to
    if start is None or end is None:
        return at
    minute = at // _MINUTE_MS
    local = (minute + rhythm.quiet_offset) % _DAY
    quiet = start <= local < end if start < end else local >= start or local < end
    return (minute + (end - local) % _DAY) * _MINUTE_MS if quiet else at


def next_window(rhythm: Rhythm, now: int) -> int:
    """The first moment (ms) at which the device may be woken again."""
    doublings = min(max(0, rhythm.unanswered - 1), MAX_DOUBLINGS)
    return _woken_at(rhythm, now) + (settings.PUSH_COLLAPSE_MS << doublings)


def _woken_at(rhythm: Rhythm, now: int) -> int:
    """When it was woken last; long ago where the clock was set back since, for then nobody knows."""
    return rhythm.woken_at if rhythm.woken_at <= now + CLOCKS_MS else 0


def due(rhythm: Rhythm, now: int) -> int:
    """When to wake the device for what is new now."""
    at = max(now, next_window(rhythm, now)) + _blur.randint(0, rhythm.delay_ms)
    return after_quiet_hours(rhythm, at)


def due_urgently(rhythm: Rhythm, now: int) -> int:
    """As soon as the window allows, at any hour."""
    return max(now, _woken_at(rhythm, now) + settings.PUSH_COLLAPSE_MS)


def back_off(attempts: int) -> int:
    """Milliseconds until the next try after so many failed ones: doubled each time, up to 15 minutes, and jittered."""
    longest = min(settings.PUSH_RETRY_MS << min(attempts, 16), 900_000)
    return longest // 2 + _blur.randint(0, longest // 2)


def start_by(now: int) -> int:
    """The last moment (ms) at which a wake-up that is claimed now may begin to be sent."""
    last: int = now + settings.PUSH_TIMEOUT_MS
    return last


def claimed_until(now: int) -> int:
    """When others may take it over: a dead worker may have sent it just before it died, so a window after that.

    A sending takes two time-outs at most.
    """
    until: int = start_by(now) + 2 * settings.PUSH_TIMEOUT_MS + settings.PUSH_COLLAPSE_MS
    return until
