"""Whether a bundle is what the server sealed, and whether each message in it is what the server stamped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

import msgspec

from chat.franking import franking_tag
from moderation import attestation, audit
from moderation.evidence import bundle as form
from moderation.evidence.bundle import Bundle, Custody, Manifest, Message
from moderation.evidence.container import NotABundle, spelt, unpack
from moderation.evidence.content import said
from moderation.evidence.order import Known, Order, custody_problems
from moderation.evidence.page import Place, render
from moderation.evidence.pictures import Shelf
from moderation.signing import NotVerified, b64, unb64, verified_claims, verify_raw


@dataclass(frozen=True)
class Verdict:
    """`problems` is empty when everything holds. `sealed_at` is seconds since 1970 UTC, None when no seal could be read.

    `pictures` of its messages are in it, `absent` are not. `handed_over` is the hand-over for which it says it was made.
    """

    problems: list[str]
    messages: int = 0
    withheld: int = 0
    pictures: int = 0
    absent: int = 0
    sealed_at: int | None = None
    handed_over: str | None = None


@dataclass
class _Checked:
    """What is learnt on the way: which label each sender has, where each message stood, and which files are pictures."""

    shelf: Shelf
    labels: dict[str, str] = field(default_factory=dict)
    senders: dict[str, str] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    order: Order = field(default_factory=Order)


@dataclass(frozen=True)
class _Sealed:
    """What the server said when it sealed; `at` in seconds since 1970 UTC."""

    at: int
    known: Known


def verify(data: bytes, keys: Mapping[str, bytes]) -> Verdict:
    """Checks the bytes of a bundle against the server's published keys (Ed25519 by id)."""
    try:
        files = unpack(data)
    except NotABundle as problem:
        return Verdict([f"the file: {problem}"])
    problems = [] if spelt(files, data) else ["the file: the zip around the bundle was changed"]
    missing = [name for name in form.NAMES if name not in files]
    if missing:
        return Verdict([*problems, *(f"{name}: missing" for name in missing)])
    problems += _manifest(files)
    sealed = None
    try:
        bundle = msgspec.json.decode(files[form.BUNDLE], type=Bundle, strict=True)
    except msgspec.MsgspecError:
        return Verdict([*problems, f"{form.BUNDLE}: it has not the form"])
    try:
        sealed = _seal(files, bundle, keys)
    except NotVerified as problem:
        problems.append(f"{form.SEALED}: {problem}")
    checked = _Checked(Shelf(files))
    for number, message in enumerate(bundle.messages, 1):
        problems += [f"message {number}: {problem}" for problem in _message(message, bundle, keys, checked)]
    for entry in bundle.custody:
        problems += [f"custody {entry.seq}: {problem}" for problem in _custody(entry, bundle, keys)]
    problems += custody_problems(bundle.custody, None if sealed is None else sealed.known)
    if len(checked.places) == len(bundle.messages) and files[form.PAGE] != render(bundle, checked.places):
        problems.append(f"{form.PAGE}: it does not say what the bundle says")
    problems += [f"{name}: no message names it" for name in _unnamed(checked.shelf) if f"{name}: added" not in problems]
    withheld = sum(message.withheld is not None for message in bundle.messages)
    at = None if sealed is None else sealed.at
    shelf = checked.shelf
    return Verdict(problems, len(bundle.messages), withheld, shelf.here, shelf.absent, at, bundle.handed_over)


def _manifest(files: Mapping[str, bytes]) -> Iterator[str]:
    try:
        manifest = msgspec.json.decode(files[form.MANIFEST], type=Manifest, strict=True)
    except msgspec.MsgspecError:
        yield f"{form.MANIFEST}: it has not the form"
        return
    inside = {name: content for name, content in files.items() if name not in (form.MANIFEST, form.SEALED)}
    for name in sorted(inside.keys() | manifest.files.keys()):
        if name not in inside:
            yield f"{name}: missing"
        elif name not in manifest.files:
            yield f"{name}: added"
        elif hashlib.sha256(inside[name]).hexdigest() != manifest.files[name]:
            yield f"{name}: changed"


def _unnamed(shelf: Shelf) -> list[str]:
    """Files that are neither a bundle's own nor some message's picture."""
    return sorted(shelf.files.keys() - shelf.named - set(form.NAMES))


def _seal(files: Mapping[str, bytes], bundle: Bundle, keys: Mapping[str, bytes]) -> _Sealed:
    try:
        token = files[form.SEALED].decode("ascii")
    except UnicodeDecodeError:
        raise NotVerified("it cannot be read") from None
    claims = verified_claims(token, form.SEAL, keys)
    if claims.get("manifest") != b64(hashlib.sha256(files[form.MANIFEST]).digest()):
        raise NotVerified(f"{form.MANIFEST} is not what was sealed")
    if (claims.get("case"), claims.get("by"), claims.get("iss")) != (
        bundle.case,
        bundle.made_by,
        f"mimi://{bundle.domain}",
    ):
        raise NotVerified("it belongs to another case, server or maker")
    if "handed_over" not in claims or claims["handed_over"] != bundle.handed_over:
        raise NotVerified("it says otherwise for which hand-over it was made, or whether for any")
    return _Sealed(int(claims["iat"]), _known(claims.get("custody")))


def _known(claim: object) -> Known:
    try:
        return msgspec.convert(claim, Known, strict=True)
    except msgspec.ValidationError:
        raise NotVerified("it does not say what the server's log had") from None


def _message(message: Message, bundle: Bundle, keys: Mapping[str, bytes], checked: _Checked) -> Iterator[str]:
    try:
        stamp = attestation.read(message.attestation, keys)
    except NotVerified as problem:
        yield f"the attestation: {problem}"
        return
    checked.places.append(Place(stamp.seq, stamp.time, stamp.room))
    if stamp.case != bundle.case:
        yield "attested for another case"
    misplaced = checked.order.problem(message.attestation, stamp)
    if misplaced is not None:
        yield misplaced
    if message.withheld is not None:
        told = (message.content, message.who, message.text, stamp.sender, stamp.room, stamp.tag)
        if told != (None,) * 6 or message.pictures:
            yield "withheld, but something of it is told"
        return
    if message.content is None or stamp.sender is None or stamp.room is None or stamp.tag is None:
        yield "something of it is missing"
        return
    yield from _opening(message, stamp, checked.shelf)
    yield from _label(message.who, stamp.sender, checked)


def _opening(message: Message, stamp: attestation.Attested, shelf: Shelf) -> Iterator[str]:
    try:
        content = unb64(message.content or "")
    except ValueError:
        yield "the content cannot be read"
        return
    opened = said(content)
    if opened.salt is None or b64(franking_tag(opened.salt, content)) != stamp.tag:
        yield "the content is not what was stamped"
    if opened.sender not in (stamp.sender, None):
        yield "the content names another sender than the stamp"
    if opened.room not in (stamp.room, None):
        yield "the content names another room than the stamp"
    if opened.text != message.text:
        yield "the text shown is not what the content says"
    yield from shelf.problems(opened.pictures, message.pictures)


def _label(who: str | None, sender: str, checked: _Checked) -> Iterator[str]:
    if who is None:
        yield "it has no label"
        return
    if checked.labels.setdefault(sender, who) != who or checked.senders.setdefault(who, sender) != sender:
        yield "labels and senders are mixed up"


def _custody(entry: Custody, bundle: Bundle, keys: Mapping[str, bytes]) -> Iterator[str]:
    try:
        case, network = UUID(bundle.case).bytes, UUID(bundle.network).bytes
        kept = audit.Entry(network, entry.seq, entry.at, entry.actor, entry.action, case, entry.subject, entry.detail)
        digest = unb64(entry.digest)
        if kept.digest(unb64(entry.previous)) != digest:
            yield "it was changed"
        verify_raw(digest, unb64(entry.signature), entry.key_id, keys)
    except ValueError:
        yield "it has not the form"
    except NotVerified as problem:
        yield str(problem)


def bundled_keys(data: bytes) -> dict[str, object]:
    """The key set that a bundle brings itself: it proves nothing until it is compared with the server's. Raises NotABundle."""
    try:
        found = json.loads(unpack(data)[form.KEYS])
    except (KeyError, ValueError):
        raise NotABundle(f"{form.KEYS} cannot be read") from None
    if not isinstance(found, dict):
        raise NotABundle(f"{form.KEYS} cannot be read")
    return found
