"""How a local service is made to fail: answers that wait for one recipient, or for everyone, and are used up in order."""

from __future__ import annotations

import json
from collections import defaultdict, deque
from typing import Any

from tests.push.http1 import Asked, Told

EVERYONE = "*"


class Plan:
    def __init__(self) -> None:
        self._answers: dict[str, deque[dict[str, Any]]] = defaultdict(deque)

    def take(self, who: str) -> dict[str, Any] | None:
        """What was planned next for this recipient; an answer planned with `for_good` is never used up."""
        for name in (who, EVERYONE):
            waiting = self._answers[name]
            if waiting:
                return waiting[0] if waiting[0].get("for_good") else waiting.popleft()
        return None

    def control(self, asked: Asked) -> Told:
        """`{who: [{status?, headers?, body?, delay?, slow?, cut?, for_good?}]}` replaces what was planned for them."""
        for who, answers in json.loads(asked.body).items():
            self._answers[who] = deque(answers)
        return Told()


def told(planned: dict[str, Any], body: bytes = b"") -> Told:
    how = {name: planned[name] for name in ("headers", "delay", "slow", "cut") if name in planned}
    return Told(planned.get("status", 200), body=body, **how)
