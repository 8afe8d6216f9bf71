"""What came before its turn still lets people in and puts them out, whoever else leaves meanwhile."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from chat.delivery import local_room
from chat.delivery.hub import Hub
from chat.delivery.local_room import LocalRoom
from chat.delivery.log import Batch, Change
from chat.delivery.repair import Repair
from tests.delivery.test_bounds import welcome
from tests.delivery.test_hub import ROOM, Memory, batch, connection, entry


class Scene:
    """A room that has given out ten entries, its only reader here (device 1), and who is not in it (device 2)."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.reader, self.heard = connection(1)
        self.new, self.inbox = connection(2)
        for one in (self.reader, self.new):
            self.hub.add(one)
        self.hub.subscribe(ROOM, self.reader, 10)

    @property
    def room(self) -> LocalRoom:
        return self.hub.rooms[ROOM]

    def kinds(self, memory: Memory) -> list[str]:
        return [frame["t"] for frame in memory.frames]


def letting_in(seq: int, *devices: int) -> Batch:
    made = batch(seq, 1)
    made.change = Change(added=dict.fromkeys(devices, 1), welcome=b"welcome", seq=seq)
    return made


def putting_out(seq: int, device: int) -> Batch:
    made = batch(seq, 1)
    made.change = Change(removed=frozenset({device}))
    return made


async def test_a_room_that_nobody_hears_holds_nothing_and_is_not_looked_at() -> None:
    scene = Scene()
    room = scene.room
    looked: list[LocalRoom] = []

    async def run(*_: object) -> None:
        raise AssertionError("nothing is to be read for nobody")

    readers: Any = SimpleNamespace(run=run)
    repair = Repair(scene.hub, readers, welcome, 1.0)

    def on_gap(behind: LocalRoom) -> None:
        looked.append(behind)
        repair.on_gap(behind)

    scene.hub.on_gap = on_gap
    scene.hub.take(batch(12, 1))
    scene.hub.remove(scene.reader)
    assert (room.held, scene.hub.rooms) == ({}, {})
    await asyncio.sleep(0.5)
    assert (len(looked), room.filling, repair._tasks) == (1, False, set())


async def test_a_room_that_nobody_hears_does_not_make_the_others_impatient_while_nothing_can_be_read() -> None:
    scene = Scene()
    room = scene.room
    readers: Any = SimpleNamespace()
    repair = Repair(scene.hub, readers, welcome, 1.0)
    repair._pause = 5.0
    scene.hub.remove(scene.reader)
    await repair._fill(room)
    assert repair._pause == 5.0


def test_whoever_is_let_in_by_what_waits_hears_the_room_when_the_last_one_here_leaves() -> None:
    scene = Scene()
    for held in (letting_in(12, 2), batch(13, 2), batch(16, 1)):
        scene.hub.take(held)
    asked: list[LocalRoom] = []
    scene.hub.on_gap = asked.append
    scene.hub.remove(scene.reader)
    assert scene.kinds(scene.inbox) == ["inbox", "entries"]
    assert scene.inbox.seen() == [13, 14]
    assert asked == [scene.room], "15 is still missing"
    assert list(scene.room.held) == [16]


def test_whoever_leaves_is_not_let_in_by_what_waits() -> None:
    scene = Scene()
    scene.hub.take(letting_in(12, 1))
    scene.hub.remove(scene.reader)
    assert scene.hub.rooms == {}


def test_whoever_is_put_out_and_let_in_again_is_told_so_in_that_order() -> None:
    scene = Scene()
    scene.hub.take(letting_in(13, 1))
    scene.hub.take(putting_out(12, 1))
    scene.hub.take(batch(14, 1))
    assert scene.kinds(scene.heard) == ["room", "inbox", "entries"]
    assert scene.heard.seen() == [14]


def test_whoever_is_let_in_by_what_was_too_much_to_hold_hears_the_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_room, "MAX_HELD_BYTES", 200)
    scene = Scene()
    scene.hub.take(letting_in(12, 2))
    for seq in range(13, 101):
        scene.hub.take(batch(seq, 1))
    assert len(scene.room.held) < 60
    scene.hub.deliver_from_log(scene.room, 11, [entry(seq) for seq in range(11, 101)])
    assert scene.kinds(scene.inbox)[0] == "inbox"
    assert scene.inbox.seen() == list(range(13, 101))
    assert scene.heard.seen() == list(range(11, 101))


@pytest.mark.parametrize("first", [11, 12])
def test_whoever_is_let_in_by_what_the_log_overtakes_hears_the_rest_of_it(first: int) -> None:
    """`first` is 12 where what was missing has gone from the log."""
    scene = Scene()
    scene.hub.take(letting_in(12, 2), batch(16, 1))
    scene.room.last = first - 1
    scene.hub.deliver_from_log(scene.room, first, [entry(seq) for seq in range(first, 16)])
    assert scene.kinds(scene.inbox)[0] == "inbox"
    assert scene.inbox.seen() == [13, 14, 15, 16]
    assert scene.heard.seen() == list(range(first, 17))


def test_whoever_was_put_out_before_their_coming_in_was_heard_of_stays_out() -> None:
    scene = Scene()
    scene.hub.take(putting_out(12, 2))
    scene.hub.take(letting_in(11, 2))
    scene.hub.take(batch(13, 1))
    assert scene.inbox.seen() == []
    assert ROOM.bytes not in scene.new.rooms
    assert scene.heard.seen() == [11, 12, 13]
