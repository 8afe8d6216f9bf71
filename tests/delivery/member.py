"""A client that keeps every promise of the protocol: it retries, catches up, and remembers what it has shown."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import pairwise
from time import monotonic
from typing import Any

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from tests.delivery.ear import Ear
from tests.delivery.groups import application

ACKNOWLEDGE_AFTER = 32
PATIENCE_SECONDS = 10.0


class Member:
    """One device in one room. `address` is asked for at each try, so that it can change between servers.

    `shown` is what a person would have seen, as (seq, entry id) in order, and `shown_at` when (by the monotonic clock);
    `accepted` is what it was promised, by id; `said` is what it said, in order, and `said_at` when.
    `counts` are the faults that it met on its connections, by kind (ear.py).
    It sends one message after the other, as clients do; a `hasty` one does not wait for answers. A `patient` one leaves it
    to the server for a while to bring what is missing between live entries. `longest` is how long (s) that took at most.
    """

    def __init__(
        self, address: Callable[[], str], token: bytes, room: bytes, cursor: int = 1, *,
        hasty: bool = False, patient: bool = False,
    ) -> None:  # fmt: skip
        self.address = address
        self.token = token
        self.room = room
        self.cursor = cursor
        self.hasty = hasty
        self.patient = patient
        self.shown: list[tuple[int, bytes]] = []
        self.shown_at: list[float] = []
        self.said: list[bytes] = []
        self.said_at: list[float] = []
        self.counts: Counter[str] = Counter()
        self.accepted: dict[bytes, int] = {}
        self.refusals: list[str] = []
        self.byes: list[str] = []
        self.connections = 0
        self.longest = 0.0
        self._outbox: dict[bytes, dict[str, Any]] = {}
        self._lost: set[bytes] = set()
        self._tried: set[bytes] = set()
        self._own: dict[int, bytes] = {}
        self._ahead: dict[int, bytes] = {}
        self._asked: bytes | None = None
        self._unacknowledged = 0
        self._wire: ClientConnection | None = None
        self._ear = Ear(room, 0)
        self._changed = asyncio.Condition()
        self._task = asyncio.create_task(self._live())

    # What a person does

    async def say(self, size: int = 200) -> bytes:
        """Puts a message into the outbox and sends it when there is a connection. Returns its id."""
        return await self._put(application(self.room, 1, size))

    async def bring(self, commit: dict[str, Any], seconds: float) -> str | None:
        """As `say`, and waits for the answer: None when it was accepted, or that another commit came first."""
        identity = await self._put(commit)
        await self.until(lambda: identity in self.accepted or identity in self._lost, seconds)
        return "stale_epoch" if identity in self._lost else None

    async def _put(self, frame: dict[str, Any]) -> bytes:
        self.said.append(frame["id"])
        self.said_at.append(monotonic())
        self._outbox[frame["id"]] = frame
        if self.hasty or len(self._outbox) == 1:
            await self._speak(frame)
        identity: bytes = frame["id"]
        return identity

    async def until(self, true: Callable[[], bool], seconds: float = 60) -> None:
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(true)

    async def everything_sent(self, seconds: float = 60) -> None:
        await self.until(lambda: not self._outbox, seconds)

    async def caught_up_to(self, seq: int, seconds: float = 60) -> None:
        await self.until(lambda: self.cursor >= seq, seconds)

    async def untold(self, head: int, seconds: float) -> int:
        """How many entries up to `head` this connection has not brought live when the time is over; 0 when it has all."""
        try:
            await self.until(lambda: self._wire is not None and self._ear.live >= head, seconds)
        except TimeoutError:
            return max(0, head - self._ear.live)
        return 0

    async def stop(self) -> None:
        """Raises what went wrong in it, if anything did."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        if not self._task.cancelled():
            raise RuntimeError("a member ended by itself") from self._task.exception()
        self._listened()

    # What its phone does

    async def _live(self) -> None:
        while True:
            try:
                async with connect(self.address(), max_size=None, compression=None, ping_interval=None) as wire:
                    self.connections += 1
                    await self._talk(wire)
            except (OSError, WebSocketException, TimeoutError):
                pass
            self._wire = None
            self._listened()
            await asyncio.sleep(0.05 + random.random() * 0.1)

    async def _talk(self, wire: ClientConnection) -> None:
        await wire.send(msgspec.msgpack.encode({"t": "hello", "v": 1, "token": self.token}))
        self._asked = None
        async for data in wire:
            assert isinstance(data, bytes)
            await self._take(wire, msgspec.msgpack.decode(data))
            async with self._changed:
                self._changed.notify_all()

    def _listened(self) -> None:
        self.counts.update(self._ear.counts)
        self.longest = max(self.longest, self._ear.longest)
        self._ear = Ear(self.room, 0)

    async def _take(self, wire: ClientConnection, frame: dict[str, Any]) -> None:
        self._ear.hears(frame)
        match frame["t"]:
            case "ready":
                self._wire = wire
                await self._begin(frame)
            case "accepted":
                answered = self._outbox.pop(frame["id"], None) is not None
                self.counts["promised twice"] += self.accepted.setdefault(frame["id"], frame["seq"]) != frame["seq"]
                self._own[frame["seq"]] = frame["id"]
                self._advance()
                if answered and not self.hasty:
                    await self._next()
            case "entries" | "page":
                await self._show(frame)
            case "error":
                self.refusals.append(frame["code"])
                if frame["id"] == self._asked:
                    asyncio.get_running_loop().create_task(self._fetch_again(frame))
                if frame["code"] == "stale_epoch" and self._outbox.pop(frame["id"], None):
                    self._lost.add(frame["id"])
                if frame["code"] in ("unavailable", "rate_limited"):
                    asyncio.get_running_loop().create_task(self._again(frame))
            case "bye":
                self.byes.append(frame["code"])

    async def _begin(self, ready: dict[str, Any]) -> None:
        heads = {room: head for room, head, _, _ in ready["rooms"]}
        self._ear = Ear(self.room, heads.get(self.room, 0))
        if self.hasty:
            for waiting in list(self._outbox.values()):
                await self._speak(waiting)
        else:
            await self._next()
        if heads.get(self.room, 0) > self.cursor:
            await self._fetch()

    async def _show(self, frame: dict[str, Any]) -> None:
        for item in frame["items"]:
            if item[0] > self.cursor:
                self._ahead[item[0]] = item[4]
        self._advance()
        if frame["t"] == "page":
            self._asked = None
            if frame["items"] and frame["head"] > self.cursor:
                await self._fetch()
        elif self._ahead and not self.patient:
            await self._fetch()
        elif self._ahead:
            asyncio.get_running_loop().create_task(self._fetch_what_is_still_missing(self.cursor))
        await self._acknowledge(len(frame["items"]))

    async def _again(self, refusal: dict[str, Any]) -> None:
        await asyncio.sleep(min(0.3, refusal["retry_after_ms"] / 1000))
        frame = self._outbox.get(refusal["id"])
        if frame is not None:
            await self._speak(frame)

    async def _fetch_again(self, refusal: dict[str, Any]) -> None:
        await asyncio.sleep(min(0.3, (refusal["retry_after_ms"] or 0) / 1000))
        if self._asked == refusal["id"]:
            self._asked = None
            await self._fetch()

    async def _fetch_what_is_still_missing(self, cursor: int) -> None:
        await asyncio.sleep(PATIENCE_SECONDS)
        if self.cursor == cursor:
            await self._fetch()

    async def _next(self) -> None:
        frame = next(iter(self._outbox.values()), None)
        if frame is not None:
            await self._speak(frame)

    async def _speak(self, frame: dict[str, Any]) -> None:
        if self._wire is not None:
            self._ear.sent(frame["id"], again=frame["id"] in self._tried)
            self._tried.add(frame["id"])
            await self._send(frame)

    def _advance(self) -> None:
        while True:
            seq = self.cursor + 1
            identity = self._ahead.pop(seq, None) or self._own.get(seq)
            if identity is None:
                break
            self.cursor = seq
            self.shown.append((seq, identity))
            self.shown_at.append(monotonic())
        for seq in [seq for seq in self._ahead if seq <= self.cursor]:
            del self._ahead[seq]

    async def _fetch(self) -> None:
        if self._asked is None:
            self._asked = identity = os.urandom(16)
            self._ear.asked(identity, self.cursor)
            await self._send({"t": "fetch", "id": identity, "room": self.room, "after": self.cursor, "limit": 500})

    async def _acknowledge(self, count: int) -> None:
        self._unacknowledged += count
        if self._unacknowledged >= ACKNOWLEDGE_AFTER:
            self._unacknowledged = 0
            await self._send({"t": "cursor", "rooms": [[self.room, self.cursor]]})

    async def _send(self, frame: dict[str, Any]) -> None:
        if self._wire is not None:
            try:
                await self._wire.send(msgspec.msgpack.encode(frame))
            except WebSocketException:
                self._wire = None


def judge(members: list[Member], stored: list[tuple[int, bytes]]) -> dict[str, int]:
    """What went wrong, by kind; all 0 when every promise was kept. `stored` is the log as (seq, entry id) in order."""
    by_id = {identity: seq for seq, identity in stored}
    promised = {identity: seq for member in members for identity, seq in member.accepted.items()}
    seqs = [seq for seq, _ in stored]
    faults = {
        "lost": sum(by_id.get(identity) != seq for identity, seq in promised.items()),
        "stored twice": len(stored) - len(by_id),
        "gaps": sum(later != earlier + 1 for earlier, later in pairwise(seqs)),
        "own order": 0, "not shown": 0, "shown wrongly": 0,
    }  # fmt: skip
    for member in members:
        shown = {seq for seq, _ in member.shown}
        faults["not shown"] += len(set(seqs[1:]) - shown)
        faults["shown wrongly"] += sum(by_id.get(identity) != seq for seq, identity in member.shown)
        if not member.hasty:
            faults["own order"] += disorder(by_id[identity] for identity in member.said if identity in by_id)
    met = sum((member.counts for member in members), Counter[str]())
    return {**faults, **met}


def disorder(seqs: Iterable[int]) -> int:
    """How many come before what was said earlier."""
    return sum(later < earlier for earlier, later in pairwise(seqs))
