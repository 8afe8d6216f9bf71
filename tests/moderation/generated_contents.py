"""Contents that nobody wrote, and what Python reads in them: `python -m tests.moderation.generated_contents COUNT SEED`.

tests/moderation/shown.test.ts reads the same in TypeScript. Some of their items are exchanged, they are spelt in
another order, or changed as bytes.
"""

from __future__ import annotations

import json
import sys
from random import Random
from typing import Any

import cbor2

from moderation.evidence.content import REACTIONS, said
from moderation.signing import b64
from tests.moderation.contents import MARKDOWN, PLAIN, REFERENCE, ROOM, SENDER, items, picture, profile, several, text
from tests.moderation.shown_vectors import GROUPS

ATOMS: tuple[Any, ...] = (
    *(0, 1, 2, 3, 4, 6, 7, 23, 24, 255, 256, 2**32, 2**53 - 1, 2**53, -1, -(2**53), 1.0, 0.5, True, False, None),
    *(
        b"",
        b"hi",
        b"\xff",
        bytes(12),
        bytes(16),
        bytes(32),
        REFERENCE,
        "🙏".encode(),
        "❤️".encode(),
        "a\u202eb".encode(),
    ),
    *("", "hi", PLAIN, MARKDOWN, "text/plain", "\ufeff", "é" * 41, SENDER, ROOM, "image/png", f"{ROOM}/b/{'A' * 22}"),
    *([], {}, [1, "", 0], [1, "", 1, PLAIN, b"hi"], [2, "", 1, PLAIN, "🙏".encode()], {1: SENDER, 2: ROOM}),
    *({"kindred.name": "Eve", 1: SENDER, 2: ROOM}, {"name": "Eve"}, cbor2.dumps({"name": "Eve"})),
)
ODD = ("a", "b", " ", "é", "م", "\u200d", "\u202e", "\u2067", "\0", "\n", "\u3164", "👩", "\ufeff", "\ue001")
BASES = [vector.content for group in GROUPS.values() for vector in group() if len(vector.content) < 2_000]


def generated(random: Random) -> bytes:
    """One of five is a vector, the others are written anew; most are changed then in one of three ways."""
    value = _written(random) if random.random() < 0.8 else _parsed(random.choice(BASES))
    change = random.random()
    if change < 0.4:
        for _ in range(random.choice((1, 1, 1, 3))):
            value = _changed(value, random)
    data = cbor2.dumps(value, canonical=not 0.4 < change < 0.45)
    return _mutated(data, random) if change > 0.75 else data


def _parsed(data: bytes) -> Any:
    try:
        return cbor2.loads(data)
    except (cbor2.CBORError, ValueError):
        return data


def _written(random: Random) -> list[Any]:
    """A content of a form that people are shown, or nearly."""
    reply, replaces = (REFERENCE if random.random() < 0.3 else None for _ in range(2))
    name = random.choice((None, None, "Eve", _words(random).decode(errors="replace")))
    match random.randrange(8):
        case 0:
            body = text(random.choice([*REACTIONS, "🙏🙏", "a"]).encode(), disposition=2)
            return items(body, reply=reply or random.choice((None, REFERENCE)), replaces=replaces, name=name)
        case 1:
            body = profile(
                {"name": _words(random).decode(errors="replace")}, random.choice(("profile", "room", "roles"))
            )
        case 2:
            body = [random.choice((1, 2)), "", 0]
        case _:
            body = _part(random, 0)
    return items(body, reply=reply, replaces=replaces, name=name)


def _part(random: Random, depth: int) -> list[Any]:
    if depth < 5 and random.random() < 0.35:
        parts = [_part(random, depth + 1) for _ in range(random.choice((1, 2, 2, 2, 3)))]
        return several(random.choice((0, 0, 1, 2, 2, 3)), *parts)
    if random.random() < 0.2:
        return picture(_words(random).decode(errors="replace"), size=random.choice((32768, 32768, 65536, 1)))
    kind = random.choice((PLAIN, PLAIN, PLAIN, MARKDOWN, "text/html", "text/plain"))
    return text(_words(random), kind, random.choice((1, 1, 1, 1, 4, 6, 2, 0)))


def _words(random: Random) -> bytes:
    """Mostly letters, with what could mislead among them, and seldom no UTF-8."""
    odd = "".join(random.choice(ODD) for _ in range(6))
    plain = random.choice(("hi", "", "I know where you live", "é" * 41, "Quiet River"))
    return random.choice((plain, plain, odd)).encode() + (b"\xff" if random.random() < 0.05 else b"")


def _changed(value: Any, random: Random) -> Any:
    """One item somewhere in it is another."""
    if type(value) is list and value and random.random() < 0.85:
        at = random.randrange(len(value))
        match random.randrange(12):
            case 0:
                return [*value[:at], *value[at + 1 :]]
            case 1:
                return [*value[:at], random.choice(ATOMS), *value[at:]]
            case 2:
                return [*value[:at], value[at], *value[at:]]
            case _:
                return [*value[:at], _changed(value[at], random), *value[at + 1 :]]
    if type(value) is dict and random.random() < 0.7:
        key = random.choice((1, 2, "kindred.name", "x", "", -7))
        return value | {key: random.choice(ATOMS)}
    if type(value) is bytes and value and random.random() < 0.3:
        return _mutated(value, random)
    if type(value) is str and random.random() < 0.3:
        return value + random.choice((" ", "\u202e", "x", ";"))
    return random.choice(ATOMS)


def _mutated(data: bytes, random: Random) -> bytes:
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 1, 2, 5))):
        at = random.randrange(len(changed) + 1)
        match random.randrange(4):
            case 0 if at < len(changed):
                changed[at] ^= 1 << random.randrange(8)
            case 1 if at < len(changed):
                del changed[at : at + random.choice((1, 1, 2, 9))]
            case 2:
                changed[at:at] = random.randbytes(random.choice((1, 1, 3)))
            case _:
                start = random.randrange(len(data) + 1)
                changed[at:at] = data[start : start + random.randrange(12)]
    return bytes(changed)


def read(data: bytes) -> dict[str, object]:
    """As TypeScript tells it, too."""
    found = said(data)
    return {
        "content": b64(data),
        "salt": None if found.salt is None else b64(found.salt),
        "from": None if found.sender is None else {"sender": found.sender, "room": found.room},
        "name": found.name,
        "text": found.text,
        "pictures": [picture.description for picture in found.pictures],
    }


def main(count: int, seed: int) -> None:
    random = Random(seed)
    json.dump([read(generated(random)) for _ in range(count)], sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
