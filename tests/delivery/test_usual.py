"""Which process writes a room: the lowest of those that do, for a moment."""

from __future__ import annotations

from uuid import UUID

from chat.delivery.usual import USUAL_SECONDS, Usual

ROOM = UUID(bytes=b"r" * 16)


def test_the_lowest_of_those_that_write_is_the_usual_writer_for_a_moment() -> None:
    usual = Usual(b"m")
    usual.heard(ROOM, b"z", 1.0)
    assert usual.writer(ROOM, 1.0) is None
    usual.heard(ROOM, b"c", 1.0)
    usual.heard(ROOM, b"d", 1.05)
    assert usual.writer(ROOM, 1.05) == b"c"
    assert usual.writer(ROOM, 1.0 + USUAL_SECONDS + 0.01) is None
    usual.heard(ROOM, b"d", 1.2)
    assert usual.writer(ROOM, 1.2) == b"d"
    usual.distrust(b"d", 3.0)
    usual.heard(ROOM, b"d", 2.9)
    assert usual.writer(ROOM, 2.9) is None
    usual.heard(ROOM, b"d", 3.0)
    assert usual.writer(ROOM, 3.0) == b"d"
