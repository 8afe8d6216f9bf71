"""Whether what stands in a bundle stands there once and in its order, and whether any of its custody is missing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from moderation.attestation import Attested
from moderation.evidence.bundle import Count, Custody
from moderation.signing import b64, unb64

TWICE, LATE = "it is here twice", "it is out of order"
_LAST = 2**53


@dataclass(frozen=True, slots=True)
class Known:
    """What the server's log had about the case when it sealed: so many entries, the last of them with that seq (0 for none).

    `digest` is the `custody_digest` of all of them, base64url.
    """

    entries: Count
    last: Count
    digest: str


@dataclass
class Order:
    """Of messages, one after the other: chat by chat as they began, each by seq; then those whose chat is not told, by time."""

    _known: set[str] = field(default_factory=set)
    _places: set[tuple[str, int]] = field(default_factory=set)
    _chats: dict[str, int] = field(default_factory=dict)
    _began: int = 0
    _last: tuple[int, int, int] = (0, 0, 0)

    def problem(self, token: str, stamp: Attested) -> str | None:
        """What is wrong with where the next message stands. `token` is its attestation, `stamp` what that says."""
        # Where the room is withheld, the same message is known by its mark; before there were marks, by its signature alone.
        known = {token.partition("~")[0]} | ({stamp.mark} if stamp.mark is not None else set())
        if known & self._known or (stamp.room is not None and (stamp.room, stamp.seq) in self._places):
            return TWICE
        self._known |= known
        if stamp.room is None:
            return self._late((_LAST, stamp.time, stamp.seq))
        self._places.add((stamp.room, stamp.seq))
        new = stamp.room not in self._chats
        late = self._late((self._chats.setdefault(stamp.room, len(self._chats)), 0, stamp.seq))
        if not new:
            return late
        before, self._began = self._began, max(self._began, stamp.time)
        return LATE if stamp.time < before else late

    def _late(self, key: tuple[int, int, int]) -> str | None:
        late = key < self._last
        self._last = max(self._last, key)
        return LATE if late else None


def custody_problems(entries: Sequence[Custody], known: Known | None) -> Iterator[str]:
    """What is wrong with custody as a whole; `known` is None where no seal could be read."""
    seen: set[int] = set()
    for entry in entries:
        if entry.seq in seen:
            yield f"custody {entry.seq}: {TWICE}"
        elif seen and entry.seq < max(seen):
            yield f"custody {entry.seq}: {LATE}"
        seen.add(entry.seq)
    if known is None:
        return
    if (len(seen), max(seen, default=0)) != (known.entries, known.last):
        yield f"custody: it is not the {known.entries} entries up to {known.last} that the server's log had"
    elif _digest(entries) != known.digest:
        yield "custody: the server's log had other entries"


def custody_digest(digests: Iterable[bytes]) -> bytes:
    """SHA-256 over the digests of entries (32 bytes each), one after the other."""
    return hashlib.sha256(b"".join(digests)).digest()


def _digest(entries: Sequence[Custody]) -> str | None:
    """None where one has not the form."""
    try:
        return b64(custody_digest(unb64(entry.digest) for entry in entries))
    except ValueError:
        return None
