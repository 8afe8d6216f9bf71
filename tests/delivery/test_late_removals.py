"""Who is in a room by the log is not put out of it by what is known from before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from chat.delivery import sync
from chat.delivery.connection import Connection
from chat.delivery.hearing import Hearing
from chat.delivery.hub import Hub
from chat.delivery.log import Batch, Change
from chat.delivery.messages import Barred, Removed
from chat.delivery.repair import Repair
from chat.protocol import events
from chat.protocol.errors import unavailable
from chat.protocol.events import ByeCode
from tests.delivery.harness import until
from tests.delivery.test_bounds import welcome
from tests.delivery.test_hub import ROOM, Memory, batch, connection

Read = Callable[..., Any]


def commit(seq: int) -> bytes:
    return events.pack_entry((seq, 1, 1, 1, seq.to_bytes(16, "big"), b"", None, None, 1))


def change(seq: int, added: int | None = None, removed: int | None = None) -> Batch:
    made = Batch(ROOM, seq, [commit(seq)])
    made.change = Change(
        {} if added is None else {added: 1}, frozenset() if removed is None else frozenset({removed}), b"w", seq
    )
    return made


class Place:
    """A hub with one connection (device 2), whose log answers as `read` does."""

    def __init__(self, read: Read, last: int | None = None) -> None:
        async def run(ask: Read, *given: Any) -> Any:
            await asyncio.sleep(0)
            return read(ask, *given)

        self.hub = Hub()
        readers: Any = SimpleNamespace(run=run)
        self.repair = Repair(self.hub, readers, welcome, 1.0)
        self.hub.on_gap, self.hub.on_doubt = self.repair.on_gap, self.repair.doubt
        self.one: Connection
        self.memory: Memory
        self.one, self.memory = connection(2)
        self.hub.add(self.one)
        if last is not None:
            self.hub.subscribe(ROOM, self.one, last)

    def hear(self, message: Any) -> None:
        delivery: Any = SimpleNamespace(hub=self.hub, repair=self.repair)
        Hearing(delivery).heard(message)

    def told(self) -> list[tuple[str, str | None]]:
        return [(frame["t"], frame.get("change") or frame.get("code")) for frame in self.memory.frames]

    @property
    def inside(self) -> bool:
        return ROOM.bytes in self.one.rooms


async def test_who_comes_in_while_a_gap_is_read_stays_in() -> None:
    other, _ = connection(1)
    reads: list[int] = []

    def read(ask: Read, _: object, after: int, *__: object) -> Any:
        if ask is not sync.stretch:
            return after
        reads.append(after)
        if len(reads) > 1:
            return sync.Stretch(after + 1, [], None)
        # What was missing comes after all while it is read, and then the commit that lets the device in.
        place.hub.take(change(5))
        place.hub.take(change(6, added=2))
        return sync.Stretch(5, [commit(5)], frozenset({1}))

    place = Place(read)
    place.hub.add(other)
    place.hub.subscribe(ROOM, other, 4)
    place.repair.fill(place.hub.rooms[ROOM])
    await until(lambda: reads == [4, 6])
    await asyncio.sleep(0.05)
    assert (place.told(), place.inside) == ([("inbox", None)], True)


async def test_who_is_out_by_what_the_log_says_about_a_gap_is_put_out() -> None:
    def read(ask: Read, _: object, after: int, *__: object) -> Any:
        if ask is not sync.stretch:
            return after
        return sync.Stretch(5, [commit(5)] if after == 4 else [], frozenset({1}))

    place = Place(read, 4)
    place.repair.fill(place.hub.rooms[ROOM])
    await until(lambda: not place.inside)
    assert (place.told(), place.inside) == ([("room", "removed")], False)


async def test_an_old_removal_is_held_against_the_log() -> None:
    def stays(_: Read, __: object, devices: list[int]) -> frozenset[int]:
        return frozenset(devices)

    def with_an_entry(place: Place) -> None:
        place.hub.take(change(5, removed=2))

    def without(place: Place) -> None:
        place.hear(Removed(b"", ROOM, [2]))

    for late in (with_an_entry, without):
        place = Place(stays, 7)
        late(place)
        await asyncio.sleep(0.05)
        assert (place.told(), place.inside) == ([], True)
        place = Place(lambda *_: frozenset(), 7)
        late(place)
        await until(lambda place=place: not place.inside)  # type: ignore[misc] # a lambda with a default
        assert (place.told(), place.inside) == ([("room", "removed")], False)


async def test_who_comes_in_again_while_the_log_is_asked_stays_in() -> None:
    answers = [frozenset[int](), frozenset({2})]

    def read(*_: object) -> frozenset[int]:
        if len(answers) == 2:
            place.hub.take(batch(8, 1))
        return answers.pop(0)

    place = Place(read, 7)
    place.hub.take(change(5, removed=2))
    await until(lambda: not answers)
    await asyncio.sleep(0.05)
    assert (answers, place.inside) == ([], True)
    assert [kind for kind, _ in place.told()] == ["entries"]


async def test_a_removal_is_not_forgotten_while_the_log_cannot_be_read(monkeypatch: Any) -> None:
    monkeypatch.setattr("chat.delivery.repair.MAX_PAUSE_SECONDS", 0.01)
    answers: list[Any] = [frozenset(), unavailable(), unavailable()]

    def read(*_: object) -> Any:
        answer = answers.pop()
        if isinstance(answer, Exception):
            raise answer
        return answer

    place = Place(read, 7)
    place.hear(Removed(b"", ROOM, [2]))
    await until(lambda: not place.inside)
    assert answers == []


async def test_who_was_let_in_again_is_not_cut_off_by_an_old_message() -> None:
    for found, told in (({}, []), ({2: ByeCode.REVOKED}, [("bye", "revoked")])):
        place = Place(lambda *_, found=found: found, 7)
        place.hear(Barred(b"", [2, 3], ByeCode.SUSPENDED))
        await until(lambda place=place, told=told: place.told() == told)  # type: ignore[misc] # a lambda with a default
        await asyncio.sleep(0.05)
        assert place.told() == told
