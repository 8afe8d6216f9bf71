"""How soon something is noticed, on a machine that has other work as well."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

NOTICED_SECONDS = 1.0
"""What is promised of a message whose news was lost."""
ATTEMPTS = 8


async def best_of(seconds: Callable[[], Awaitable[float]], promised: float = NOTICED_SECONDS) -> float:
    """The first attempt's time that keeps the promise, or the best: other work makes one late, a fault all of them."""
    found: list[float] = []
    while len(found) < ATTEMPTS:
        found.append(await seconds())
        if found[-1] < promised:
            break
    return min(found)
