"""Contents, and what people are shown of them: `python -m tests.moderation.shown_vectors` writes tests/vectors/shown/.

The words that each must give stand here by hand; what the decoders give is held against them in both languages.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import cbor2

from moderation.evidence.content import NOT_SHOWN
from moderation.signing import b64
from scripts.tree import ROOT

FOLDER = ROOT / "tests" / "vectors" / "shown"
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


def forms() -> Iterator[Vector]:
    """All that people are shown."""
    words = THREAT.decode()
    yield Vector("a text", content(text()), words)
    yield Vector("a text with a name", content(text(), name="Eve"), words, "Eve")
    yield Vector("Markdown, as it stands", content(text(b"*hi*", MARKDOWN)), "*hi*")
    yield Vector("a reply", content(text(), reply=REFERENCE), f"[in reply] {words}")
    yield Vector("a change", content(text(), replaces=REFERENCE), f"[changed a message to] {words}")
    yield Vector("a deletion", content([RENDER, "", 0], replaces=REFERENCE), "[deleted a message]")
    yield Vector("a picture", content(picture("")), "[picture]", None, ("",))
    yield Vector("a picture's description", content(picture(words)), f"[picture: {words}]", None, (words,))
    both = several(PROCESS_ALL, text(), picture())
    yield Vector("a text with a picture", content(both), f"{words}\n[picture: a hill]", None, ("a hill",))
    yield Vector("two texts", content(several(PROCESS_ALL, text(b"one"), text(b"two"))), "one\n\ntwo")
    first = several(CHOOSE_ONE, text(), text(b"I love you"))
    yield Vector("the first of two alternatives", content(first), words)
    unknown = several(CHOOSE_ONE, text(b"<b>hi</b>", "text/html"), text(b"\xff"), text(), picture())
    yield Vector("the first alternative that can be shown", content(unknown), words)
    yield Vector("a reaction", content(text("🙏".encode(), disposition=REACTION), reply=REFERENCE), "[reacted with] 🙏")
    yield Vector("the standard's heart", content(text("❤".encode(), disposition=REACTION), reply=REFERENCE), "[reacted with] ❤")
    taken = content([REACTION, "", 0], replaces=REFERENCE, reply=REFERENCE)
    yield Vector("a reaction taken back", taken, "[took back a reaction]")
    yield Vector("a name", content(profile({"name": "I know where you live"})), "[calls themself] I know where you live")
    yield Vector("a group's name", content(profile({"name": "Tuesday"}, "room")), "[named the group] Tuesday")


def characters() -> Iterator[Vector]:
    """Nothing turns the words of others around, or passes for a line of its own."""
    yield Vector("text turned around", content(text("a \u202enot\u202c b".encode())), "a ⟨U+202E⟩not⟨U+202C⟩ b")
    yield Vector("isolates", content(text("\u2066a\u2069 \u2068b".encode())), "⟨U+2066⟩a⟨U+2069⟩ ⟨U+2068⟩b")
    yield Vector("controls", content(text(b"a\0b\x1b[2Kc\x7f\r\n\td")), "a⟨U+0000⟩b⟨U+001B⟩[2Kc⟨U+007F⟩⟨U+000D⟩\n\td")
    yield Vector("lines that are none", content(text("a\u2028b\u2029c\u0085d".encode())), "a⟨U+2028⟩b⟨U+2029⟩c⟨U+0085⟩d")
    yield Vector("a mark at the beginning", content(text(b"\xef\xbb\xbfhi")), "\ufeffhi")
    yield Vector("scripts and emoji", content(text("مرحبا می‌خواهم 👩‍👧 \u200fא".encode())), "مرحبا می‌خواهم 👩‍👧 \u200fא")
    yield Vector("a description turned around", content(picture("\u202ex")), "[picture: ⟨U+202E⟩x]", None, ("⟨U+202E⟩x",))
    for name in ("Eve \u202e", "Eve\n", " Eve", "E  ve", "", "\u3164", "x" * 41, "E\u00a0ve", "\ue000", "E\u2060", 7, b"Eve"):
        yield Vector(f"a name that is none: {name!r}", content(text(b"hi"), name=name), "hi")
        yield Vector(f"a profile that is none: {name!r}", content(profile({"name": name})), NOTHING)
    yield Vector("a name of forty", content(text(b"hi"), name="é" * 40), "hi", "é" * 40)
    yield Vector("a joined name", content(text(b"hi"), name="👩‍🚀 می‌خواهم"), "hi", "👩‍🚀 می‌خواهم")


def unknown() -> Iterator[Vector]:
    """Well spelt, and shown to nobody."""
    kinds = ("text/plain", "Text/Plain;charset=utf-8", "text/plain ;charset=utf-8", "text/plain; charset=utf-8", "text/plain;charset=UTF-8")
    for kind in (*kinds, f"{PLAIN} ", "text/html", "text/markdown", "text/plain;charset=utf-16", ""):
        yield Vector(f"the content type {kind!r}", content(text(kind=kind)), NOTHING)
    for data in (b"\xff", THREAT + b"\xff", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b""):
        yield Vector(f"the text {data!r}", content(text(data)), NOTHING)
    for disposition in (0, 3, 5, 7, 8, 99, 255):
        yield Vector(f"a text of disposition {disposition}", content(text(disposition=disposition)), NOTHING)
    yield Vector("a part that is no UTF-8 beside one that is", content(several(PROCESS_ALL, text(), text(b"\xff"))), NOTHING)
    yield Vector("a part of an unknown kind beside a text", content(several(1, text(), text(kind="text/html"))), NOTHING)
    yield Vector("a reaction inside a text", content(several(PROCESS_ALL, text(), text("🙏".encode(), disposition=2))), NOTHING)
    yield Vector("alternatives of which none can be shown", content(several(CHOOSE_ONE, text(b"\xff"), text(kind="x"))), NOTHING)
    yield Vector("two pictures", content(several(PROCESS_ALL, picture(), picture(THREAT.decode()))), NOTHING)
    yield Vector("a change to a picture", content(picture(), replaces=REFERENCE), NOTHING)
    film = picture(THREAT.decode(), type="video/mp4", url="https://elsewhere.example/film", filename="film.mp4")
    yield Vector("a threat in the description of a film", content(film), NOTHING)
    yield Vector("a threat in the name of a file", content(picture("", type="application/pdf", filename=THREAT.decode())), NOTHING)
    changes: dict[str, tuple[Any, ...]] = {
        "type": ("image/svg+xml", "IMAGE/PNG", "image/png "),
        "url": (f"{ROOM}/b/{'A' * 21}B", f"{ROOM}/b/{'A' * 23}", f"https://elsewhere.example/b/{'A' * 22}", f"x{ROOM}/b/{'A' * 22}"),
        "size": (0, 32767, 49 * 32768, 2**53 - 1),
        "encryption": (1, 0),
        "key": (b"",),
        "nonce": (bytes(13),),
        "aad": (b"x",),
        "hashing": (2,),
        "hash": (bytes(31),),
    }
    for field, values in changes.items():
        for value in values:
            yield Vector(f"a picture whose {field} is {value!r}", content(picture(**{field: value})), NOTHING)
    for emoji in (THREAT.decode(), "", "🙏🙏", "🙏 ", "a", "🏴", "❤\ufe0e", "\u202e🙏", "☀"):
        reacted = content(text(emoji.encode(), disposition=REACTION), reply=REFERENCE)
        yield Vector(f"{emoji!r} as a reaction", reacted, NOTHING)
    yield Vector("a reaction to nothing", content(text("🙏".encode(), disposition=REACTION)), NOTHING)
    prayer = text("🙏".encode(), disposition=REACTION)
    yield Vector("a reaction that replaces", content(prayer, reply=REFERENCE, replaces=REFERENCE), NOTHING)
    yield Vector("two reactions in one", content([REACTION, "", 3, 2, [prayer, prayer]], reply=REFERENCE), NOTHING)
    yield Vector("a reaction of another type", content(text("🙏".encode(), MARKDOWN, REACTION), reply=REFERENCE), NOTHING)
    yield Vector("a deletion of nothing", content([RENDER, "", 0]), NOTHING)
    yield Vector("a list of nothing", content(several(PROCESS_ALL, [RENDER, "", 0], [RENDER, "", 0])), NOTHING)
    yield Vector("a profile of a name and more", content(profile({"name": "Eve", "more": 1})), NOTHING)
    yield Vector("a profile of a list", content(profile(["Eve"])), NOTHING)
    yield Vector("a profile spelt otherwise", content([0, "", 1, profile({})[3], bytes.fromhex("bf646e616d6563457665ff")]), NOTHING)
    yield Vector("a kind of ours that nobody is shown", content(profile({}, "dance")), NOTHING)


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
    kept = cbor2.dumps([*plain[:5], {1: SENDER, 2: ROOM, -7: {"a": [1, None, True]}, "x": _deep(14)}, plain[6]], canonical=True)
    yield Vector("unknown extensions", kept, THREAT.decode())
    times = cbor2.dumps([plain[0], None, bytes(4096), [True, 2**32 - 1], *plain[4:]], canonical=True)
    yield Vector("a topic and a time", times, THREAT.decode())
    deep = "\n\n".join([THREAT.decode()] * 5)
    yield Vector("parts as deep as may be", cbor2.dumps([*plain[:6], _nested(4)], canonical=True), deep)
    many = "\n\n".join(["x"] * 1023)
    yield Vector("as many parts as may be", cbor2.dumps([*plain[:6], several(2, *[text(b"x")] * 1023)], canonical=True), many)


def _deep(levels: int) -> Any:
    return [] if levels == 0 else [_deep(levels - 1)]


def _nested(levels: int) -> Items:
    return text() if levels == 0 else several(PROCESS_ALL, text(), _nested(levels - 1))


GROUPS = {"forms": forms, "characters": characters, "unknown": unknown, "spelt": spelt, "shaped": shaped}


def files() -> dict[str, str]:
    """What stands in each file."""
    return {f"{name}.json": _json([*vectors()]) for name, vectors in GROUPS.items()}


def _json(vectors: list[Vector]) -> str:
    assert len({vector.what for vector in vectors}) == len(vectors)
    return json.dumps([_entry(*vector) for vector in vectors], ensure_ascii=True, indent=1) + "\n"


def _entry(what: str, data: bytes, words: str | None, name: str | None, pictures: tuple[str, ...]) -> dict[str, object]:
    shown = f"[{NOT_SHOWN} {hashlib.sha256(data).hexdigest()}]" if words is None else words
    return {"what": what, "content": b64(data), "shown": words is not None, "text": shown, "name": name, "pictures": [*pictures]}


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, written in files().items():
        (FOLDER / name).write_text(written)
