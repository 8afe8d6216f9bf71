"""Handing appends to the process that writes a room anyway: whatever goes wrong, each is written, once and in order."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from chat.delivery import forwards as forwards_module
from chat.delivery import messages
from chat.delivery.forwards import Forwards, Remote
from chat.delivery.log import Append, Stamp, now_ms
from chat.delivery.sealing import Sealer
from chat.delivery.usual import USUAL_SECONDS
from chat.hub_keys import HubKeys
from chat.protocol import events
from tests.delivery.harness import until

ROOM = UUID(bytes=b"r" * 16)
STAMP = Stamp("kindred.example", 1, bytes(32))
KEYS = HubKeys(1, {1: bytes(32)})


class Owner:
    """A socket here: keeps what it is answered."""

    def __init__(self) -> None:
        self.answers: list[bytes] = []

    def send(self, frame: bytes) -> None:
        self.answers.append(frame)


class Process:
    """A process' forwards and writer, and what it has told others and not yet been `passed` on."""

    shared = True

    def __init__(self, id: bytes) -> None:
        self.id = id
        self.stamp = STAMP
        self.told: list[tuple[bytes, Any]] = []
        self.written: list[Append] = []
        self.forwards = Forwards(asyncio.get_running_loop(), self, lambda: self.stamp, self.written.append)  # type: ignore[arg-type] # this stands in for the layer

    def tell_process(self, process: bytes, message: messages.AnyMessage, size: int = 64) -> None:
        assert isinstance(message, messages.Forwarded | messages.Declined)
        self.told.append((process, messages.decode(messages.encode(message))))

    def ids(self) -> list[bytes]:
        return [entry.entry_id for entry in self.written]

    def hears_of(self, writer: Process, first: int = 2, *written: Append) -> list[tuple[int, Any, bytes]]:
        """The writer's batch comes in."""
        packed = [
            events.pack_entry((first + at, 7, 0, entry.epoch, entry.entry_id, entry.payload, entry.tag, b"f" * 32, 1))
            for at, entry in enumerate(written)
        ]
        return self.forwards.heard(messages.NewEntries(writer.id, ROOM, first, packed, []))


def passed(teller: Process, hearer: Process, keys: HubKeys = KEYS) -> None:
    told, teller.told = teller.told, []
    for process, message in told:
        assert process == hearer.id
        if isinstance(message, messages.Forwarded):
            hearer.forwards.received(message, keys)
        else:
            hearer.forwards.declined(message)


def append(number: int, owner: Any = None) -> Append:
    return Append(
        owner or Owner(), ROOM, 5, "mimi://kindred.example/u/asha", bytes([number]) * 16, 1, b"sealed", b"t" * 32
    )


@pytest.fixture
async def pair(monkeypatch: pytest.MonkeyPatch) -> tuple[Process, Process]:
    """The usual writer, and another one that has heard of it. A machine that is slow for a moment ends nothing of that."""
    monkeypatch.setattr("chat.delivery.usual.USUAL_SECONDS", 60.0)
    monkeypatch.setattr(forwards_module, "ANSWER_SECONDS", 60.0)
    usual, other = Process(b"a" * 8), Process(b"b" * 8)
    other.hears_of(usual)
    return usual, other


async def test_what_a_round_brings_goes_together_and_its_batch_answers_it(pair: tuple[Process, Process]) -> None:
    usual, other = pair
    sent = [append(number) for number in range(3)]
    assert all(other.forwards.take(entry) for entry in sent)
    await asyncio.sleep(0)
    assert len(other.told) == 1
    passed(other, usual)
    assert usual.ids() == [entry.entry_id for entry in sent]
    assert all(isinstance(entry.owner, Remote) for entry in usual.written)
    assert [entry.sender for entry in usual.written] == [entry.sender for entry in sent]
    owners = other.hears_of(usual, 2, *usual.written)
    assert [(index, owner) for index, owner, _ in owners] == [(at, entry.owner) for at, entry in enumerate(sent)]
    assert all(b"accepted" in answer for _, _, answer in owners)
    assert other.hears_of(usual, 2, *usual.written) == []
    assert other.written == []


async def test_redis_shows_neither_sender_nor_payload(pair: tuple[Process, Process]) -> None:
    _, other = pair
    other.forwards.take(append(1))
    await asyncio.sleep(0)
    wire = messages.encode(other.told[0][1])
    assert not [word for word in (b"asha", b"mimi", b"sealed", bytes([1]) * 16) if word in wire]


async def test_a_message_that_comes_alone_is_written_where_it_came_in(
    pair: tuple[Process, Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, other = pair
    monkeypatch.setattr("chat.delivery.usual.USUAL_SECONDS", USUAL_SECONDS)
    await asyncio.sleep(USUAL_SECONDS + 0.05)
    assert not other.forwards.take(append(1))


async def test_whoever_is_usual_hands_nothing_over(pair: tuple[Process, Process]) -> None:
    usual, other = pair
    usual.hears_of(other)
    assert not usual.forwards.take(append(1))


async def test_without_an_answer_everything_is_written_here_in_its_order(
    pair: tuple[Process, Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forwards_module, "ANSWER_SECONDS", 0.5)
    usual, other = pair
    sent = [append(number) for number in range(3)]
    for entry in sent:
        other.forwards.take(entry)
        await asyncio.sleep(0)
    await until(lambda: len(other.written) == 3)
    assert other.ids() == [entry.entry_id for entry in sent]
    other.hears_of(usual)
    assert not other.forwards.take(append(9)), "it is not trusted for a while"
    late = other.hears_of(usual, 2, *sent)
    assert [(index, answer) for index, _, answer in late] == [(0, b""), (1, b""), (2, b"")], "answered already: no copy"


async def test_what_is_not_stored_there_is_written_here_with_all_that_is_on_its_way(
    pair: tuple[Process, Process],
) -> None:
    usual, other = pair
    sent = [append(number) for number in range(3)]
    for entry in sent:
        other.forwards.take(entry)
    await asyncio.sleep(0)
    passed(other, usual)
    usual.written[1].owner.send(b"an error")
    await asyncio.sleep(0)
    passed(usual, other)
    assert other.ids() == [entry.entry_id for entry in sent]


async def test_what_comes_after_something_lost_is_not_stored_before_it(pair: tuple[Process, Process]) -> None:
    usual, other = pair
    other.forwards.take(append(0))
    await asyncio.sleep(0)
    passed(other, usual)
    other.forwards.take(append(1))
    await asyncio.sleep(0)
    other.told.clear()  # Redis lost it
    other.forwards.take(append(2))
    await asyncio.sleep(0)
    passed(other, usual)
    assert usual.ids() == [bytes([0]) * 16]
    await asyncio.sleep(0)
    passed(usual, other)
    assert other.ids() == [bytes([number]) * 16 for number in range(3)]


async def test_what_is_told_twice_late_or_by_others_is_not_written(
    pair: tuple[Process, Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual, other = pair
    other.forwards.take(append(0))
    await asyncio.sleep(0)
    (_, told) = other.told[0]
    passed(other, usual)
    usual.forwards.received(told, KEYS)
    forged = messages.Forwarded(b"c" * 8, 1, 1, told.sealed)
    usual.forwards.received(forged, KEYS)
    usual.forwards.received(messages.Forwarded(b"d" * 8, 9, 1, told.sealed), KEYS)
    assert usual.ids() == [bytes([0]) * 16]
    other.forwards.take(append(1))
    await asyncio.sleep(0)
    later = now_ms() + 60_000
    monkeypatch.setattr(forwards_module, "now_ms", lambda: later)
    passed(other, usual)
    assert usual.ids() == [bytes([0]) * 16]
    await asyncio.sleep(0)
    passed(usual, other)
    assert other.ids() == [bytes([0]) * 16, bytes([1]) * 16]


async def test_after_a_rotation_only_what_is_sealed_under_the_new_key_is_taken(pair: tuple[Process, Process]) -> None:
    usual, other = pair
    old, new = bytes(32), b"n" * 32
    rotated = HubKeys(2, {1: old, 2: new})

    async def hands_over(number: int) -> None:
        assert other.forwards.take(append(number))
        await asyncio.sleep(0)

    await hands_over(0)
    passed(other, usual)
    # A process that still has the old key writes what it was sent itself.
    await hands_over(1)
    passed(other, usual, rotated)
    assert usual.ids() == [bytes([0]) * 16]
    other.stamp = Stamp(STAMP.domain, 2, new)
    await hands_over(2)
    (_, told) = other.told[0]
    assert isinstance(told, messages.Forwarded)
    assert (told.key, told.number) == (2, 3)
    with pytest.raises(ValueError, match="not sealed"):
        Sealer(old, other.id, usual.id).open(told.number, told.sealed)
    passed(other, usual, rotated)
    # What came before it is missing there, so it goes back, and all is written here in its order.
    await asyncio.sleep(0)
    passed(usual, other)
    assert other.ids() == [bytes([number]) * 16 for number in range(3)]
    await asyncio.sleep(forwards_module.ASIDE_SECONDS)
    other.hears_of(usual)
    await hands_over(3)
    passed(other, usual, rotated)
    assert usual.ids() == [bytes([0]) * 16, bytes([3]) * 16]


async def test_a_process_that_stops_writes_what_is_on_its_way_and_takes_nothing_more(
    pair: tuple[Process, Process],
) -> None:
    usual, other = pair
    other.forwards.take(append(0))
    await asyncio.sleep(0)
    usual.forwards.stop()
    passed(other, usual)
    assert usual.written == []
    other.forwards.stop()
    assert other.ids() == [bytes([0]) * 16]
    other.hears_of(usual)
    assert not other.forwards.take(append(1))
