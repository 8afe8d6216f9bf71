"""Which process usually writes a room, as far as this one has heard: a hint, never a promise.

Whoever writes a room tells the others of it with each batch. While several do, all but the one with the lowest id hand
theirs to that one, and so transactions, publications and writes to sockets stay whole. A room in which nobody has
written for a moment is nobody's: a message that comes alone is written where it came in.
"""

from __future__ import annotations

from uuid import UUID

USUAL_SECONDS = 0.1
"""For how long one batch makes a process the room's usual writer: longer than transactions under load take."""
MAX_ROOMS = 10_000


class Usual:
    """`own` is this process' id. Times are the event loop's, in seconds."""

    def __init__(self, own: bytes) -> None:
        self._own = own
        self._heard: dict[UUID, tuple[bytes, float]] = {}
        self._distrusted: dict[bytes, float] = {}

    def heard(self, room: UUID, process: bytes, now: float) -> None:
        """The process has written in the room; one without sockets, which has no id, takes nothing over."""
        known = self._heard.get(room)
        if process and process < self._own and (known is None or process <= known[0] or now - known[1] > USUAL_SECONDS):
            if known is None and len(self._heard) >= MAX_ROOMS:
                self._heard.clear()
            self._heard[room] = (process, now)

    def distrust(self, process: bytes, until: float) -> None:
        """Nothing is handed to it before then."""
        self._distrusted[process] = until

    def writer(self, room: UUID, now: float) -> bytes | None:
        """The process to hand the room's appends to; None: write them here."""
        known = self._heard.get(room)
        if known is None or now - known[1] > USUAL_SECONDS:
            return None
        return known[0] if self._distrusted.get(known[0], 0.0) <= now else None
