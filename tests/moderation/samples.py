"""Contents, and what they say in a bundle: the standard's own, some of ours, and attachments that are nearly pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import cbor2

from chat import franking
from moderation.evidence.content import NotContent, said
from moderation.signing import b64
from scripts.tree import ROOT
from tests.moderation.bundles import DOMAIN, mimi
from tests.moderation.pictures import png, sent


def samples() -> list[dict[str, object]]:
    """What the standard's samples and a few of our own say, or null where they are no content for us."""
    room = uuid4()
    plain = mimi(uuid4(), room, "x")
    picture = sent(png(), "a hill").part(franking.room_uri(DOMAIN, room))
    salt, _, topic, expires, _, extensions, body = cbor2.loads(plain)
    ref = b"\1" * 32
    made = [
        [salt, ref, topic, expires, None, extensions, [1, "", 0]],
        [salt, ref, topic, expires, None, extensions, body],
        [salt, None, topic, expires, ref, extensions, body],
        [salt, None, topic, expires, ref, extensions, [2, "", *body[2:]]],
        [salt, None, topic, expires, None, extensions, [1, "", 1, "image/png", b"x"]],
        [salt, None, topic, expires, None, extensions, [1, "", 1, "text/plain", b"\xff"]],
        [salt, None, topic, expires, None, extensions, [1, "", 3, 0, [body, [1, "", 1, "text/markdown;v=GFM", b"y"]]]],
        [
            salt,
            None,
            topic,
            expires,
            None,
            extensions,
            [6, "", 2, "image/png", "x:", 0, 1, 1, b"", b"", b"", 1, b"", "", "a'b.png"],
        ],
        *([salt, None, topic, expires, None, extensions, part] for part in _parts(picture)),
    ]
    contents = [file.read_bytes() for file in sorted((ROOT / "tests" / "vectors" / "mimi-content").glob("*.cbor"))]
    contents += [cbor2.dumps(items) for items in made]
    return [_sample(data) for data in [*contents, *_odd([salt, None, topic, expires, None, extensions, picture])]]


def _odd(items: list[Any]) -> Iterator[bytes]:
    """Text that is no UTF-8, or begins with a mark, which apps do not mind."""
    data = cbor2.dumps(items)
    for other in (b"a hi\xc3(", b"\xff hill", b"\xed\xa0\x80ill", b"\xef\xbb\xbfill", b"a\xef\xbb\xbfll"):
        yield data.replace(b"a hill", other)
    marked = {key: f"\ufeff{value}" for key, value in items[5].items()}
    yield cbor2.dumps([*items[:5], marked, items[6]])
    yield cbor2.dumps([*items[:6], [1, "", 1, "\ufefftext/plain", b"x"]])


def _parts(picture: list[Any]) -> Iterator[list[Any]]:
    """A picture, and all that is nearly one."""
    yield picture
    yield picture[:-1]
    yield [*picture, ""]
    blob = picture[4][-22:]
    for at, values in {
        3: ("image/svg+xml", "IMAGE/PNG", "image/png ", b"image/png"),
        4: (
            picture[4][:-1],
            picture[4] + "A",
            picture[4][:-1] + "B",
            f"https://elsewhere.example/b/{blob}",
            "x/b/" + picture[4],
        ),
        5: (0, 2**32, -1, 7.0, True),
        6: (0, -32768, 32767, 32768.0, 49 * 32768, 2**60, 32768.5),
        7: (1, 0, 65536, 2.0),
        8: (b"", bytes(31), "key"),
        9: (bytes(13), b""),
        10: (b"x", ""),
        11: (2, 256),
        12: (bytes(31), None),
        13: ("", 'a\nb "c"', b""),
        14: ("a.png", 1),
    }.items():
        for value in values:
            yield [*picture[:at], value, *picture[at + 1 :]]


def _sample(data: bytes) -> dict[str, object]:
    try:
        opened = said(data)
    except NotContent:
        return {"content": b64(data), "text": None}
    pictures = [one and one.description for one in opened.attachments]
    return {
        "content": b64(data),
        "text": opened.text,
        "sender": opened.sender,
        "room": opened.room,
        "pictures": pictures,
    }
