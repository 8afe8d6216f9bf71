"""What stands before a server's reader: whole messages to the application, everything unusual to the server."""

from __future__ import annotations

import os
import random

import pytest
from websockets.frames import Frame, Opcode

from chat.delivery.intake import MAX_EARLY, Intake
from chat.protocol import limits
from tests.support.rounds import ROUNDS


class Seen:
    """An intake, and what came out of it at either end."""

    def __init__(self, *, listening: bool = True) -> None:
        self.server = bytearray()
        self.taken: list[bytes] = []
        self.ended = 0
        self.intake = Intake(self.server.extend, self.end)
        if listening:
            self.intake.take = self.taken.append

    def end(self) -> None:
        self.ended += 1

    def feed(self, *parts: bytes) -> None:
        for part in parts:
            self.intake.feed(part)


def wire(data: bytes, opcode: Opcode = Opcode.BINARY, *, fin: bool = True, mask: bool = True) -> bytes:
    return Frame(opcode, data, fin).serialize(mask=mask)


MESSAGES = [os.urandom(size) for size in (0, 1, 125, 126, 127, 1300, 65_535, 65_536, 300_000)]


@pytest.mark.parametrize("step", [1, 2, 5, 7, 1000, 65_536, 10_000_000])
def test_messages_come_whole_and_in_order_however_the_bytes_come(step: int) -> None:
    seen = Seen()
    messages = MESSAGES[:6] if step < 1000 else MESSAGES
    stream = b"".join(map(wire, messages))
    seen.feed(*(stream[at : at + step] for at in range(0, len(stream), step)))
    assert seen.taken == messages
    assert not seen.server


def test_any_way_of_cutting_gives_the_same() -> None:
    stream = b"".join([wire(b"a" * 5), wire(b"ping", Opcode.PING), wire(b"b" * 200), wire(b"", Opcode.PONG)])
    for seed in range(200 * ROUNDS):
        chance, seen, at = random.Random(seed), Seen(), 0
        while at < len(stream):
            step = chance.randint(1, 40)
            seen.feed(stream[at : at + step])
            at += step
        assert seen.taken == [b"a" * 5, b"b" * 200]
        assert seen.server.count(b"\x89\x84") == 1
        assert len(seen.server) == 10 + 6


def test_before_anyone_listens_the_server_gets_whole_frames() -> None:
    seen = Seen(listening=False)
    first, second = wire(b"hello"), wire(b"x" * 500)
    seen.feed(first + second[:30])
    assert bytes(seen.server) == first
    seen.intake.take = seen.taken.append
    seen.feed(second[30:])
    assert seen.taken == [b"x" * 500]
    assert bytes(seen.server) == first


def test_before_anyone_listens_one_message_goes_on_and_no_more_than_a_frame_s_bytes() -> None:
    seen = Seen(listening=False)
    ping = wire(b"", Opcode.PING)
    hello = wire(b"hello")
    seen.feed(hello, ping)
    assert (bytes(seen.server), seen.intake.early) == (hello + ping, False)
    seen.feed(wire(b"more"), ping)
    assert (bytes(seen.server), seen.intake.early) == (hello + ping + ping, True)
    assert seen.ended == 0
    for kind in (Opcode.BINARY, Opcode.TEXT, Opcode.CONT):
        seen = Seen(listening=False)
        stream = wire(bytes(2 * MAX_EARLY), kind)
        for at in range(0, len(stream), 1000):
            seen.feed(stream[at : at + 1000])
        assert seen.ended == 1
        assert len(seen.server) + len(seen.intake._waiting) <= MAX_EARLY
    seen = Seen(listening=False)
    seen.feed(wire(bytes(limits.MAX_FRAME)))
    assert (len(seen.server) > limits.MAX_FRAME, seen.ended) == (True, 0)


@pytest.mark.parametrize(
    "unusual",
    [
        wire(b"text", Opcode.TEXT),
        wire(b"part", fin=False),
        wire(b"rest", Opcode.CONT),
        wire(b"bare", mask=False) + bytes(8),
        b"\xc2" + wire(b"reserved bit")[1:],
        b"\x82\xff" + (limits.MAX_COMMIT_FRAME + 1).to_bytes(8, "big"),
        b"\x82\xff" + b"\xff" * 8,
    ],
    ids=["text", "part", "continuation", "unmasked", "reserved", "too large", "absurd"],
)
def test_from_the_first_unusual_frame_on_all_goes_to_the_server(unusual: bytes) -> None:
    seen = Seen()
    after = wire(b"after")
    seen.feed(wire(b"before") + unusual, after[:3], after[3:])
    assert seen.taken == [b"before"]
    assert bytes(seen.server) == unusual + after


def test_the_longest_frame_in_single_bytes_costs_no_more_than_its_length() -> None:
    """Twice the bytes may not take four times as long: counted in what is copied, not in time."""
    seen = Seen()
    data = bytes(200_000)
    stream = wire(data)
    copied = 0
    for at in range(len(stream)):
        before = len(seen.intake._waiting)
        seen.feed(stream[at : at + 1])
        copied += before if len(seen.intake._waiting) == 0 else 0
    assert seen.taken == [data]
    assert copied <= len(stream) + 64
