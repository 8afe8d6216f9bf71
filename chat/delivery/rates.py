"""Token buckets: what one device may do a second, and at once."""

from __future__ import annotations

from time import monotonic

from django.conf import settings

from chat.protocol import limits
from chat.protocol.errors import Code, ProtocolError

MAX_IDLE = 10_000
"""Devices remembered before those whose buckets are full again are forgotten."""


class Bucket:
    """`per_second` tokens come in, up to `burst`. A new bucket is full."""

    __slots__ = ("_at", "_burst", "_left", "_rate")

    def __init__(self, rate: tuple[float, float], now: float) -> None:
        self._rate, self._burst = rate
        self._left = self._burst
        self._at = now

    def take(self, count: float, now: float) -> int:
        """0 when there was enough and it has been taken; otherwise the milliseconds until there will be."""
        wait = self.wait(count, now)
        if not wait:
            self._left -= count
        return wait

    def wait(self, count: float, now: float) -> int:
        """0 when there is enough now; otherwise the milliseconds until there will be. Takes nothing."""
        self._left = min(self._burst, self._left + max(0.0, now - self._at) * self._rate)
        self._at = now
        return 0 if self._left >= count else int((count - self._left) / self._rate * 1000) + 1

    def spend(self, count: float) -> None:
        """Takes what is there, up to `count`."""
        self._left = max(0.0, self._left - count)

    def full(self, now: float) -> bool:
        return self.share(now) >= 1

    def share(self, now: float) -> float:
        """How full it is: 0 when there is nothing, 1 or more when it is full."""
        return (self._left + (now - self._at) * self._rate) / self._burst


class DeviceRates:
    __slots__ = ("commits", "fetches", "frames", "sends")

    def __init__(self, scale: float, now: float) -> None:
        self.frames = Bucket(_scaled(limits.FRAME_RATE, scale), now)
        self.sends = Bucket(_scaled(limits.SEND_RATE, scale), now)
        self.commits = Bucket(_scaled(limits.COMMIT_RATE, scale), now)
        self.fetches = Bucket(_scaled(limits.FETCH_RATE, scale), now)

    def full(self, now: float) -> bool:
        return all(bucket.full(now) for bucket in (self.frames, self.sends, self.commits, self.fetches))


class Rates:
    """By device, so that reconnecting does not fill a bucket."""

    def __init__(self) -> None:
        self._devices: dict[int, DeviceRates] = {}
        self._scale = float(getattr(settings, "RATE_SCALE", 1))

    def of(self, device: int) -> DeviceRates:
        rates = self._devices.get(device)
        if rates is None:
            now = monotonic()
            if len(self._devices) >= MAX_IDLE:
                self._devices = {key: other for key, other in self._devices.items() if not other.full(now)}
            rates = self._devices[device] = DeviceRates(self._scale, now)
        return rates


def take(bucket: Bucket, count: float = 1.0) -> None:
    """Raises rate_limited, with the time after which it would work."""
    wait = bucket.take(count, monotonic())
    if wait:
        raise ProtocolError(Code.RATE_LIMITED, retry_after_ms=wait)


def _scaled(rate: tuple[float, float], scale: float) -> tuple[float, float]:
    return rate[0] * scale, rate[1] * scale
