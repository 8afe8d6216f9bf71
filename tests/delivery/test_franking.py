"""Franks as docs/protocol.md section 7 writes them, byte for byte."""

from __future__ import annotations

import hashlib
import hmac
from uuid import UUID

import pytest

from chat import franking

ACCOUNT = UUID("01234567-89ab-cdef-0123-456789abcdef")
ROOM = UUID("fedcba98-7654-3210-fedc-ba9876543210")
SENDER = "mimi://kindred.example/u/01234567-89ab-cdef-0123-456789abcdef"
PLACE = "mimi://kindred.example/r/fedcba98-7654-3210-fedc-ba9876543210"


def test_uris_are_those_of_the_protocol() -> None:
    assert franking.user_uri("kindred.example", ACCOUNT) == SENDER
    assert franking.room_uri("kindred.example", ROOM) == PLACE


@pytest.mark.parametrize(
    ("seq", "at", "numbers"),
    [
        (1, 2, "01 02"),
        (23, 24, "17 1818"),
        (255, 256, "18ff 190100"),
        (65_536, 1_795_504_155_292, "1a00010000 1b000001a20c632a9c"),
        (2**63 - 1, 2**32 - 1, "1b7fffffffffffffff 1affffffff"),
    ],
)
def test_the_context_is_deterministic_cbor(seq: int, at: int, numbers: str) -> None:
    expected = b"\x84" + b"\x78\x3d" + SENDER.encode() + b"\x78\x3d" + PLACE.encode() + bytes.fromhex(numbers)
    assert franking.context(SENDER, PLACE, seq, at) == expected


def test_tag_and_frank_are_hmac_sha256() -> None:
    salt, content, key = bytes(range(16)), b"content", bytes(range(32))
    tag = franking.franking_tag(salt, content)
    assert tag == hmac.new(salt, content, hashlib.sha256).digest()
    context = franking.context(SENDER, PLACE, 5, 6)
    stamp = franking.frank(key, tag, context)
    assert stamp == hmac.new(key, tag + context, hashlib.sha256).digest()


@pytest.mark.parametrize("part", range(6))
def test_a_frank_fits_nothing_but_what_was_stamped(part: int) -> None:
    key, tag = bytes(32), b"t" * 32
    stamp = franking.frank(key, tag, franking.context(SENDER, PLACE, 5, 6))
    assert franking.verify(key, tag, franking.context(SENDER, PLACE, 5, 6), stamp)
    bent = [key, tag, SENDER, PLACE, 5, 6]
    bent[part] = [b"k" * 32, b"u" * 32, PLACE, SENDER, 6, 7][part]
    assert not franking.verify(bent[0], bent[1], franking.context(*bent[2:]), stamp)  # type: ignore[arg-type]
