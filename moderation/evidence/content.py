"""What people are shown of a message, out of its MIMI content: the words that a bundle's are held against.

One rule for the app, for moderators, for `/verify.html` (client/src/content/shown.ts) and for this: what is not of these
forms is shown to nobody as text (docs/protocol.md, section 6.2).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from moderation.evidence import canonical
from moderation.evidence.canonical import NotCanonical
from moderation.evidence.characters import LONGEST_NAME, LONGEST_ROOM_NAME, is_name, visible
from moderation.evidence.mimi import (
    CHOOSE_ONE,
    EXTERNAL,
    MULTI,
    NULL,
    ROOM_URI,
    SENDER_URI,
    SINGLE,
    Content,
    NotMimi,
    Part,
    decode,
)
from moderation.evidence.pictures import Picture, read

REACTIONS = frozenset(
    "❤️ 👍 🙏 🤗 😢 😊 💛 💚 💙 🌻 🌱 ☀️ 🌈 ⭐ 🎉 👏 💪 🤝 👋 ✅ ☕ 🍀 😀 😂 🥰 😌 😮 😔 😭 🫂 ❤".split()
)
"""The emoji that can be a reaction, each in its one spelling; client/src/content/reactions.ts has the same."""

NOT_SHOWN = "not shown: this message is in no form that can be read and checked. SHA-256"

_PLAIN = "text/plain;charset=utf-8"
_TEXTS = (_PLAIN, "text/markdown;variant=GFM-MIMI")
_NAMES = {
    "application/vnd.kindred.profile+cbor": ("calls themself", LONGEST_NAME),
    "application/vnd.kindred.room+cbor": ("named the group", LONGEST_ROOM_NAME),
}
_NAME_EXTENSION = "kindred.name"
_RENDER, _REACTION, _INLINE, _ATTACHMENT = 1, 2, 4, 6
_SAYING = (_RENDER, _INLINE, _ATTACHMENT)
_HEAD = b"\x87\x50"
_SALT = 16


@dataclass(frozen=True, slots=True)
class Said:
    """`mark` is what the message does besides saying something, `words` what people saw: either may be empty.

    `salt` (16 bytes) is None when not even that can be found. `sender` and `room` are the URIs inside, both None when it is no
    content in its one spelling that names both. `name` came with it, None when it is none that is shown. `pictures` is the
    one with it, or none.
    """

    salt: bytes | None
    sender: str | None
    room: str | None
    name: str | None
    mark: str
    words: str
    pictures: tuple[Picture, ...] = ()

    @property
    def text(self) -> str:
        """As one text, the mark in brackets."""
        mark = f"[{self.mark}]" if self.mark else ""
        return f"{mark} {self.words}" if mark and self.words else mark or self.words


class _NotShown(Exception):
    """Some of it is of a kind that nobody is shown, so nothing of it is."""


def said(data: bytes) -> Said:
    """Whatever the bytes are: a content that nobody can read is named as that."""
    try:
        content = decode(data)
    except NotMimi:
        return Said(_salt(data), None, None, None, _unreadable(data), "")
    sender, room = content.extensions.get(SENDER_URI), content.extensions.get(ROOM_URI)
    if not isinstance(sender, str) or not isinstance(room, str):
        return Said(_salt(data), None, None, None, _unreadable(data), "")
    name = content.extensions.get(_NAME_EXTENSION)
    shown_name = name if isinstance(name, str) and is_name(name, LONGEST_NAME) else None
    try:
        mark, words, pictures = _shown(content, room)
    except _NotShown:
        return Said(content.salt, sender, room, shown_name, _unreadable(data), "")
    return Said(content.salt, sender, room, shown_name, mark, words, pictures)


def _salt(data: bytes) -> bytes | None:
    """Every content begins with a list of seven and a salt, also where the rest is none: by it the tag can be checked."""
    salt = data[len(_HEAD) : len(_HEAD) + _SALT]
    return salt if data.startswith(_HEAD) and len(salt) == _SALT else None


def _unreadable(data: bytes) -> str:
    return f"{NOT_SHOWN} {hashlib.sha256(data).hexdigest()}"


def _shown(content: Content, room: str) -> tuple[str, str, tuple[Picture, ...]]:
    """Mark, words, pictures. Raises _NotShown."""
    body, replaces, in_reply_to = content.body, content.replaces, content.in_reply_to
    if body.kind == NULL:
        if replaces is None:
            raise _NotShown
        return "took back a reaction" if body.disposition == _REACTION else "deleted a message", "", ()
    if body.disposition == _REACTION:
        if replaces is not None or in_reply_to is None:
            raise _NotShown
        return "reacted with", _reaction(body), ()
    if body.kind == SINGLE and body.items[0] in _NAMES:
        mark, longest = _NAMES[body.items[0]]
        return mark, _name(body.items[1], longest), ()
    pieces = _pieces(body, room)
    pictures = tuple(piece for piece in pieces if isinstance(piece, Picture))
    words = visible("\n\n".join(piece for piece in pieces if isinstance(piece, str)))
    if len(pictures) > 1 or not (words or pictures) or (replaces is not None and pictures):
        raise _NotShown
    described = "".join(_described(picture) for picture in pictures)
    mark = "changed a message to" if replaces is not None else "in reply" if in_reply_to is not None else ""
    return mark, "\n".join(part for part in (words, described) if part), pictures


def _described(picture: Picture) -> str:
    return f"[picture: {picture.description}]" if picture.description else "[picture]"


def _reaction(body: Part) -> str:
    emoji = _decoded(body.items[1]) if body.kind == SINGLE and body.items[0] == _PLAIN else ""
    if emoji not in REACTIONS:
        raise _NotShown
    return emoji


def _name(data: bytes, longest: int) -> str:
    try:
        value = canonical.read(data)
    except NotCanonical:
        raise _NotShown from None
    name = value.get("name") if type(value) is dict and len(value) == 1 else None
    if not isinstance(name, str) or not is_name(name, longest):
        raise _NotShown
    return name


def _pieces(part: Part, room: str) -> list[str | Picture]:
    """Its texts and pictures in order; of alternatives the first that can be shown. Raises _NotShown."""
    if part.disposition not in _SAYING:
        raise _NotShown
    if part.kind == SINGLE:
        if part.items[0] not in _TEXTS:
            raise _NotShown
        return [_decoded(part.items[1])]
    if part.kind == EXTERNAL:
        picture = read(part.items, room)
        if picture is None:
            raise _NotShown
        return [picture]
    if part.kind == MULTI:
        if part.items[0] == CHOOSE_ONE:
            return _first(part.parts, room)
        return [piece for one in part.parts for piece in _pieces(one, room)]
    return []


def _first(parts: tuple[Part, ...], room: str) -> list[str | Picture]:
    for one in parts:
        try:
            found = _pieces(one, room)
        except _NotShown:
            continue
        if found:
            return found
    raise _NotShown


def _decoded(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise _NotShown from None
