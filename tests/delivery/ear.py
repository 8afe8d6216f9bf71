"""What one connection heard of a room, judged as it came: a client that sorts what it shows would hide all of it."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from time import monotonic
from typing import Any


class Ear:
    """One for each connection: what was sent before it began may rightly come again.

    `head` is the room's as `ready` told it: live entries begin after it, and none may be left out, whatever pages bring:
    each comes live, or is `accepted` here. `counts` are faults by kind, and three that the protocol allows: "copies of what
    was sent again", whose first answer was lost, "copies before the answer", where a gap was filled from the log at the
    moment in which the entry came into it, and "answers after later entries", where another process had stored it and its
    word was lost. `longest` is how long (s) the server took to bring what was known to be missing.
    """

    def __init__(self, room: bytes, head: int) -> None:
        self.room = room
        self.counts: Counter[str] = Counter()
        self.longest = 0.0
        self._last = head
        self._own: set[int] = set()
        self._left_out: set[int] = set()
        self._known = head
        self._missing_since: float | None = None
        self._heard: set[bytes] = set()
        self._seqs: set[int] = set()
        self._again: set[bytes] = set()
        self._accepted: set[bytes] = set()
        self._asked: dict[bytes, int] = {}

    def sent(self, identity: bytes, *, again: bool) -> None:
        """A message left over this connection; `again` when it had been sent before, here or elsewhere."""
        if again:
            self._again.add(identity)

    def asked(self, identity: bytes, after: int) -> None:
        """A `fetch` left with that id."""
        self._asked[identity] = after

    def hears(self, frame: dict[str, Any]) -> None:
        """Every frame of the server's, in the order of arrival."""
        self._hears(frame)
        now = monotonic()
        if self._missing_since is not None:
            self.longest = max(self.longest, now - self._missing_since)
        if self.live >= self._known:
            self._missing_since = None
        elif self._missing_since is None:
            self._missing_since = now

    @property
    def live(self) -> int:
        """The seq up to which everything has come live, or is known to have been left out."""
        seq = self._last
        while seq + 1 in self._own:
            seq += 1
        return seq

    def _hears(self, frame: dict[str, Any]) -> None:
        if frame.get("room") == self.room:
            match frame["t"]:
                case "accepted":
                    self._accepted.add(frame["id"])
                    self._own.add(frame["seq"])
                    if frame["seq"] in self._left_out:
                        self._left_out.remove(frame["seq"])
                        self.counts["left out live"] -= 1
                        self.counts["answers after later entries"] += 1
                    self._known = max(self._known, frame["seq"])
                    if frame["id"] in self._heard:
                        self._copy(frame["id"], "copies before the answer")
                case "entries":
                    self._live(frame["items"])
                case "page":
                    self._known = max(self._known, frame["head"])
                    self._page(frame["items"], self._asked.pop(frame["id"]))

    def _live(self, items: list[list[Any]]) -> None:
        self.counts["out of order live"] += sum(later[0] != earlier[0] + 1 for earlier, later in pairwise(items))
        missing = set(range(self._last + 1, items[0][0])) - self._own
        self.counts["left out live"] += len(missing)
        self._left_out |= missing
        for item in items:
            seq, identity = item[0], item[4]
            if seq in self._seqs or identity in self._heard:
                self.counts["told twice"] += 1
            elif seq <= self._last:
                self.counts["out of order live"] += 1
            self._last = max(self._last, seq)
            self._seqs.add(seq)
            self._heard.add(identity)
            if identity in self._accepted:
                self._copy(identity)

    def _page(self, items: list[list[Any]], after: int) -> None:
        """A page repeats what was asked for again, but nothing within itself."""
        seqs = [after, *(item[0] for item in items)]
        self.counts["told twice"] += len(seqs) - len(set(seqs))
        self.counts["out of order in a page"] += sum(later < earlier for earlier, later in pairwise(seqs))

    def _copy(self, identity: bytes, kind: str = "copies") -> None:
        self.counts["copies of what was sent again" if identity in self._again else kind] += 1
