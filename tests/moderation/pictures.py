"""Pictures as their senders seal them, and ciphertext that opens to two of them."""

from __future__ import annotations

import hashlib
import os
import zlib
from dataclasses import dataclass
from functools import cache
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from moderation.evidence.pictures import FOLDER, STEP, TAG, kind
from moderation.signing import b64

GIF = bytes.fromhex("47494638396101000100800000204060ffffff21f90401000000002c00000000010001000002024401003b")
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + bytes(range(200)) + b"\xff\xd9"
WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00\x2f" + bytes(12)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def png(words: bytes = b"", side: int = 16) -> bytes:
    """One that browsers show, with words in it that nobody sees."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")

    head = side.to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    rows = zlib.compress((b"\0" + b"\x20\x80\xa0" * side) * side)
    chunks = chunk(b"IHDR", head) + chunk(b"tEXt", b"Comment\0" + words) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


@dataclass(frozen=True)
class Sent:
    """A picture with what its message says of it."""

    data: bytes
    key: bytes
    nonce: bytes
    sealed: bytes
    description: str = ""

    @property
    def hash(self) -> bytes:
        return hashlib.sha256(self.sealed).digest()

    @property
    def name(self) -> str:
        return f"{FOLDER}{self.hash.hex()}.{kind(self.data)}"

    def part(self, room: str, kind: str = "image/jpeg") -> list[Any]:
        url, size = f"{room}/b/{b64(self.hash[:16])}", len(self.sealed)
        rest = [2_000_000_000, size, 2, self.key, self.nonce, b"", 1, self.hash, self.description, ""]
        return [6, "", 2, kind, url, *rest]


def sent(data: bytes, description: str = "", spare: int = 0) -> Sent:
    """`spare` steps more of zeros than it takes: receivers mind no longer ones."""
    size = (-(-(len(data) + 1 + TAG) // STEP) + spare) * STEP
    key, nonce = os.urandom(32), os.urandom(12)
    sealed = AESGCM(key).encrypt(nonce, (data + b"\x80").ljust(size - TAG, b"\0"), None)
    return Sent(data, key, nonce, sealed, description)


@cache
def two_ways() -> tuple[Sent, Sent]:
    """One ciphertext under two keys, and under each it begins as a JPEG and is padded as it should be.

    Nonces are looked for under which both key streams agree where that shows; then one block is chosen such that both
    tags are the same (Dodis, Grubbs, Ristenpart, Woodage: Fast Message Franking, 2018).
    """
    keys = os.urandom(32), os.urandom(32)
    blocks = STEP // 16 - 1
    while True:
        seen = dict(_shown(keys[0], blocks))
        match = next(((seen[agreed], nonce) for agreed, nonce in _shown(keys[1], blocks) if agreed in seen), None)
        if match is not None:
            break
    box = bytearray(os.urandom(16 * blocks))
    first, last = (_aes(keys[0], match[0] + number.to_bytes(4, "big")) for number in (2, blocks + 1))
    box[:3] = bytes(a ^ b for a, b in zip(first, b"\xff\xd8\xff", strict=False))
    box[-1] = last[-1] ^ 0x80
    free = 20
    box[16 * free : 16 * free + 16] = bytes(16)
    sums = [_ghash(key, nonce, bytes(box), free) for key, nonce in zip(keys, match, strict=True)]
    wanted = _times(sums[0][0] ^ sums[1][0], _power(sums[0][1] ^ sums[1][1], 2**128 - 2))
    box[16 * free : 16 * free + 16] = wanted.to_bytes(16, "big")
    sealed = bytes(box) + (sums[0][0] ^ _times(wanted, sums[0][1])).to_bytes(16, "big")
    one, other = (
        Sent(AESGCM(key).decrypt(nonce, sealed, None).rstrip(b"\0")[:-1], key, nonce, sealed)
        for key, nonce in zip(keys, match, strict=True)
    )
    return one, other


def _shown(key: bytes, blocks: int) -> list[tuple[bytes, bytes]]:
    """What decides of a picture's first three bytes and its last one, by many nonces."""
    nonces = [os.urandom(12) for _ in range(2**17)]
    firsts = _aes(key, b"".join(nonce + (2).to_bytes(4, "big") for nonce in nonces))
    lasts = _aes(key, b"".join(nonce + (blocks + 1).to_bytes(4, "big") for nonce in nonces))
    return [(firsts[at : at + 3] + lasts[at + 15 : at + 16], nonces[at // 16]) for at in range(0, len(firsts), 16)]


def _aes(key: bytes, data: bytes) -> bytes:
    # Single blocks of GCM's key stream, from which the forgery is made: nothing is hidden by it.
    return Cipher(algorithms.AES(key), modes.ECB()).encryptor().update(data)  # noqa: S305


def _ghash(key: bytes, nonce: bytes, box: bytes, free: int) -> tuple[int, int]:
    """The tag without the free block, and what that block is multiplied by in it."""
    hashing = int.from_bytes(_aes(key, bytes(16)), "big")
    total = 0
    for block in [*(box[at : at + 16] for at in range(0, len(box), 16)), (8 * len(box)).to_bytes(16, "big")]:
        total = _times(total ^ int.from_bytes(block, "big"), hashing)
    mask = int.from_bytes(_aes(key, nonce + (1).to_bytes(4, "big")), "big")
    return total ^ mask, _power(hashing, len(box) // 16 + 1 - free)


def _times(left: int, right: int) -> int:
    product = 0
    for bit in range(127, -1, -1):
        if left >> bit & 1:
            product ^= right
        right = right >> 1 ^ (0xE1 << 120 if right & 1 else 0)
    return product


def _power(base: int, exponent: int) -> int:
    result = 1 << 127
    while exponent:
        if exponent & 1:
            result = _times(result, base)
        base = _times(base, base)
        exponent >>= 1
    return result
