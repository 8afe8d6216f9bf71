"""Vectors of contents that are nearly one: in another spelling, or in the one spelling and not of the form."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cbor2

from tests.moderation.contents import (
    NOTHING,
    PLAIN,
    PROCESS_ALL,
    RENDER,
    ROOM,
    SENDER,
    THREAT,
    Items,
    Vector,
    content,
    items,
    picture,
    several,
    text,
)


def spelt() -> Iterator[Vector]:
    """Nearly the same bytes as a text's, in another spelling."""
    whole = content(text())
    yield Vector("bytes behind it", whole + b"\0", NOTHING)
    yield Vector("a second one behind it", whole + whole, NOTHING)
    yield Vector("its last byte missing", whole[:-1], NOTHING)
    yield Vector("nothing", b"", NOTHING)
    yield Vector("no content", b"\xff", NOTHING)
    yield Vector("words alone", THREAT, NOTHING)
    yield Vector("a list without an end given", b"\x9f" + whole[1:] + b"\xff", NOTHING)
    yield Vector("a list counted in a longer way", b"\x98\x07" + whole[1:], NOTHING)
    yield Vector("a salt in pieces", whole[:1] + b"\x5f" + whole[1:18] + b"\xff" + whole[18:], NOTHING)
    yield Vector("a text in pieces", whole.replace(b"\x58\x1e" + THREAT, b"\x5f\x58\x1e" + THREAT + b"\xff"), NOTHING)
    yield Vector("text where bytes belong", whole.replace(b"\x58\x1e" + THREAT, b"\x78\x1e" + THREAT), NOTHING)
    yield Vector("a number in a longer way", whole.replace(b"\x85\x01\x60\x01", b"\x85\x18\x01\x60\x01"), NOTHING)
    yield Vector("a number with a fraction", whole.replace(b"\x85\x01\x60\x01", b"\x85\xf9\x3c\x00\x60\x01"), NOTHING)
    yield Vector("true for one", whole.replace(b"\x85\x01\x60\x01", b"\x85\x01\x60\xf5"), NOTHING)
    yield Vector("a tag", b"\xd9\xd9\xf7" + whole, NOTHING)
    yield Vector("a tagged number", whole.replace(b"\x85\x01\x60\x01", b"\x85\xc2\x41\x01\x60\x01"), NOTHING)
    yield Vector("undefined for null", whole.replace(b"\x40\xf6\xf6", b"\x40\xf7\xf6"), NOTHING)
    uris = b"\xa2" + cbor2.dumps({1: SENDER})[1:] + cbor2.dumps({2: ROOM})[1:]
    swapped = b"\xa2" + cbor2.dumps({2: ROOM})[1:] + cbor2.dumps({1: SENDER})[1:]
    twice = b"\xa3" + cbor2.dumps({1: SENDER})[1:] * 2 + cbor2.dumps({2: ROOM})[1:]
    assert uris in whole
    yield Vector("keys in another order", whole.replace(uris, swapped), NOTHING)
    yield Vector("a key twice", whole.replace(uris, twice), NOTHING)
    yield Vector("a URI that is no UTF-8", whole.replace(b"/u/eve", b"/u/ev\xff"), NOTHING)
    yield Vector("a language with a mark at its beginning", content([RENDER, "\ufeff", 1, PLAIN, THREAT]), NOTHING)
    yield Vector("a content type with a mark at its beginning", content(text(kind="\ufeff" + PLAIN)), NOTHING)


def shaped() -> Iterator[Vector]:
    """In the one spelling, and not of the form."""
    plain = items(text())
    changed: list[tuple[str, Items]] = [
        ("six items", plain[:6]),
        ("eight items", [*plain, None]),
        ("a short salt", [b"x", *plain[1:]]),
        ("a reference of another hash", [plain[0], b"\2" * 32, *plain[2:]]),
        ("a short reference", [*plain[:4], b"\1", *plain[5:]]),
        ("a long topic", [*plain[:2], bytes(4097), *plain[3:]]),
        ("a time that is none", [*plain[:3], [1, 1], *plain[4:]]),
        ("a time before all", [*plain[:3], [True, -1], *plain[4:]]),
        ("no sender", [*plain[:5], {2: ROOM}, plain[6]]),
        ("no room", [*plain[:5], {1: SENDER}, plain[6]]),
        ("a sender of bytes", [*plain[:5], {1: b"eve", 2: ROOM}, plain[6]]),
        ("extensions in a list", [*plain[:5], [], plain[6]]),
        ("an empty extension", [*plain[:5], {1: SENDER, 2: ROOM, "": 1}, plain[6]]),
        ("a long extension", [*plain[:5], {1: SENDER, 2: ROOM, "é" * 128: 1}, plain[6]]),
        ("an extension by bytes", [*plain[:5], {1: SENDER, 2: ROOM, b"x": 1}, plain[6]]),
        ("a number beyond what all can count", [*plain[:5], {1: SENDER, 2: ROOM, "x": 2**53}, plain[6]]),
        ("a fraction in an extension", [*plain[:5], {1: SENDER, 2: ROOM, "x": 0.5}, plain[6]]),
        ("an extension too deep", [*plain[:5], {1: SENDER, 2: ROOM, "x": _deep(16)}, plain[6]]),
        ("an unknown kind of part", [*plain[:6], [1, "", 4]]),
        ("a null part and more", [*plain[:6], [1, "", 0, 1]]),
        ("a part without a type", [*plain[:6], [1, "", 1, THREAT]]),
        ("a disposition too large", [*plain[:6], [256, "", 1, PLAIN, THREAT]]),
        ("a disposition below zero", [*plain[:6], [-1, "", 1, PLAIN, THREAT]]),
        ("several parts that are one", [*plain[:6], several(2, text())]),
        ("unknown semantics", [*plain[:6], several(3, text(), text())]),
        ("parts too deep", [*plain[:6], _nested(5)]),
        ("too many parts", [*plain[:6], several(2, *[text(b"x")] * 1024)]),
        ("an external part of fewer items", [*plain[:6], picture()[:-1]]),
        ("an external part of more items", [*plain[:6], [*picture(), ""]]),
        ("an external part with a key of text", [*plain[:6], picture(key="key")]),
        ("an external part that expires never to be counted", [*plain[:6], picture(expires=2**32)]),
    ]
    for what, made in changed:
        yield Vector(what, cbor2.dumps(made, canonical=True), NOTHING)
    kept = cbor2.dumps(
        [*plain[:5], {1: SENDER, 2: ROOM, -7: {"a": [1, None, True]}, "x": _deep(14)}, plain[6]], canonical=True
    )
    yield Vector("unknown extensions", kept, THREAT.decode())
    times = cbor2.dumps([plain[0], None, bytes(4096), [True, 2**32 - 1], *plain[4:]], canonical=True)
    yield Vector("a topic and a time", times, THREAT.decode())
    deep = "\n\n".join([THREAT.decode()] * 5)
    yield Vector("parts as deep as may be", cbor2.dumps([*plain[:6], _nested(4)], canonical=True), deep)
    many = "\n\n".join(["x"] * 1023)
    yield Vector(
        "as many parts as may be", cbor2.dumps([*plain[:6], several(2, *[text(b"x")] * 1023)], canonical=True), many
    )


def _deep(levels: int) -> Any:
    return [] if levels == 0 else [_deep(levels - 1)]


def _nested(levels: int) -> Items:
    return text() if levels == 0 else several(PROCESS_ALL, text(), _nested(levels - 1))
