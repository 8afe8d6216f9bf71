"""CBOR in its one spelling (RFC 8949, section 4.2.1), of what contents are made of alone.

These are whole numbers, bytes, text, lists, maps by numbers and text, true, false and null. Whatever else or otherwise
spelt is not read, so that two readers cannot read it in two ways; client/src/crypto/canonical.ts has the same.
"""

from __future__ import annotations

from typing import Any

import cbor2

DEEPEST = 16
"""Lists and maps within one another."""

_LARGEST = 2**53 - 1
_LIST, _MAP = 4 << 5, 5 << 5


class NotCanonical(Exception):
    """The bytes are no such item, or not in its one spelling."""


def read(data: bytes) -> Any:
    """The one item that `data` is. Raises NotCanonical."""
    try:
        value = cbor2.loads(data)
        if _spelt(value, 0) == data:
            return value
    except (cbor2.CBORError, ValueError, TypeError, KeyError, EOFError, OverflowError, RecursionError, MemoryError):
        pass
    raise NotCanonical


def _spelt(value: Any, depth: int) -> bytes:
    """Raises NotCanonical for what no content is made of."""
    if depth > DEEPEST:
        raise NotCanonical
    if type(value) is list:
        return _head(_LIST, len(value)) + b"".join(_spelt(item, depth + 1) for item in value)
    if type(value) is dict:
        pairs = sorted((_key(key), _spelt(item, depth + 1)) for key, item in value.items())
        return _head(_MAP, len(pairs)) + b"".join(key + item for key, item in pairs)
    return _plain(value)


def _key(key: Any) -> bytes:
    if type(key) not in (int, str):
        raise NotCanonical
    return _plain(key)


def _plain(value: Any) -> bytes:
    # Readers in JavaScript pass over a mark at the beginning of a text, and cannot count further.
    fits = value is None or type(value) in (bool, bytes)
    fits = fits or (type(value) is str and not value.startswith("\ufeff"))
    if not fits and (type(value) is not int or not -_LARGEST <= value <= _LARGEST):
        raise NotCanonical
    return cbor2.dumps(value)


def _head(kind: int, length: int) -> bytes:
    first, *rest = cbor2.dumps(length)
    return bytes([first | kind, *rest])
