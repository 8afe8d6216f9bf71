"""Pictures in a bundle: each is the one that its message names, or it is not whole (docs/protocol.md, sections 6.1 and 13)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from moderation.evidence.characters import visible

FOLDER = "pictures/"
FILE = re.compile(r"pictures/[0-9a-f]{64}(-[1-9][0-9]*)?\.(jpg|png|webp|gif)")
"""What the file of a picture may be called."""

STEP = 32 * 1024
LARGEST = 48 * STEP
TAG = 16
_AES_256_GCM, _SHA_256 = 2, 1
_TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")
_BLOB = re.compile(r"[A-Za-z0-9_-]{21}[AQgw]")


@dataclass(frozen=True, slots=True)
class Picture:
    """What a content says of a picture: `size` (bytes) and `hash` (SHA-256) of its ciphertext, `key` (32 bytes), `nonce` (12)."""

    size: int
    key: bytes
    nonce: bytes
    hash: bytes
    description: str


def read(items: Sequence[Any], room: str) -> Picture | None:
    """The picture that an external part of a content in this room names; None for any other attachment.

    `items` are what stands behind its kind, of the form that moderation/evidence/mimi.py has checked.
    """
    content_type, url, _, size, encryption, key, nonce, aad, hashing, digest, description, _ = items
    place, _, blob = url.rpartition("/b/")
    fits = (
        content_type in _TYPES
        and place == room
        and _BLOB.fullmatch(blob) is not None
        and 0 < size <= LARGEST
        and size % STEP == 0
        and (encryption, len(key), len(nonce), len(aad)) == (_AES_256_GCM, 32, 12, 0)
        and (hashing, len(digest)) == (_SHA_256, 32)
    )
    return Picture(size, key, nonce, digest, visible(description)) if fits else None


def is_sent(picture: Picture, data: bytes) -> bool:
    """Whether `data` is the picture that was sent: under the key that was named, it gives the ciphertext that was named.

    There is nothing else to try: AES-GCM takes no chances, and what is behind the picture follows from `size`.
    """
    zeros = picture.size - TAG - 1 - len(data)
    if zeros < 0:
        return False
    sealed = AESGCM(picture.key).encrypt(picture.nonce, data + b"\x80" + bytes(zeros), None)
    return hashlib.sha256(sealed).digest() == picture.hash


def kind(data: bytes) -> str | None:
    """The ending that belongs to what the first bytes say; None for all that is no picture."""
    if data.startswith(b"\xff\xd8\xff"):
        return "jpg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "png"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return "gif"
    return "webp" if data.startswith(b"RIFF") and data[8:12] == b"WEBP" else None


class Names:
    """The names of picture files, without their endings, as messages name them one after the other.

    One ciphertext can be made that opens under two keys. Whoever sends both has sent two pictures, so each key has a file.
    """

    def __init__(self) -> None:
        self._keys: dict[bytes, list[bytes]] = {}

    def of(self, picture: Picture) -> str:
        keys = self._keys.setdefault(picture.hash, [])
        this = picture.key + picture.nonce
        if this not in keys:
            keys.append(this)
        number = keys.index(this)
        return f"{FOLDER}{picture.hash.hex()}" + (f"-{number + 1}" if number > 0 else "")


@dataclass
class Shelf:
    """The files of a bundle, and which of them messages have named as pictures: `here` times, and `absent` times none."""

    files: Mapping[str, bytes]
    named: set[str] = field(default_factory=set)
    here: int = 0
    absent: int = 0
    _names: Names = field(default_factory=Names)

    def problems(self, pictures: Sequence[Picture], given: Sequence[str | None]) -> Iterator[str]:
        """What does not hold of the names that a message gives for its pictures."""
        if len(pictures) != len(given):
            yield "it does not name each of its pictures"
            return
        for picture, name in zip(pictures, given, strict=True):
            if name is None:
                self.absent += 1
            else:
                yield from self._problems(picture, name)

    def _problems(self, picture: Picture, name: str) -> Iterator[str]:
        stem, _, ending = name.rpartition(".")
        if stem != self._names.of(picture) or FILE.fullmatch(name) is None:
            yield "its picture has not the name that belongs to it"
            return
        self.named.add(name)
        self.here += 1
        data = self.files.get(name)
        if data is None:
            yield "its picture is missing"
            return
        if kind(data) != ending:
            yield "its picture is of another kind than its name says"
        if not is_sent(picture, data):
            yield "its picture is not the one that was sent"
