"""Reading from a socket without the server's parser, queue and task for every frame.

A frame costs the servers 20 to 40 µs of the event loop before the application sees it, and three of five are
acknowledgements, which cost it almost nothing. So what a server reads comes by here first.
"""

from __future__ import annotations

from collections.abc import Callable

from websockets.frames import apply_mask  # type: ignore[attr-defined] # in C where that was built

from chat.protocol import limits

BINARY = 0x82
CONTROLS = range(0x88, 0x8B)
MASKED = 0x80
SHORTEST = 6
"""Bytes of a masked frame (RFC 6455, 5.2) that holds nothing: no frame of a client is shorter."""
MAX_EARLY = limits.MAX_FRAME + 1024
"""Bytes before anyone listens: a `hello`, and the protocol's own frames beside it."""


class Intake:
    """Stands before `server`, the server's own reader, and gives it whole frames alone.

    While `take` is set, it gets each binary message, unmasked, in the turn of the event loop that read it. Whatever
    clients of ours do not send (text, parts of messages, reserved bits, no mask, more than any frame may hold) goes to
    the server's reader, and so does all that follows, so that nothing overtakes it.

    Before `take` is set nobody knows who this is: the server gets one binary message, a second one is dropped (`early`
    then says so), and with more than `MAX_EARLY` bytes `end` is called, which drops the connection.
    """

    __slots__ = ("_before", "_end", "_greeted", "_needed", "_passing", "_server", "_waiting", "early", "take")

    def __init__(self, server: Callable[[bytes], None], end: Callable[[], None]) -> None:
        self.take: Callable[[bytes], None] | None = None
        self.early = False
        self._server = server
        self._end = end
        self._greeted = False
        self._before = 0
        self._passing = False
        # The beginning of a frame, and how many bytes are needed before more can be said about it.
        self._waiting = bytearray()
        self._needed = SHORTEST

    def feed(self, data: bytes) -> None:
        if self.take is None and self._too_much(len(data)):
            return
        if self._passing:
            self._server(data)
            return
        if self._waiting:
            self._waiting += data
            if len(self._waiting) < self._needed:
                return
            data = bytes(self._waiting)
            self._waiting.clear()
        self._split(data)

    def _split(self, data: bytes) -> None:
        at, end = 0, len(data)
        while at < end:
            needed = SHORTEST
            if end - at >= SHORTEST:
                kind, size, body = data[at], data[at + 1] - MASKED, at + 6
                if size == 126:
                    size, body = int.from_bytes(data[at + 2 : at + 4]), at + 8
                elif size == 127:
                    # Shorter than its head where the head has not come whole.
                    size, body = int.from_bytes(data[at + 2 : at + 10]), at + 14
                if size < 0 or size > limits.MAX_COMMIT_FRAME or (kind != BINARY and kind not in CONTROLS):
                    self._passing = True
                    self._server(data[at:])
                    return
                needed = body + size - at
            if end - at < needed:
                self._waiting += data[at:]
                self._needed = needed
                return
            if kind == BINARY and self.take is not None:
                self.take(apply_mask(data[body : body + size], data[body - 4 : body]))
            elif kind == BINARY and self._greeted:
                self.early = True
            else:
                self._greeted = self._greeted or kind == BINARY
                self._server(data[at : at + needed])
            at += needed

    def _too_much(self, size: int) -> bool:
        """Whether, with so many bytes more, more has come than anybody may send before it is known."""
        before = self._before
        self._before += size
        if self._before <= MAX_EARLY:
            return False
        if before <= MAX_EARLY:
            self._waiting.clear()
            self._end()
        return True
