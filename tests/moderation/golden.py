"""Writes what a moderator's device gets, the bundle that comes of it, and the same after somebody had a hand in it.

`python -m tests.moderation.golden FOLDER MESSAGES [changed]` is called by tests/moderation/evidence.test.ts, which makes
and verifies the same in TypeScript.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import cbor2
import msgspec

from moderation import attestation
from moderation.evidence import bundle as form
from moderation.evidence.bundle import Bundle, Message
from moderation.evidence.container import pack, unpack
from moderation.evidence.content import NotContent, said
from moderation.evidence.verify import verify
from moderation.signing import b64, key_set
from scripts.tree import ROOT
from tests.moderation.bundles import AT, DOMAIN, Maker, mimi

WITHHELD = "by someone who has nothing to do with it"
WORDS = (
    'I have work for you abroad. <b>No papers</b> & "good" pay, it\'s easy',
    "لا أريد",
    "\ufeffline\u2028one\nline\ttwo \\ \x7f \x01 👩‍👧",
    "send me pictures",
)


class Golden:
    """People 0 and 2 speak, person 1 is a bystander whose messages are withheld."""

    def __init__(self, count: int) -> None:
        self.maker = Maker()
        people = [uuid4() for _ in range(3)]
        self.items = []
        for number in range(count):
            sender = people[number % 3]
            content = mimi(sender, self.maker.room, f"{WORDS[number % len(WORDS)]} {number}")
            token = self.maker.attested(sender, content, number + 1)
            self.items.append((token, content, WITHHELD if number % 3 == 1 else None))
        self.bundle = self.maker.bundle([self._message(*item, "AB"[i % 3 // 2]) for i, item in enumerate(self.items)])
        self.files = self.maker.sealed(self.maker.files(self.bundle))

    def _message(self, token: str, content: bytes, withheld: str | None, letter: str) -> Message:
        if withheld is not None:
            return Message(attestation.withhold(token), None, None, None, withheld)
        return Message(token, f"Person {letter}", b64(content), said(content).text, None)

    def given(self) -> dict[str, object]:
        """What the maker in TypeScript starts from; the seal is the server's answer to the one right manifest."""
        made = self.bundle
        return {
            "domain": DOMAIN,
            "network": made.network,
            "case": made.case,
            "made_at": AT,
            "made_by": made.made_by,
            "items": [{"attestation": token, "content": b64(data), "withheld": why} for token, data, why in self.items],
            "custody": msgspec.to_builtins(made.custody),
            "keys": key_set(self.maker.signer.public),
            "manifest": json.loads(self.files[form.MANIFEST]),
            "seal": self.files[form.SEALED].decode(),
        }

    def tampered(self) -> Iterator[bytes]:
        """Bundles that somebody changed, sealed anew where a lying moderator would have them sealed."""
        shown, whole = self.bundle.messages[0], self.bundle
        other = self._message(*self.items[2], "B")
        for change in (
            {"text": "I love you"},
            {"who": "Person B"},
            {"who": None},
            {"content": "!"},
            {"content": other.content},
            {"withheld": "because"},
            {"attestation": attestation.withhold(shown.attestation)},
            {"attestation": Maker(signer=self.maker.signer).message(uuid4(), "Person A", "x", 4).attestation},
            {"attestation": Maker().message(uuid4(), "Person A", "x", 4).attestation},
            {"attestation": shown.attestation[:-1]},
            {"attestation": shown.attestation + other.attestation.split("~")[1] + "~"},
        ):
            messages = [msgspec.structs.replace(shown, **change), *whole.messages[1:]]
            yield pack(self._sealed(msgspec.structs.replace(whole, messages=messages)))
        first, *rest = whole.custody
        for entry in (
            {"actor": "A-SOMEBODY00"},
            {"seq": 7},
            {"previous": "!"},
            {"signature": first.digest},
            {"key_id": "x"},
        ):
            yield pack(
                self._sealed(msgspec.structs.replace(whole, custody=[msgspec.structs.replace(first, **entry), *rest]))
            )
        for claim in ({"case": "x"}, {"by": "x"}, {"iss": "x"}, {"manifest": "x"}):
            yield pack(self.maker.sealed(self.maker.files(whole), **claim))
        for name in self.files:
            yield pack({other: content for other, content in self.files.items() if other != name})
            yield pack(self.files | {name: self.files[name] + b" "})
            yield pack(self.files | {name: b"\xff"})
        yield pack(self.files | {"more 👩.txt": b"x"})
        yield pack(self.files | {form.BUNDLE: self.files[form.BUNDLE].replace(b'"made_at":', b'"made_at":9999')})
        yield pack(self.files | {form.BUNDLE: self.files[form.BUNDLE].replace(b'{"format"', b'{"more":1,"format"')})

    def _sealed(self, bundle: Bundle) -> dict[str, bytes]:
        """With the page of the bundle as it was."""
        inside = {name: self.files[name] for name in (form.PAGE, form.KEYS)}
        return self.maker.sealed(inside | {form.BUNDLE: msgspec.json.encode(bundle)})


def samples() -> list[dict[str, str | None]]:
    """What the standard's samples and a few of our own say, or null where they are no content for us."""
    plain = mimi(uuid4(), uuid4(), "x")
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
    ]
    contents = [file.read_bytes() for file in sorted((ROOT / "tests" / "vectors" / "mimi-content").glob("*.cbor"))]
    return [
        {"content": b64(data), "text": _text(data)} for data in [*contents, *(cbor2.dumps(items) for items in made)]
    ]


def _text(data: bytes) -> str | None:
    try:
        return said(data).text
    except NotContent:
        return None


def main(folder: Path, count: int, changed_too: bool) -> None:
    golden = Golden(count)
    keys = golden.maker.signer.public
    data = pack(golden.files)
    assert unpack(data) == golden.files
    (folder / "given.json").write_text(json.dumps(golden.given()))
    (folder / "bundle.zip").write_bytes(data)
    (folder / "keys.json").write_text(json.dumps(key_set(keys)))
    if not changed_too:
        return
    changed = [{"bundle": b64(data), "problems": verify(data, keys).problems} for data in golden.tampered()]
    (folder / "changed.json").write_text(json.dumps(changed))
    (folder / "samples.json").write_text(json.dumps(samples()))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), "changed" in sys.argv[3:])
