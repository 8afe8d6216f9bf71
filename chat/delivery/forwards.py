"""Handing a room's appends to the process that writes it anyway (usual.py), as a way to save work and nothing more.

Right is what the log says: the row's lock, its `seq`, the entry's id. So whatever happens to an append on the way, it
may be written here as well; whichever comes second gets the first one's answer. That is done when the other process
does not store it, when a batch of its does not bring it back within a moment, and when this process stops.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from chat.delivery import messages
from chat.delivery.layer import Layer
from chat.delivery.log import Append, Batch, Owner, Stamp, accepted, now_ms, refused
from chat.delivery.sealing import Sealer
from chat.delivery.statements import StoredRow
from chat.delivery.usual import Usual
from chat.hub_keys import HubKeys
from chat.protocol.errors import ProtocolError

ANSWER_SECONDS = 0.5
"""How long a batch may take to bring an append back before it is written here."""
DISTRUST_SECONDS = 5.0
ASIDE_SECONDS = 0.2
"""After something that was not stored; whoever is muted does not turn the way off for others."""
KEPT_SECONDS = 5.0
"""For so long what was written here after all is known as its sender's own, if the other process brings it too."""
MAX_AGE_MS = 10_000
MAX_WAITING = 4096

_Wire = tuple[UUID, int, str, bytes, int, bytes, bytes]
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(tuple[int, list[_Wire]]).decode
_entry = msgspec.msgpack.Decoder(tuple[int, int, int, int, bytes, bytes, bytes | None, bytes | None, int]).decode


@dataclass(slots=True)
class Forward:
    """An append on its way. `target` is None once it has been written here after all."""

    entry: Append
    target: bytes | None
    at: float


@dataclass(slots=True)
class Remote:
    """The owner of an append that another process handed over: what is not stored anew goes back there."""

    process: bytes
    room: UUID
    entry_id: bytes
    decline: Callable[[bytes, UUID, bytes], None]

    def send(self, _: bytes) -> None:
        self.decline(self.process, self.room, self.entry_id)


@dataclass(slots=True)
class _Peer:
    """One direction between two processes, the hub key that it is sealed with, and the last number used in it."""

    key: int
    sealer: Sealer
    number: int = 0


@dataclass(slots=True)
class _Declined:
    entries: list[tuple[UUID, bytes]] = field(default_factory=list)


class Forwards:
    """`write` gives an append to this process' own writer; it raises ProtocolError when too much waits there."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, layer: Layer, stamp: Callable[[], Stamp], write: Callable[[Append], None]
    ) -> None:
        self._loop = loop
        self._layer = layer
        self._stamp = stamp
        self._write = write
        self._usual = Usual(layer.id)
        #: By room and entry id, the oldest first.
        self._pending: dict[UUID, dict[bytes, Forward]] = {}
        self._waiting = 0
        self._round: dict[bytes, list[Append]] = {}
        self._declined: dict[bytes, _Declined] = {}
        self._outward: dict[bytes, _Peer] = {}
        self._inward: dict[bytes, _Peer] = {}
        self._looking = False
        self.stopped = False

    # What clients of this process append

    def take(self, entry: Append) -> bool:
        """Whether the append goes to another process; False: write it here. Answers come with that one's batch."""
        if self.stopped or not self._layer.shared or self._waiting >= MAX_WAITING:
            return False
        now = self._loop.time()
        pending = self._pending.get(entry.room)
        # While something is on its way, what follows takes the same one, so that nobody's second message is first.
        last = next(reversed(pending.values())).target if pending else None
        target = last or self._usual.writer(entry.room, now)
        if target is None or (pending and entry.entry_id in pending):
            return False
        self._pending.setdefault(entry.room, {})[entry.entry_id] = Forward(entry, target, now)
        self._waiting += 1
        if not self._round:
            self._loop.call_soon(self._send_round)
        self._round.setdefault(target, []).append(entry)
        if not self._looking:
            self._looking = True
            self._loop.call_later(ANSWER_SECONDS / 2, self._look)
        return True

    def _send_round(self) -> None:
        gathered, self._round = self._round, {}
        stamp = self._stamp()
        for target, entries in gathered.items():
            peer = self._outward.get(target)
            if peer is None or peer.key != stamp.key_id:
                sealer = Sealer(stamp.key, self._layer.id, target)
                peer = self._outward[target] = _Peer(stamp.key_id, sealer, peer.number if peer else 0)
            peer.number += 1
            wire = [(e.room, e.device, e.sender, e.entry_id, e.epoch, e.payload, e.tag) for e in entries]
            sealed = peer.sealer.seal(peer.number, _encode((now_ms(), wire)))
            message = messages.Forwarded(self._layer.id, peer.key, peer.number, sealed)
            self._layer.tell_process(target, message, len(sealed))

    # What comes back

    def heard(self, told: messages.NewEntries) -> list[Owner]:
        """Another process has written: the owners of it whose sockets are here, as `Batch` has them."""
        self._usual.heard(told.room, told.sender, self._loop.time())
        return self.owners(told.room, told.packed)

    def owners(self, room: UUID, entries: list[bytes]) -> list[Owner]:
        """Whose these packed entries are, of those that were handed over."""
        pending = self._pending.get(room)
        if not pending:
            return []
        owners: list[Owner] = []
        for index, packed in enumerate(entries):
            seq, at, _, _, entry_id, _, _, frank, key = _entry(packed)
            forward = pending.pop(entry_id, None)
            if forward is None:
                continue
            self._waiting -= 1
            # Written here after all: its sender has been answered, and gets no copy.
            answer = accepted(entry_id, room, StoredRow(seq, at, frank, key)) if forward.target else b""
            owners.append((index, forward.entry.owner, answer))
        if not pending:
            del self._pending[room]
        return owners

    def declined(self, told: messages.Declined) -> None:
        """What another process did not store. All of the room's is written here, in its order."""
        now = self._loop.time()
        for room in {room for room, entry_id in told.entries if entry_id in self._pending.get(room, ())}:
            self._recall(room, now)
        self._usual.distrust(told.sender, now + ASIDE_SECONDS)

    def stop(self) -> None:
        """Writes here what is on its way, and hands over nothing more."""
        self.stopped = True
        for room in list(self._pending):
            self._recall(room, self._loop.time())

    def _look(self) -> None:
        """Writes here what was not answered in time, and forgets what came back by another way."""
        now = self._loop.time()
        for room, pending in list(self._pending.items()):
            for forward in list(pending.values()):
                if forward.target is not None and now - forward.at > ANSWER_SECONDS:
                    self._usual.distrust(forward.target, now + DISTRUST_SECONDS)
                    self._recall(room, now)
                    break
            for entry_id in [key for key, f in pending.items() if f.target is None and now - f.at > KEPT_SECONDS]:
                del pending[entry_id]
                self._waiting -= 1
            if not pending:
                del self._pending[room]
        self._looking = bool(self._pending)
        if self._looking:
            self._loop.call_later(ANSWER_SECONDS / 2, self._look)

    def _recall(self, room: UUID, now: float) -> None:
        for forward in self._pending.get(room, {}).values():
            if forward.target is not None:
                forward.target, forward.at = None, now
                self._written(forward.entry)

    def _written(self, entry: Append) -> None:
        try:
            self._write(entry)
        except ProtocolError as refusal:
            owner, frame = refused(entry, refusal)
            owner.send(frame)

    # What other processes hand over

    def received(self, told: messages.Forwarded, keys: HubKeys) -> None:
        """Appends to write here. Those of a number that is not next are left to their own process, in its order."""
        key_id, key = keys.known()
        if told.key != key_id:
            return  # a process with keys of another time; it writes them itself
        peer = self._inward.get(told.sender)
        if peer is None or peer.key != told.key:
            sealer = Sealer(key, told.sender, self._layer.id)
            peer = _Peer(told.key, sealer, peer.number if peer else 0)
        try:
            at, entries = _decode(peer.sealer.open(told.number, told.sealed))
        except (ValueError, msgspec.DecodeError):
            return
        self._inward[told.sender] = peer
        if told.number <= peer.number:
            return  # told twice
        expected, peer.number = peer.number + 1, told.number
        # What Redis was away for may be stored and gone from the log by now: nobody would know that it is a repetition.
        late = abs(now_ms() - at) > MAX_AGE_MS
        for room, device, sender, entry_id, epoch, payload, tag in entries:
            owner = Remote(told.sender, room, entry_id, self._decline)
            if self.stopped or late or told.number != expected:
                owner.send(b"")
            else:
                self._written(Append(owner, room, device, sender, entry_id, epoch, payload, tag))

    def _decline(self, process: bytes, room: UUID, entry_id: bytes) -> None:
        if not self._declined:
            self._loop.call_soon(self._send_declined)
        self._declined.setdefault(process, _Declined()).entries.append((room, entry_id))

    def _send_declined(self) -> None:
        gathered, self._declined = self._declined, {}
        for process, declined in gathered.items():
            self._layer.tell_process(process, messages.Declined(self._layer.id, declined.entries))


def own_alone(batch: Batch) -> None:
    """Leaves a batch to owners whose sockets are here."""
    if any(type(owner) is Remote for _, owner, _ in batch.owners):
        batch.owners = [own for own in batch.owners if type(own[1]) is not Remote]
