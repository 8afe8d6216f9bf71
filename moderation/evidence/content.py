"""What a message says, out of its MIMI content (draft-ietf-mimi-content-08): enough to hold a bundle's words against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cbor2

_TEXTS = ("text/plain", "text/markdown")
_RENDER, _REACTION = 1, 2
_NULL, _SINGLE, _EXTERNAL, _MULTI = range(4)
_SENDER, _ROOM = 1, 2


class NotContent(Exception):
    """The bytes are no MIMI content."""


@dataclass(frozen=True, slots=True)
class Said:
    """`salt` 16 bytes; `sender` and `room` the URIs inside; `text` what people saw."""

    salt: bytes
    sender: str
    room: str
    text: str


def said(data: bytes) -> Said:
    """Raises NotContent."""
    try:
        items = cbor2.loads(data)
        salt, replaces, _topic, _expires, in_reply_to, extensions, body = items
        sender, room = extensions[_SENDER], extensions[_ROOM]
        text = "\n".join(_words(body))
        if not all(isinstance(value, str) for value in (sender, room)) or len(salt) != 16:
            raise NotContent("it has not the form")
    except (cbor2.CBORError, ValueError, TypeError, KeyError, IndexError, UnicodeDecodeError, RecursionError):
        raise NotContent("it cannot be read") from None
    return Said(salt, sender, room, _marked(text, body, replaces is not None, in_reply_to is not None))


def _marked(text: str, body: Any, replaces: bool, replies: bool) -> str:
    """In brackets what a message does besides saying something."""
    if replaces:
        return "[deleted a message]" if body[2] == _NULL else f"[changed a message to] {text}"
    if body[0] == _REACTION:
        return f"[reacted with] {text}"
    return f"[in reply] {text}" if replies else text


def _words(part: Any) -> Iterator[str]:
    match part[2]:
        case 1 if str(part[3]).partition(";")[0] in _TEXTS:
            yield bytes(part[4]).decode()
        case 1:
            yield f"[{part[3]}]"
        case 2:
            yield f"[file “{part[14]}”, {part[3]}]"
        case 3:
            for nested in part[4]:
                yield from _words(nested)
