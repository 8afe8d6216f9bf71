"""Writes what a moderator's device gets, the bundle that comes of it, and the same after somebody had a hand in it.

`python -m tests.moderation.golden FOLDER MESSAGES [changed]` is called by tests/moderation/evidence.test.ts, which makes
and verifies the same in TypeScript.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec

from chat import franking
from moderation import attestation
from moderation.evidence import bundle as form
from moderation.evidence.bundle import Bundle, Custody, Message
from moderation.evidence.container import MAX_BYTES, MAX_FILES, pack, unpack
from moderation.evidence.content import said
from moderation.evidence.pictures import STEP
from moderation.evidence.verify import verify
from moderation.signing import Published, Signer, b64, fingerprint, key_set
from tests.moderation.bundles import AT, DAYS, DOMAIN, Maker, mimi
from tests.moderation.pictures import GIF, JPEG, SVG, Sent, png, sent, two_ways
from tests.moderation.whatever import whatever

WITHHELD = "uninvolved"
WORDS = (
    'I have work for you abroad. <b>No papers</b> & "good" pay, it\'s easy',
    "لا أريد",
    "\ufeff\b\f\v\x1b\x1f\x85\ue000line\u2028one\nline\ttwo \\ \x7f \x01 👩‍👧",
    "send me pictures",
)

# What goes with the first messages, by their number. The picture of one is gone; one with a film is shown to nobody.
HILL, SKY = sent(png(b"hill"), 'A "hill" <b>& it\'s green'), sent(GIF)
PICTURES = {
    2: [HILL],
    3: [two_ways()[0]],
    4: [sent(png(b"bystander"), "Quiet ux39 face")],
    5: [SKY],
    6: [two_ways()[1]],
}
NOT_HERE = 8
UNREADABLE = 0
OTHER_CHAT = (2, 5)
HAND_OVER = str(uuid4())
FILM = [6, "", 2, "video/mp4", "https://elsewhere.example/film", 0, 0, 0, b"", b"", b"", 1, b"", "a film", "film.mp4"]


FREE = (
    "Maria Gomez, 5 High Street",
    "Person \u202eB",
    "Person A wrote: I will kill you tonight",
    "",
    "Person A\n",
    "\x07",
)
JUNE_2019 = 1_560_000_000_000
UNMARKED = (3, 4)
"""Attested before there were marks, one of them withheld."""


class Item(NamedTuple):
    """What a moderator's device has of a message, and where it stood."""

    token: str
    content: bytes
    withheld: str | None
    pictures: list[Sent | None]
    place: tuple[UUID, int, UUID]


class Golden:
    """People 0 and 2 speak in two chats, person 1 is a bystander whose messages are withheld.

    Messages are in the bundle as makers have to order them: `order` has their numbers.
    """

    def __init__(self, count: int) -> None:
        self.maker, self.other_room = Maker(), uuid4()
        people = [uuid4() for _ in range(3)]
        self.items = [self._item(number, people[number % 3]) for number in range(count)]
        self.pictures = self._files()
        self.order = sorted(range(count), key=lambda number: (number % 3 == 1, number in OTHER_CHAT, number))
        letters = dict(zip(dict.fromkeys(number % 3 for number in self.order), "AB", strict=False))
        self.bundle = self.maker.bundle([self._message(self.items[at], letters.get(at % 3, "")) for at in self.order])
        self.files = self.maker.sealed(self.maker.files(self.bundle, self.pictures))
        self.keys = key_set(self.maker.published) | {"domain": DOMAIN}

    def _item(self, number: int, sender: UUID) -> Item:
        pictures: list[Sent | None] = [*PICTURES.get(number, [])]
        room = self.other_room if number in OTHER_CHAT else self.maker.room
        uri = franking.room_uri(DOMAIN, room)
        parts = [one.part(uri) for one in PICTURES.get(number, [])]
        if number == NOT_HERE:
            parts.append(sent(JPEG, "gone").part(uri))
            pictures.append(None)
        if number == UNREADABLE:
            parts.append(FILM)
        text = "" if number == 6 else f"{WORDS[number % len(WORDS)]} {number}"
        content = mimi(sender, room, text, attachments=parts)
        # Different chats have messages of the same number.
        seq = number - 1 if number in OTHER_CHAT else number + 1
        token = self.maker.attested(sender, content, seq, room, marked=number not in UNMARKED)
        return Item(token, content, WITHHELD if number % 3 == 1 else None, pictures, (sender, seq, room))

    def _files(self) -> dict[str, bytes]:
        """The picture files. The second picture of one ciphertext has a number."""
        shown = [one for item in self.items if item.withheld is None for one in item.pictures if one is not None]
        return {self._name(one): one.data for one in shown}

    def _name(self, picture: Sent) -> str:
        return picture.name.replace(".", "-2.") if picture is two_ways()[1] else picture.name

    def _message(self, item: Item, letter: str) -> Message:
        token, content, withheld, pictures, _ = item
        if withheld is not None:
            return Message(attestation.withhold(token), None, None, None, withheld, [])
        names = [None if one is None else self._name(one) for one in pictures]
        return Message(token, f"Person {letter}", b64(content), said(content).text, None, names)

    def given(self) -> dict[str, object]:
        """What the maker in TypeScript starts from; the seal is the server's answer to the one right manifest."""
        made = self.bundle
        early = msgspec.structs.replace(made, custody=made.custody[:-1])
        sealed_late = self.maker.sealed(self.maker.files(early, self.pictures), made.custody)[form.SEALED]
        handed = msgspec.structs.replace(made, handed_over=HAND_OVER)
        sealed_handed = self.maker.sealed(self.maker.files(handed, self.pictures), handed_over=HAND_OVER)[form.SEALED]
        return {
            "domain": DOMAIN,
            "network": made.network,
            "case": made.case,
            "made_at": AT,
            "made_by": made.made_by,
            "items": [
                {
                    "attestation": token,
                    "content": b64(data),
                    "withheld": why,
                    "pictures": [one and b64(one.data) for one in pictures],
                }
                for token, data, why, pictures, _ in self.items
            ],
            "limits": [MAX_FILES, MAX_BYTES],
            "custody": msgspec.to_builtins(made.custody),
            "keys": self.keys,
            "manifest": json.loads(self.files[form.MANIFEST]),
            "seal": self.files[form.SEALED].decode(),
            # What it answers when its log has grown by the last entry since it gave custody.
            "sealed_late": sealed_late.decode(),
            "handed_over": {"id": HAND_OVER, "seal": sealed_handed.decode()},
        }

    def rotated(self) -> dict[str, object]:
        """The keys as they are once this one was replaced, and what a thief of it makes then."""
        sealed = fingerprint(self.files[form.SEALED].decode())
        now = AT // 1000 + 10 * DAYS
        ((kid, key),) = self.maker.published.items()
        retired = Published(key.public, key.since, now, frozenset({sealed, b64(bytes(32))}))
        after = {kid: retired} | {kid: Published(key.public, now) for kid, key in Maker().published.items()}
        forged = forgery(self.maker.signer, self.maker.case, AT - 90 * DAYS * 1000)
        problems = verify(forged, after).problems
        return {"keys": key_set(after) | {"domain": DOMAIN}, "forged": b64(forged), "problems": problems}

    def tampered(self) -> Iterator[bytes]:
        """Bundles that somebody changed, sealed anew where a lying moderator would have them sealed."""
        shown, whole = self.bundle.messages[0], self.bundle
        other = whole.messages[self.order.index(2)]
        for change in (
            {"text": "I love you"},
            {"who": "Person B"},
            {"who": None},
            {"content": "!"},
            {"content": other.content},
            {"withheld": "because"},
            {"withheld": "uninvolved"},
            {"attestation": attestation.withhold(shown.attestation)},
            {"attestation": Maker(signer=self.maker.signer).message(uuid4(), "Person A", "x", 4).attestation},
            {"attestation": Maker().message(uuid4(), "Person A", "x", 4).attestation},
            {"attestation": shown.attestation[:-1]},
            {"attestation": shown.attestation + other.attestation.split("~")[1] + "~"},
            {"pictures": [HILL.name]},
            {"pictures": [None]},
        ):
            messages = [msgspec.structs.replace(shown, **change), *whole.messages[1:]]
            yield pack(self._sealed(msgspec.structs.replace(whole, messages=messages)))
        yield from self._with_other_pictures()
        yield from self._said_freely()
        yield from self._picked()
        yield from self._attested_again()
        first, *rest = whole.custody
        for entry in (
            {"actor": "A-SOMEBODY00"},
            {"seq": 7},
            {"previous": "!"},
            {"previous": first.previous + "="},
            {"previous": "+/" * 21 + "A"},
            {"signature": first.digest},
            {"key_id": "x"},
        ):
            yield pack(
                self._sealed(msgspec.structs.replace(whole, custody=[msgspec.structs.replace(first, **entry), *rest]))
            )
        for claim in (
            {"case": "x"},
            {"by": "x"},
            {"iss": "x"},
            {"manifest": "x"},
            {"handed_over": str(uuid4())},
            {"custody": None},
            {"custody": {"entries": 3}},
            {"custody": {"entries": 3, "last": 4}},
            {"custody": {"entries": 4, "last": 4, "digest": "x"}},
            {"custody": {"entries": 3, "last": 4, "digest": "x"}},
            {"custody": {"entries": 3, "last": "4", "digest": "x"}},
            {"network": str(uuid4())},
            {"made_at": AT + 1},
            {"made_at": None},
            {"iat": AT // 1000 - 400 * DAYS},
        ):
            yield pack(self.maker.sealed(self.maker.files(whole, self.pictures), **claim))
        for name in self.files:
            yield pack({other: content for other, content in self.files.items() if other != name})
            yield pack(self.files | {name: self.files[name] + b" "})
            yield pack(self.files | {name: b"\xff"})
        for agreed in (None, str(uuid4()), ""):
            other_words = msgspec.structs.replace(whole, handed_over=agreed)
            yield pack(self.maker.sealed(self.maker.files(other_words, self.pictures), handed_over=HAND_OVER))
        yield pack(self.files | {form.SEALED: respelt(self.files[form.SEALED])})
        yield pack(self.files | {"more 👩.txt": b"x"})
        yield pack(self.files | {form.BUNDLE: self.files[form.BUNDLE].replace(b'"made_at":', b'"made_at":9999')})
        yield pack(self.files | {form.BUNDLE: self.files[form.BUNDLE].replace(b'{"format"', b'{"more":1,"format"')})

    def _said_freely(self) -> Iterator[bytes]:
        """Somebody writes what they like where a bundle has words of its own."""
        whole = self.bundle
        for free in FREE:
            messages = [
                msgspec.structs.replace(one, who=free if one.who == "Person A" else one.who) for one in whole.messages
            ]
            yield self.maker.zip(msgspec.structs.replace(whole, messages=messages), self.pictures, whole.custody)
            messages = [msgspec.structs.replace(one, withheld=one.withheld and free) for one in whole.messages]
            yield self.maker.zip(msgspec.structs.replace(whole, messages=messages), self.pictures, whole.custody)
            for name in ("made_by", "network", "case", "domain"):
                yield pack(self._sealed(msgspec.structs.replace(whole, **{name: free})))
            first, *rest = whole.custody
            custody = [msgspec.structs.replace(first, attested=[free]), *rest]
            yield self.maker.zip(msgspec.structs.replace(whole, custody=custody), self.pictures, whole.custody)
            for name in (form.BUNDLE, form.KEYS):
                wrong = self.files[name].replace(b"{", b'{"domain":' + msgspec.json.encode(free) + b",", 1)
                inside = {one: data for one, data in self.files.items() if one not in (form.MANIFEST, form.SEALED)}
                yield pack(self.maker.sealed(inside | {name: wrong}, whole.custody))
        yield self.maker.zip(msgspec.structs.replace(whole, messages=[]), {}, whole.custody)
        yield self.maker.zip(msgspec.structs.replace(whole, made_at=JUNE_2019), self.pictures, whole.custody)
        for keys in (b"{}", b"[]", b"\xff", b'{"keys":[],"domain":"else.example"}', self.files[form.KEYS] + b" "):
            inside = {one: data for one, data in self.files.items() if one not in (form.MANIFEST, form.SEALED)}
            yield pack(self.maker.sealed(inside | {form.KEYS: keys}))

    def _picked(self) -> Iterator[bytes]:
        """Somebody repeats, moves and drops what is there, at random."""
        messages, custody = self.bundle.messages, self.bundle.custody
        for _ in range(20):
            picked = random.choices(messages, k=random.randint(2, 12))
            if picked != sorted(picked, key=messages.index) or len(picked) != len({one.attestation for one in picked}):
                yield pack(self._sealed(msgspec.structs.replace(self.bundle, messages=picked)))
            left = random.choices(custody, k=random.randint(0, 4))
            if left != custody:
                yield pack(self._sealed(msgspec.structs.replace(self.bundle, custody=left)))

    def _attested_again(self) -> Iterator[bytes]:
        """Somebody had messages attested twice, and withholds one of the two, or both, or neither."""
        messages = self.bundle.messages
        for place, number in enumerate(self.order):
            if number in UNMARKED:
                continue
            sender, seq, room = self.items[number].place
            token = self.maker.attested(sender, self.items[number].content, seq, room)
            again = msgspec.structs.replace(messages[place], attestation=token)
            blank = Message(attestation.withhold(token), None, None, None, WITHHELD, [])
            first = Message(attestation.withhold(self.items[number].token), None, None, None, WITHHELD, [])
            for lie in ([*messages[:place], again, *messages[place:]], [*messages, blank], [first, blank]):
                if again in lie and again.withheld is not None:
                    continue
                bundle = self.maker.bundle(lie)
                yield pack(self._sealed(bundle, bundle.custody))

    def _with_other_pictures(self) -> Iterator[bytes]:
        """Somebody gives pictures other names, or has other files sealed in their place."""
        name, stem = HILL.name, HILL.name.removesuffix(".png")
        for number, pictures in (
            (2, []),
            (2, [None]),
            (2, [name, None]),
            (2, [SKY.name]),
            (2, [f"{stem}.jpg"]),
            (2, [f"{stem}.svg"]),
            (2, [f"{stem}-1.png"]),
            (2, [f"{stem}-2.png"]),
            (2, [f"../{name}"]),
            (2, [f"{name}\n"]),
            (2, ["https://elsewhere.example/hill.png"]),
            (2, [""]),
            (1, [name]),
            (3, [self._name(two_ways()[1])]),
            (5, [SKY.name, SKY.name]),
            (8, [SKY.name]),
        ):
            messages = list(self.bundle.messages)
            at = self.order.index(number)
            messages[at] = msgspec.structs.replace(messages[at], pictures=pictures)
            changed = msgspec.structs.replace(self.bundle, messages=messages)
            yield pack(self._sealed(changed))
            yield pack(self.maker.sealed(self.maker.files(changed, self.pictures)))
        for data in (SVG, b"", HILL.data[:-1], HILL.data + b"\0", png(b"elsewhere"), GIF, bytes(STEP)):
            yield pack(self.maker.sealed(self.maker.files(self.bundle, self.pictures | {name: data})))
        one, other = two_ways()
        swapped = {self._name(one): other.data, self._name(other): one.data}
        yield pack(self.maker.sealed(self.maker.files(self.bundle, self.pictures | swapped)))
        yield pack(self.maker.sealed(self.maker.files(self.bundle, self.pictures | {f"{stem}-2.png": HILL.data})))
        yield pack(self.maker.sealed(self.maker.files(self.bundle, self.pictures | {"more.html": SVG})))
        yield pack(self.maker.sealed(self.maker.files(self.bundle)))

    def _sealed(self, bundle: Bundle, log: Sequence[Custody] | None = None) -> dict[str, bytes]:
        """With the page of the bundle as it was, and the server's log as it was where no other is given."""
        inside = {name: self.files[name] for name in (form.PAGE, form.KEYS)} | self.pictures
        return self.maker.sealed(inside | {form.BUNDLE: msgspec.json.encode(bundle)}, log or self.bundle.custody)


def respelt(token: bytes) -> bytes:
    """The same signature with a last letter that a lenient reader takes for the same: its last four bits stand for nothing."""
    return token[:-1] + bytes([token[-1] + 1])


def forgery(stolen: Signer, case: UUID, at: int) -> bytes:
    """A confession at that time (ms) with custody and consent, by whoever has a copy of the signing key, and nothing else."""
    thief = Maker(stolen, case=case, at=at)
    confession = thief.bundle([thief.message(uuid4(), "Person A", "I did it, and I will do it again", 4)])
    return thief.zip(msgspec.structs.replace(confession, handed_over=str(uuid4())))


def main(folder: Path, count: int, changed_too: bool) -> None:
    golden = Golden(count)
    keys = golden.maker.published
    data = pack(golden.files)
    assert unpack(data) == golden.files
    (folder / "given.json").write_text(json.dumps(golden.given()))
    (folder / "bundle.zip").write_bytes(data)
    (folder / "keys.json").write_text(json.dumps(golden.keys))
    (folder / "empty.zip").write_bytes(golden.maker.zip(golden.maker.bundle([])))
    if not changed_too:
        return
    changed = [{"bundle": b64(data), "problems": verify(data, keys).problems} for data in golden.tampered()]
    (folder / "changed.json").write_text(json.dumps(changed))
    (folder / "rotated.json").write_text(json.dumps(golden.rotated()))
    (folder / "whatever.zip").write_bytes(whatever(golden.maker))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), "changed" in sys.argv[3:])
