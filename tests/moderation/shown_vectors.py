"""Contents, and what people are shown of them: `python -m tests.moderation.shown_vectors` writes tests/vectors/shown/.

The words that each must give stand here by hand; what the decoders give is held against them in both languages.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from moderation.evidence.content import NOT_SHOWN
from moderation.signing import b64
from scripts.tree import ROOT
from tests.moderation.contents import (
    CHOOSE_ONE,
    MARKDOWN,
    NOTHING,
    PLAIN,
    PROCESS_ALL,
    REACTION,
    REFERENCE,
    RENDER,
    ROOM,
    THREAT,
    Vector,
    content,
    picture,
    profile,
    several,
    text,
)
from tests.moderation.misshapen_contents import shaped, spelt

FOLDER = ROOT / "tests" / "vectors" / "shown"


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
    yield Vector(
        "the standard's heart", content(text("❤".encode(), disposition=REACTION), reply=REFERENCE), "[reacted with] ❤"
    )
    taken = content([REACTION, "", 0], replaces=REFERENCE, reply=REFERENCE)
    yield Vector("a reaction taken back", taken, "[took back a reaction]")
    yield Vector(
        "a name", content(profile({"name": "I know where you live"})), "[calls themself] I know where you live"
    )
    yield Vector("a group's name", content(profile({"name": "Tuesday"}, "room")), "[named the group] Tuesday")


def characters() -> Iterator[Vector]:
    """Nothing turns the words of others around, or passes for a line of its own."""
    yield Vector("text turned around", content(text("a \u202enot\u202c b".encode())), "a ⟨U+202E⟩not⟨U+202C⟩ b")
    yield Vector("isolates", content(text("\u2066a\u2069 \u2068b".encode())), "⟨U+2066⟩a⟨U+2069⟩ ⟨U+2068⟩b")
    yield Vector("controls", content(text(b"a\0b\x1b[2Kc\x7f\r\n\td")), "a⟨U+0000⟩b⟨U+001B⟩[2Kc⟨U+007F⟩⟨U+000D⟩\n\td")
    yield Vector(
        "lines that are none", content(text("a\u2028b\u2029c\u0085d".encode())), "a⟨U+2028⟩b⟨U+2029⟩c⟨U+0085⟩d"
    )
    yield Vector("a mark at the beginning", content(text(b"\xef\xbb\xbfhi")), "\ufeffhi")
    yield Vector(
        "scripts and emoji", content(text("مرحبا می‌خواهم 👩‍👧 \u200fא".encode())), "مرحبا می‌خواهم 👩‍👧 \u200fא"
    )
    yield Vector(
        "a description turned around", content(picture("\u202ex")), "[picture: ⟨U+202E⟩x]", None, ("⟨U+202E⟩x",)
    )
    odd: tuple[object, ...] = (
        "Eve \u202e",
        "Eve\n",
        " Eve",
        "E  ve",
        "",
        "\u3164",
        "x" * 41,
        "E\u00a0ve",
        "\ue000",
        "E\u2060",
        "\u200d",
        "\ufe0f",
        7,
        b"Eve",
    )
    for name in odd:
        yield Vector(f"a name that is none: {name!r}", content(text(b"hi"), name=name), "hi")
        yield Vector(f"a profile that is none: {name!r}", content(profile({"name": name})), NOTHING)
    yield Vector("a name of forty", content(text(b"hi"), name="é" * 40), "hi", "é" * 40)
    yield Vector("a joined name", content(text(b"hi"), name="👩‍🚀 می‌خواهم"), "hi", "👩‍🚀 می‌خواهم")


def unknown() -> Iterator[Vector]:
    """Well spelt, and shown to nobody."""
    kinds = (
        "text/plain",
        "Text/Plain;charset=utf-8",
        "text/plain ;charset=utf-8",
        "text/plain; charset=utf-8",
        "text/plain;charset=UTF-8",
    )
    for kind in (*kinds, f"{PLAIN} ", "text/html", "text/markdown", "text/plain;charset=utf-16", ""):
        yield Vector(f"the content type {kind!r}", content(text(kind=kind)), NOTHING)
    for data in (b"\xff", THREAT + b"\xff", b"\xed\xa0\x80", b"\xc0\xaf", b"\xf4\x90\x80\x80", b""):
        yield Vector(f"the text {data!r}", content(text(data)), NOTHING)
    for disposition in (0, 3, 5, 7, 8, 99, 255):
        yield Vector(f"a text of disposition {disposition}", content(text(disposition=disposition)), NOTHING)
    yield Vector(
        "a part that is no UTF-8 beside one that is", content(several(PROCESS_ALL, text(), text(b"\xff"))), NOTHING
    )
    yield Vector(
        "a part of an unknown kind beside a text", content(several(1, text(), text(kind="text/html"))), NOTHING
    )
    yield Vector(
        "a reaction inside a text", content(several(PROCESS_ALL, text(), text("🙏".encode(), disposition=2))), NOTHING
    )
    yield Vector(
        "alternatives of which none can be shown", content(several(CHOOSE_ONE, text(b"\xff"), text(kind="x"))), NOTHING
    )
    yield Vector("two pictures", content(several(PROCESS_ALL, picture(), picture(THREAT.decode()))), NOTHING)
    yield Vector("a change to a picture", content(picture(), replaces=REFERENCE), NOTHING)
    film = picture(THREAT.decode(), type="video/mp4", url="https://elsewhere.example/film", filename="film.mp4")
    yield Vector("a threat in the description of a film", content(film), NOTHING)
    yield Vector(
        "a threat in the name of a file",
        content(picture("", type="application/pdf", filename=THREAT.decode())),
        NOTHING,
    )
    changes: dict[str, tuple[Any, ...]] = {
        "type": ("image/svg+xml", "IMAGE/PNG", "image/png "),
        "url": (
            f"{ROOM}/b/{'A' * 21}B",
            f"{ROOM}/b/{'A' * 23}",
            f"https://elsewhere.example/b/{'A' * 22}",
            f"x{ROOM}/b/{'A' * 22}",
        ),
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
    yield Vector(
        "a reaction of another type", content(text("🙏".encode(), MARKDOWN, REACTION), reply=REFERENCE), NOTHING
    )
    yield Vector("a deletion of nothing", content([RENDER, "", 0]), NOTHING)
    yield Vector("a list of nothing", content(several(PROCESS_ALL, [RENDER, "", 0], [RENDER, "", 0])), NOTHING)
    yield Vector("a profile of a name and more", content(profile({"name": "Eve", "more": 1})), NOTHING)
    yield Vector("a profile of a list", content(profile(["Eve"])), NOTHING)
    yield Vector(
        "a profile spelt otherwise",
        content([0, "", 1, profile({})[3], bytes.fromhex("bf646e616d6563457665ff")]),
        NOTHING,
    )
    yield Vector("a kind of ours that nobody is shown", content(profile({}, "dance")), NOTHING)


GROUPS = {"forms": forms, "characters": characters, "unknown": unknown, "spelt": spelt, "shaped": shaped}


def files() -> dict[str, str]:
    """What stands in each file."""
    return {f"{name}.json": _json([*vectors()]) for name, vectors in GROUPS.items()}


def _json(vectors: list[Vector]) -> str:
    assert len({vector.what for vector in vectors}) == len(vectors)
    return json.dumps([_entry(*vector) for vector in vectors], ensure_ascii=True, indent=1) + "\n"


def _entry(what: str, data: bytes, words: str | None, name: str | None, pictures: tuple[str, ...]) -> dict[str, object]:
    shown = f"[{NOT_SHOWN} {hashlib.sha256(data).hexdigest()}]" if words is None else words
    return {
        "what": what,
        "content": b64(data),
        "shown": words is not None,
        "text": shown,
        "name": name,
        "pictures": [*pictures],
    }


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name, written in files().items():
        (FOLDER / name).write_text(written)
