"""What a message says, out of its MIMI content (draft-ietf-mimi-content-08): enough to hold a bundle's words against it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import cbor2

from moderation.evidence.pictures import Picture, read

_TEXTS = ("text/plain", "text/markdown")
_RENDER, _REACTION = 1, 2
_NULL, _SINGLE, _EXTERNAL, _MULTI = range(4)
_SENDER, _ROOM = 1, 2


class NotContent(Exception):
    """The bytes are no MIMI content."""


@dataclass(frozen=True, slots=True)
class Said:
    """`salt` 16 bytes; `sender` and `room` the URIs inside; `text` what people saw.

    `attachments` are in the order of the content, None where one is no picture.
    """

    salt: bytes
    sender: str
    room: str
    text: str
    attachments: tuple[Picture | None, ...]


def said(data: bytes) -> Said:
    """Raises NotContent."""
    try:
        items = _as_seen(cbor2.loads(data, str_errors="replace"))
        salt, replaces, _topic, _expires, in_reply_to, extensions, body = items
        sender, room = extensions[_SENDER], extensions[_ROOM]
        parts = list(_parts(body))
        attachments = [read(part, room) if part[2] == _EXTERNAL else None for part in parts]
        text = "\n".join(_words(part, picture) for part, picture in zip(parts, attachments, strict=True))
        if not all(isinstance(value, str) for value in (sender, room)) or len(salt) != 16:
            raise NotContent("it has not the form")
    except (cbor2.CBORError, ValueError, TypeError, KeyError, IndexError, UnicodeDecodeError, RecursionError):
        raise NotContent("it cannot be read") from None
    pictures = tuple(one for part, one in zip(parts, attachments, strict=True) if part[2] == _EXTERNAL)
    return Said(salt, sender, room, _marked(text, body, replaces is not None, in_reply_to is not None), pictures)


def _as_seen(value: Any) -> Any:
    """Text as apps decode it: what is no UTF-8 was replaced before, and a mark at its beginning is none of it.

    Else whoever sends such text would have their words proven to moderators and to nobody else.
    """
    if isinstance(value, str):
        return value.removeprefix("\ufeff")
    if isinstance(value, list):
        return [_as_seen(item) for item in value]
    return {key: _as_seen(item) for key, item in value.items()} if isinstance(value, dict) else value


def _marked(text: str, body: Any, replaces: bool, replies: bool) -> str:
    """In brackets what a message does besides saying something."""
    if replaces:
        return "[deleted a message]" if body[2] == _NULL else f"[changed a message to] {text}"
    if body[0] == _REACTION:
        return f"[reacted with] {text}"
    return f"[in reply] {text}" if replies else text


def _parts(part: Any) -> Iterator[Any]:
    """What is said, part by part, in order."""
    match part[2]:
        case 1 | 2:
            yield part
        case 3:
            for nested in part[4]:
                yield from _parts(nested)


def _words(part: Any, picture: Picture | None) -> str:
    if part[2] == _EXTERNAL:
        if picture is None:
            return f"[file “{part[14]}”, {part[3]}]"
        return f"[picture: {picture.description}]" if picture.description else "[picture]"
    return bytes(part[4]).decode() if str(part[3]).partition(";")[0] in _TEXTS else f"[{part[3]}]"
