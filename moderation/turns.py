"""Since when whoever asked waits for a moderator again, as their device told: sealed under a hub key (sealing.py).

    turn = since, in ms (8; 0: nobody waits) || calls (2; in older ones 1)

Beside the log of the case's room, which has times and no senders, it would name the sender of an entry
(docs/adr/0009-time-to-answer.md). One that says "nobody waits" looks alike.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from chat.sealing import NotOpened, seal, unseal

_INFO = b"kindred turns v1"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Turn:
    """It is the moderators' turn since then; `calls` counts how often they were called for it."""

    since: datetime
    calls: int = 0


def seal_turn(case: UUID, turn: Turn | None) -> bytes:
    """Of the same length for every turn and for none."""
    since, calls = (0, 0) if turn is None else ((turn.since - _EPOCH) // _MS, turn.calls)
    return seal(_INFO, case, since.to_bytes(8) + calls.to_bytes(2))


def open_turn(case: UUID, sealed: bytes) -> Turn | None:
    """None also for what was never sealed, or with a key that was lost since: a clock that is lost calls nobody."""
    if not sealed:
        return None
    try:
        plain = unseal(_INFO, case, sealed)
    except NotOpened:
        log.warning("The clock of a case cannot be opened: its key is gone, or it was moved.")
        return None
    since = int.from_bytes(plain[:8])
    return Turn(_EPOCH + since * _MS, int.from_bytes(plain[8:])) if since else None
