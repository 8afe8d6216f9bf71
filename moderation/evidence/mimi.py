"""MIMI content (draft-ietf-mimi-content-08, appendix B) in its one spelling, as client/src/crypto/mimi.ts reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from moderation.evidence import canonical
from moderation.evidence.canonical import NotCanonical

SENDER_URI, ROOM_URI = 1, 2
NULL, SINGLE, EXTERNAL, MULTI = range(4)
CHOOSE_ONE, _PROCESS_ALL = 0, 2

_DEEPEST, _MOST_PARTS = 4, 1024
_REFERENCE = 32
_MOST_TOPIC, _MOST_EXTENSION = 4096, 255
_OCTET, _SHORT, _LONG, _LARGEST = 2**8 - 1, 2**16 - 1, 2**32 - 1, 2**53 - 1
# What an external part holds from its content type on: a number gives the most that it may be.
_EXTERNAL_FORM = (str, str, _LONG, _LARGEST, _SHORT, bytes, bytes, bytes, _OCTET, bytes, str, str)


class NotMimi(Exception):
    """The bytes are no MIMI content, or not in its one spelling."""


@dataclass(frozen=True, slots=True)
class Part:
    """`items` are what stands behind the kind: nothing, the type and the bytes, what is external, or the meaning of `parts`."""

    disposition: int
    kind: int
    items: Sequence[Any]
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """`salt` 16 bytes; `replaces` and `in_reply_to` message ids."""

    salt: bytes
    replaces: bytes | None
    in_reply_to: bytes | None
    extensions: dict[int | str, Any]
    body: Part


def decode(data: bytes) -> Content:
    """Raises NotMimi."""
    try:
        salt, replaces, topic, expires, in_reply_to, extensions, body = _list(canonical.read(data), 7)
    except NotCanonical:
        raise NotMimi from None
    _check(type(salt) is bytes and len(salt) == 16)
    _check(type(topic) is bytes and len(topic) <= _MOST_TOPIC)
    _check(all(one is None or _is_reference(one) for one in (replaces, in_reply_to)))
    if expires is not None:
        relative, time = _list(expires, 2)
        _check(type(relative) is bool and _is_uint(time, _LONG))
    _check(type(extensions) is dict)
    _check(all(type(key) is int or 0 < len(key.encode()) <= _MOST_EXTENSION for key in extensions))
    return Content(salt, replaces, in_reply_to, extensions, _part(body, 0, [_MOST_PARTS]))


def _part(value: Any, depth: int, left: list[int]) -> Part:
    left[0] -= 1
    _check(depth <= _DEEPEST and left[0] >= 0)
    disposition, language, kind, *items = _list(value, least=3)
    _check(_is_uint(disposition, _OCTET) and type(language) is str and type(kind) is int)
    nested: tuple[Part, ...] = ()
    match kind:
        case 0:
            _check(not items)
        case 1:
            _check(len(items) == 2 and type(items[0]) is str and type(items[1]) is bytes)
        case 2:
            _check(len(items) == len(_EXTERNAL_FORM) and all(map(_is_of, items, _EXTERNAL_FORM)))
        case 3:
            _check(len(items) == 2 and _is_uint(items[0], _PROCESS_ALL))
            nested = tuple(_part(one, depth + 1, left) for one in _list(items[1], least=2))
        case _:
            raise NotMimi
    return Part(disposition, kind, items, nested)


def _check(holds: bool) -> None:
    if not holds:
        raise NotMimi


def _list(value: Any, length: int | None = None, least: int = 0) -> list[Any]:
    _check(type(value) is list and len(value) >= least and len(value) == (len(value) if length is None else length))
    return list(value)


def _is_uint(value: Any, most: int) -> bool:
    return type(value) is int and 0 <= value <= most


def _is_of(value: Any, form: Any) -> bool:
    return _is_uint(value, form) if type(form) is int else type(value) is form


def _is_reference(value: Any) -> bool:
    """Its first octet names a hash algorithm, of which only SHA-256 (1) is known."""
    return type(value) is bytes and len(value) == _REFERENCE and value[0] == 1
