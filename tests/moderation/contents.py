"""Makes MIMI contents by hand, item by item, as the vectors of what people are shown need them."""

from __future__ import annotations

from typing import Any, NamedTuple

import cbor2

SENDER, ROOM = "mimi://harbour.test/u/eve", "mimi://harbour.test/r/tuesday"
PLAIN, MARKDOWN = "text/plain;charset=utf-8", "text/markdown;variant=GFM-MIMI"
THREAT = b"I know where your sister lives"
REFERENCE = b"\1" * 32
RENDER, REACTION, ATTACHMENT = 1, 2, 6
CHOOSE_ONE, PROCESS_ALL = 0, 2
NOTHING = None
"""Shown to nobody as text."""

Items = list[Any]


class Vector(NamedTuple):
    """`text` is what evidence says, or None where nobody is shown anything; `name` came along."""

    what: str
    content: bytes
    text: str | None
    name: str | None = None
    pictures: tuple[str, ...] = ()


def items(body: Items, *, replaces: bytes | None = None, reply: bytes | None = None, name: object = None) -> Items:
    extensions = {1: SENDER, 2: ROOM} | ({} if name is None else {"kindred.name": name})
    return [bytes(range(16)), replaces, b"", None, reply, extensions, body]


def content(body: Items, **given: Any) -> bytes:
    return cbor2.dumps(items(body, **given), canonical=True)


def text(data: bytes = THREAT, kind: str = PLAIN, disposition: int = RENDER) -> Items:
    return [disposition, "", 1, kind, data]


def several(semantics: int, *parts: Items) -> Items:
    return [RENDER, "", 3, semantics, list(parts)]


def picture(description: str = "a hill", **changed: Any) -> Items:
    fields = {
        "type": "image/jpeg",
        "url": f"{ROOM}/b/{'A' * 22}",
        "expires": 2_000_000_000,
        "size": 32768,
        "encryption": 2,
        "key": bytes(32),
        "nonce": bytes(12),
        "aad": b"",
        "hashing": 1,
        "hash": bytes(32),
        "description": description,
        "filename": "",
    }
    return [ATTACHMENT, "", 2, *(fields | changed).values()]


def profile(value: object, kind: str = "profile") -> Items:
    return [0, "", 1, f"application/vnd.kindred.{kind}+cbor", cbor2.dumps(value, canonical=True)]
