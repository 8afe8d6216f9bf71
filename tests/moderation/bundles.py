"""Making evidence bundles as a moderator's client does, from what the case room and the API give."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import cbor2
import msgspec

from chat import franking
from moderation import attestation, audit, disclosure
from moderation.attestation import Stamped
from moderation.evidence import bundle as form
from moderation.evidence.bundle import Bundle, Custody, Message
from moderation.evidence.container import pack
from moderation.evidence.content import said
from moderation.evidence.order import custody_digest
from moderation.evidence.page import Place, render
from moderation.signing import Published, Signer, b64, key_set, unb64
from tests.moderation.pictures import Sent
from tests.moderation.signers import new_signer

DOMAIN, AT = "kindred.example", 1_795_504_155_292
CUSTODY = (1, 2, 4)
"""The places in the log of what it has about the case; what else happened there lies between."""
DAYS = 24 * 60 * 60


def mimi(
    sender: UUID,
    room: UUID,
    text: str,
    salt: bytes | None = None,
    domain: str = DOMAIN,
    attachments: Sequence[list[Any]] = (),
) -> bytes:
    """The content of a message of a text, which may be empty where there are attachments."""
    extensions = {1: franking.user_uri(domain, sender), 2: franking.room_uri(domain, room)}
    words = [[1, "", 1, "text/plain;charset=utf-8", text.encode()]] if text or not attachments else []
    parts = [*words, *attachments]
    body = parts[0] if len(parts) == 1 else [1, "", 3, 2, parts]
    return cbor2.dumps([salt or os.urandom(16), None, b"", None, None, extensions, body], canonical=True)


def unmarked(message: Stamped, case: UUID, signer: Signer) -> str:
    """An attestation from before there were marks."""
    uris = {
        "sender": franking.user_uri(DOMAIN, message.sender),
        "room": franking.room_uri(DOMAIN, message.room),
        "tag": b64(message.tag),
    }
    plain = {
        "iss": f"mimi://{DOMAIN}",
        "iat": AT // 1000,
        "case": str(case),
        "seq": message.seq,
        "time": message.time,
    }
    return disclosure.issue(signer, attestation.KIND, plain, uris)


@dataclass
class Maker:
    """A case with a server's signer; `hub_key` stamps its messages."""

    signer: Signer = field(default_factory=new_signer)
    hub_key: bytes = field(default_factory=lambda: os.urandom(32))
    case: UUID = field(default_factory=uuid4)
    network: UUID = field(default_factory=uuid4)
    room: UUID = field(default_factory=uuid4)
    by: str = "A-MODERATOR0"
    at: int = AT
    """When all of it happens, in ms."""

    @property
    def published(self) -> dict[str, Published]:
        """The server's keys, the signer's own in use for a year."""
        since = self.at // 1000 - 365 * DAYS
        return {kid: Published(public, since) for kid, public in self.signer.public.items()}

    def attested(self, sender: UUID, content: bytes, seq: int, room: UUID | None = None, *, marked: bool = True) -> str:
        """Not `marked` as servers did it before there were marks."""
        room = room or self.room
        salt = said(content).salt
        assert salt is not None
        tag = franking.franking_tag(salt, content)
        at = self.at + seq
        context = franking.context(franking.user_uri(DOMAIN, sender), franking.room_uri(DOMAIN, room), seq, at)
        message = Stamped(sender, room, seq, at, tag, franking.frank(self.hub_key, tag, context), 1)
        assert attestation.is_genuine(message, DOMAIN, {1: self.hub_key})
        if not marked:
            return unmarked(message, self.case, self.signer)
        return attestation.attest(message, self.case, DOMAIN, self.at // 1000, self.signer, {1: self.hub_key})

    @property
    def room_uri(self) -> str:
        return franking.room_uri(DOMAIN, self.room)

    def message(self, sender: UUID, who: str, text: str, seq: int, pictures: Sequence[Sent] = ()) -> Message:
        content = mimi(sender, self.room, text, attachments=[one.part(self.room_uri) for one in pictures])
        token, names = self.attested(sender, content, seq), [one.name for one in pictures]
        return Message(token, who, b64(content), said(content).text, None, [*names])

    def withheld(
        self,
        sender: UUID,
        text: str,
        seq: int,
        why: str = "uninvolved",
        pictures: Sequence[Sent] = (),
    ) -> Message:
        content = mimi(sender, self.room, text, attachments=[one.part(self.room_uri) for one in pictures])
        return Message(attestation.withhold(self.attested(sender, content, seq)), None, None, None, why, [])

    def custody(self, messages: Sequence[Message] = (), seqs: Sequence[int] = CUSTODY) -> list[Custody]:
        """Of a case in which these were attested."""
        digests = [attestation.digest(message.attestation) for message in messages]
        made: list[Custody] = []
        previous = audit.START
        for seq in seqs:
            here, action = (digests, audit.ATTESTED) if seq == CUSTODY[1] else ([], "case_claimed")
            detail = audit.attested_detail(here) if action == audit.ATTESTED else ""
            entry = audit.Entry(self.network.bytes, seq, self.at, self.by, action, self.case.bytes, "", detail)
            kept = audit.signed(entry, previous, self.signer)
            made.append(
                Custody(
                    seq,
                    self.at,
                    self.by,
                    action,
                    "",
                    detail,
                    [b64(one) for one in here],
                    b64(previous),
                    b64(kept.digest),
                    kept.key_id,
                    b64(kept.signature),
                )
            )
            previous = kept.digest
        return made

    def bundle(self, messages: list[Message], **changed: Any) -> Bundle:
        values: dict[str, Any] = {
            "format": form.FORMAT,
            "domain": DOMAIN,
            "network": str(self.network),
            "case": str(self.case),
            "made_at": self.at,
            "made_by": self.by,
            "handed_over": None,
            "messages": messages,
            "custody": self.custody(messages),
        }
        return Bundle(**(values | changed))

    def files(self, bundle: Bundle, pictures: Mapping[str, bytes] | None = None) -> dict[str, bytes]:
        """All but the manifest and the seal."""
        stamps = [attestation.read(message.attestation, self.signer.public) for message in bundle.messages]
        return {
            form.BUNDLE: msgspec.json.encode(bundle),
            form.PAGE: render(bundle, [Place(stamp.seq, stamp.time, stamp.room) for stamp in stamps]),
            form.KEYS: msgspec.json.encode(key_set(self.published) | {"domain": bundle.domain}),
            **(pictures or {}),
        }

    def sealed(self, files: dict[str, bytes], log: Sequence[Custody] | None = None, **changed: Any) -> dict[str, bytes]:
        """With the manifest and the server's seal over it; its `log` of the case is what the bundle says when not given."""
        sums = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
        manifest = msgspec.json.encode({"format": form.FORMAT, "files": sums})
        inside = json.loads(files[form.BUNDLE])
        log = msgspec.convert(inside["custody"], list[Custody]) if log is None else log
        claims = {
            "iss": f"mimi://{DOMAIN}",
            "iat": self.at // 1000,
            "network": str(self.network),
            "case": str(self.case),
            "by": self.by,
            "made_at": self.at,
            "manifest": b64(hashlib.sha256(manifest).digest()),
            "handed_over": None,
            "custody": {
                "entries": len(log),
                "last": log[-1].seq,
                "digest": b64(custody_digest(unb64(entry.digest) for entry in log)),
            },
        }
        seal = self.signer.jws(form.SEAL, claims | changed)
        return files | {form.MANIFEST: manifest, form.SEALED: seal.encode()}

    def zip(
        self, bundle: Bundle, pictures: Mapping[str, bytes] | None = None, log: Sequence[Custody] | None = None
    ) -> bytes:
        return pack(self.sealed(self.files(bundle, pictures), log, handed_over=bundle.handed_over))
