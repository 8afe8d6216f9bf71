"""What tests of faults demand to be 0 is seen when it is not."""

from __future__ import annotations

from time import sleep
from typing import Any

import pytest

from tests.delivery.ear import Ear
from tests.delivery.member import disorder

ROOM = b"r" * 16


def frame(*seqs: int, kind: str = "entries", **fields: Any) -> dict[str, Any]:
    items = [[seq, 0, 0, 1, bytes([seq]), b"", None, None, 1] for seq in seqs]
    return {"t": kind, "room": ROOM, "items": items, **fields}


def accepted(seq: int) -> dict[str, Any]:
    return {"t": "accepted", "id": bytes([seq]), "room": ROOM, "seq": seq}


def met(ear: Ear) -> dict[str, int]:
    return {kind: count for kind, count in ear.counts.items() if count}


@pytest.mark.parametrize(
    ("frames", "found"),
    [
        ([frame(6, 7), frame(8), accepted(9), frame(10)], {}),
        ([frame(6, 7), frame(7, 8)], {"told twice": 1}),
        ([frame(6), frame(8), frame(7)], {"left out live": 1, "out of order live": 1}),
        ([frame(7), accepted(8), frame(11)], {"left out live": 3}),
        ([frame(7), accepted(6)], {"answers after later entries": 1}),
        ([frame(3, 4, 5, 6, kind="page", id=b"f", head=6), frame(7)], {"left out live": 1}),
        ([accepted(7), frame(6), frame(8)], {}),
        ([frame(6, 8)], {"out of order live": 1}),
        ([frame(5)], {"out of order live": 1}),
        ([accepted(6), frame(6)], {"copies": 1}),
        ([frame(6), accepted(6)], {"copies before the answer": 1}),
        ([frame(6), frame(3, 4, 5, 6, kind="page", id=b"f", head=6)], {}),
        ([frame(3, 5, 4, kind="page", id=b"f", head=6)], {"out of order in a page": 1}),
        ([frame(3, 4, 4, kind="page", id=b"f", head=6)], {"told twice": 1}),
        ([frame(2, 3, kind="page", id=b"f", head=6)], {"told twice": 1}),
    ],
)
def test_an_ear_counts_what_a_connection_may_not_bring(frames: list[dict[str, Any]], found: dict[str, int]) -> None:
    ear = Ear(ROOM, 5)
    ear.asked(b"f", 2)
    for each in frames:
        ear.hears(each)
    assert met(ear) == found


def test_a_copy_of_what_was_sent_again_is_counted_apart() -> None:
    ear = Ear(ROOM, 5)
    ear.sent(bytes([6]), again=True)
    ear.sent(bytes([7]), again=False)
    for each in (frame(6, 7), accepted(6), accepted(7)):
        ear.hears(each)
    assert met(ear) == {"copies of what was sent again": 1, "copies before the answer": 1}


def test_an_ear_knows_how_far_everything_has_come_live_and_how_long_the_server_took() -> None:
    ear = Ear(ROOM, 5)
    ear.hears(accepted(8))
    assert ear.live == 5
    sleep(0.2)
    ear.hears(frame(6, 7))
    assert ear.live == 8
    assert ear.longest >= 0.2
    before = ear.longest
    sleep(0.3)
    ear.hears(frame(9))
    assert (ear.live, ear.longest) == (9, before)
    assert met(ear) == {}


def test_what_was_said_earlier_must_come_earlier() -> None:
    assert [disorder(seqs) for seqs in ([2, 3, 5], [3, 2, 5], [])] == [0, 1, 0]
