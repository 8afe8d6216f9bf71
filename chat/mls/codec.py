"""The presentation language of RFC 9420 section 2.1: bounded reading, minimal writing.

The reader never copies more than it was given and never recurses, so a length prefix that
promises gigabytes costs nothing. It is strict: an encoding that is not the shortest, and any
byte left over, is refused, because bytes that two parsers read differently are a way to show
the server one thing and the members another.
"""

from __future__ import annotations

from .errors import MlsCode, MlsError


def _truncated() -> MlsError:
    return MlsError(MlsCode.MALFORMED, "the message ends before a field does")


class Reader:
    """Reads fields one after the other from `data[start:end]`."""

    __slots__ = ("_data", "_end", "pos")

    def __init__(self, data: bytes, start: int = 0, end: int | None = None) -> None:
        self._data = data
        self.pos = start
        self._end = len(data) if end is None else end

    def uint(self, size: int) -> int:
        """An unsigned big-endian integer of `size` bytes."""
        start = self.pos
        stop = start + size
        if stop > self._end:
            raise _truncated()
        self.pos = stop
        return int.from_bytes(self._data[start:stop], "big")

    def length(self) -> int:
        """A vector's length prefix (section 2.1.2), checked against the bytes that are there."""
        pos = self.pos
        if pos >= self._end:
            raise _truncated()
        first = self._data[pos]
        if first < 0x40:
            value = first
            pos += 1
        else:
            size = 2 if first < 0x80 else 4
            if first >= 0xC0:
                raise MlsError(MlsCode.MALFORMED, "a length prefix starts with the reserved bits")
            if pos + size > self._end:
                raise _truncated()
            value = int.from_bytes(self._data[pos : pos + size], "big")
            value &= 0x3FFF if size == 2 else 0x3FFFFFFF
            if value < (0x40 if size == 2 else 0x4000):
                raise MlsError(MlsCode.MALFORMED, "a length prefix is longer than it needs to be")
            pos += size
        if pos + value > self._end:
            raise _truncated()
        self.pos = pos
        return value

    def opaque(self) -> bytes:
        """An `opaque field<V>`."""
        size = self.length()
        start = self.pos
        self.pos = start + size
        return self._data[start : self.pos]

    def skip(self) -> None:
        """Passes over an `opaque field<V>` without copying it."""
        size = self.length()
        self.pos += size

    def vector(self) -> Reader:
        """A reader for the inside of a vector; this one moves on to what follows it."""
        size = self.length()
        start = self.pos
        self.pos = start + size
        return Reader(self._data, start, self.pos)

    def optional(self) -> bool:
        """The presence octet of an `optional<T>` (section 2.1.1)."""
        octet = self.uint(1)
        if octet > 1:
            raise MlsError(MlsCode.MALFORMED, "an optional field is neither present nor absent")
        return octet == 1

    def since(self, start: int) -> bytes:
        """The raw bytes from `start` (an earlier `pos`) to here."""
        return self._data[start : self.pos]

    def more(self) -> bool:
        """True while bytes are left."""
        return self.pos < self._end

    def finish(self) -> None:
        """Refuses bytes that are left over."""
        if self.pos != self._end:
            raise MlsError(MlsCode.MALFORMED, "bytes are left over after the message")


def opaque(data: bytes) -> bytes:
    """Writes an `opaque field<V>` with the shortest length prefix."""
    size = len(data)
    if size < 0x40:
        return bytes((size,)) + data
    if size < 0x4000:
        return (size | 0x4000).to_bytes(2, "big") + data
    if size < 0x40000000:
        return (size | 0x80000000).to_bytes(4, "big") + data
    raise ValueError("a vector holds at most 2^30 - 1 bytes")
