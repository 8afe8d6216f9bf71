"""A bundle of contents that nobody would write: whatever a member shows, evidence of it is whole."""

from __future__ import annotations

import random
from collections.abc import Mapping
from uuid import uuid4

import cbor2

from chat import franking
from moderation.evidence.bundle import Message
from moderation.evidence.container import pack
from moderation.evidence.content import said
from moderation.signing import b64
from tests.moderation.bundles import DOMAIN, Maker
from tests.moderation.contents import ROOM, SENDER
from tests.moderation.generated_contents import generated


def whatever(maker: Maker) -> bytes:
    """A case in which somebody shows contents that nobody would write, as far as they have a tag that can be checked."""
    picked, sender = random.Random(), uuid4()
    uris = {SENDER: franking.user_uri(DOMAIN, sender), ROOM: maker.room_uri}
    contents = [_from(generated(picked), uris) for _ in range(300)]
    messages = [
        _message(maker.attested(sender, data, seq), data)
        for seq, data in enumerate((data for data in contents if _has_tag(data, uris)), 1)
    ]
    return pack(maker.sealed(maker.files(maker.bundle(messages))))


def _from(data: bytes, uris: Mapping[str, str]) -> bytes:
    """The same content from somebody else."""
    for one, other in uris.items():
        data = data.replace(cbor2.dumps(one), cbor2.dumps(other))
    return data


def _has_tag(data: bytes, uris: Mapping[str, str]) -> bool:
    found = said(data)
    return found.salt is not None and (found.sender is None or [found.sender, found.room] == [*uris.values()])


def _message(token: str, data: bytes) -> Message:
    found = said(data)
    return Message(token, "Person A", b64(data), found.text, None, [None for _ in found.pictures])
