"""A room that reaches at least one socket of this process."""

from __future__ import annotations

from uuid import UUID

from chat.delivery.connection import Connection
from chat.delivery.log import Batch

MAX_RUN_BYTES = 512 * 1024
FEW = 16
MAX_HELD_BYTES = 8 * 1024 * 1024
"""A process that hears of entries and cannot read the log keeps no more of a room; it reads them later."""
MAX_SEEN = 65_536


class LocalRoom:
    """`last` is the seq up to which everything was given out here, `delivered` what members were last told of it."""

    __slots__ = ("connections", "delivered", "filling", "held", "id", "last", "lost", "skips", "weighed")

    def __init__(self, id: UUID, last: int) -> None:
        self.id = id
        self.last = last
        self.delivered = 0
        self.connections: dict[Connection, None] = {}
        #: Batches that came before their turn, by first seq.
        self.held: dict[int, Batch] = {}
        #: With more batches than this they are weighed: seldom, for it takes time.
        self.weighed = FEW
        #: The last seq that was held and forgotten, for the log has it.
        self.lost = 0
        #: Who knows an entry by its `accepted` already and must get no copy of it.
        self.skips: dict[int, Connection] = {}
        self.filling = False

    def hold(self, batch: Batch) -> None:
        """Keeps a batch, whose owners have been answered, until its turn."""
        for index, owner, _ in batch.owners:
            self.skips[batch.first + index] = owner
        self.held[batch.first] = batch
        if len(self.held) > self.weighed:
            self._weigh()

    def _weigh(self) -> None:
        if sum(len(packed) for batch in self.held.values() for packed in batch.packed) > MAX_HELD_BYTES:
            self.lost = max(self.lost, *(batch.last for batch in self.held.values()))
            # The log does not say to whom a Welcome is to be given now.
            self.held = {first: batch for first, batch in self.held.items() if _lets_in(batch)}
        self.weighed = max(FEW, 2 * len(self.held))

    def openings(self, first: int, end: int) -> list[int]:
        """Which of the entries from `first` on and before `end` are held and let somebody in."""
        return sorted(seq for seq, batch in self.held.items() if first <= seq < end and _lets_in(batch))

    def held_out(self) -> set[int]:
        """The devices that what is held takes out of the room."""
        changes = [batch.change for batch in self.held.values() if batch.change is not None]
        return {device for change in changes for device in change.removed}

    def settle(self) -> None:
        """Forgets who needs no copies, when nothing is missing any more."""
        if not self.held:
            self.weighed = FEW
            if self.last >= self.lost:
                self.skips.clear()

    def next_run(self) -> Batch | None:
        """Takes out what is next in order, less what was given out already, with what follows on it: one frame for all."""
        first = min(self.held, default=None)
        if first is None or first > self.last + 1:
            return None
        batch = self.held.pop(first)
        late = max(0, self.last + 1 - first)
        run = Batch(self.id, first + late, batch.packed[late:], change=batch.change)
        size = sum(map(len, run.packed))
        while run.packed and run.change is None and size < MAX_RUN_BYTES:
            following = self.held.get(run.last + 1)
            if following is None or following.change is not None:
                break
            del self.held[following.first]
            run.packed += following.packed
            size += sum(map(len, following.packed))
        return self.with_skips(run)

    def with_skips(self, batch: Batch) -> Batch:
        """The batch with those as owners who have been answered for one of its entries."""
        if self.skips:
            for seq in range(batch.first, batch.last + 1):
                owner = self.skips.pop(seq, None)
                if owner is not None:
                    batch.owners.append((seq - batch.first, owner, b""))
        return batch


def _lets_in(batch: Batch) -> bool:
    return batch.change is not None and bool(batch.change.added)


class Seen:
    """The last seq announced in rooms without sockets here: a device that subscribes may have read an older head."""

    def __init__(self) -> None:
        self._seqs: dict[UUID, int] = {}

    def see(self, room: UUID, seq: int) -> None:
        if seq > self._seqs.get(room, 0):
            self._seqs.pop(room, None)
            self._seqs[room] = seq
            if len(self._seqs) > MAX_SEEN:
                del self._seqs[next(iter(self._seqs))]

    def taken(self, room: UUID) -> int:
        """The room's, which is forgotten; 0 where there is none."""
        return self._seqs.pop(room, 0)
