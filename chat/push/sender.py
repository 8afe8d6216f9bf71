"""The one interface that every channel has, and what may come of a wake-up."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from chat.push.sealing import Target

PAYLOAD = "sync"
"""All that is ever sent."""
TTL_SECONDS = 86_400
"""After a day without reach a device syncs when it is opened; a late wake-up would only say when."""


class Outcome(Enum):
    SENT = "sent"
    GONE = "gone"
    """The subscription or token is no longer one: delete it."""
    LATER = "later"
    """Refused for now; it was certainly not sent."""
    UNSURE = "unsure"
    """No answer: it may have been sent, so not again within the collapse window."""
    REFUSED = "refused"
    """Asking again would not help; the subscription stays."""


@dataclass(frozen=True, slots=True)
class Result:
    """`status` is the HTTP status, 0 without an answer; `retry_after_ms` what the service asked for, if it did."""

    outcome: Outcome
    status: int = 0
    retry_after_ms: int = 0


class Sender(Protocol):
    """One a worker. `send` never raises but when it is cancelled."""

    def service(self, target: Target) -> str:
        """What a Retry-After counts for: the push service behind the target."""

    async def send(self, target: Target, urgent: bool) -> Result: ...

    async def close(self) -> None: ...


def of_status(status: int, retry_after_ms: int = 0) -> Result:
    """What an HTTP status of a push service means (RFC 8030 sections 5 and 7.3, and practice)."""
    if 200 <= status < 300:
        outcome = Outcome.SENT
    elif status in (404, 410):
        outcome = Outcome.GONE
    elif status in (401, 403, 408, 425, 429) or status >= 500:
        # 401 and 403 are about our credentials: whoever runs the server can still mend them.
        outcome = Outcome.LATER
    else:
        outcome = Outcome.REFUSED
    return Result(outcome, status, retry_after_ms)
