"""The franking keys as they are now: a process that is running hears of a new one by itself (`manage.py rotate_hub_key`)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping

LOOK_SECONDS = 1.0
"""So long after a rotation a running process may still stamp with the key before; it is proof all the same."""

Look = Callable[[], tuple[int, Mapping[int, bytes]] | None]
"""Gives the number of the current key and all keys if they were changed since it was last asked, else None."""


class HubKeys(Mapping[int, bytes]):
    """32 bytes each, by number. May be used from any thread.

    A number that is not known is looked up at once: another process may have stamped with a key that is a moment old.
    """

    def __init__(self, current: int, keys: Mapping[int, bytes], look: Look = lambda: None) -> None:
        self._known = current, dict(keys)
        self._look = look
        self._looked = time.monotonic()

    def newest(self) -> tuple[int, bytes]:
        """Number and key that new stamps are made with."""
        if time.monotonic() - self._looked > LOOK_SECONDS:
            self._renew()
        current, keys = self._known
        return current, keys[current]

    def known(self) -> tuple[int, bytes]:
        """As `newest`, as of when that was last asked: no file is looked at."""
        current, keys = self._known
        return current, keys[current]

    def __getitem__(self, number: int) -> bytes:
        if number not in self._known[1]:
            self._renew()
        return self._known[1][number]

    def __iter__(self) -> Iterator[int]:
        return iter(self._known[1])

    def __len__(self) -> int:
        return len(self._known[1])

    def _renew(self) -> None:
        self._looked = time.monotonic()
        found = self._look()
        if found is not None:
            self._known = found[0], dict(found[1])
