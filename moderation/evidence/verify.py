"""Whether a bundle is what the server sealed, and whether each message in it is what the server stamped."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from chat.franking import franking_tag
from moderation import attestation, audit
from moderation.evidence import bundle as form
from moderation.evidence.bundle import Bundle, Custody, KeySet, Manifest, Message, exactly
from moderation.evidence.container import NotABundle, spelt, unpack
from moderation.evidence.content import said
from moderation.evidence.order import Order, custody_problems
from moderation.evidence.page import Place, render
from moderation.evidence.pictures import Shelf
from moderation.evidence.seal import read_seal
from moderation.signing import NotVerified, Published, b64, unb64, verify_raw


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
    """What is learnt on the way: which label each sender has, where each message stood, and which files are pictures.

    `attested` are the digests (base64url) of attestations that custody has.
    """

    shelf: Shelf
    attested: frozenset[str]
    labels: dict[str, str] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)
    order: Order = field(default_factory=Order)


def verify(data: bytes, published: Mapping[str, Published]) -> Verdict:
    """Checks the bytes of a bundle against the server's published keys, by their ids.

    The seal, by a key in use or one that the audit log has, vouches for custody, and custody for each attestation.
    """
    keys = {kid: key.public for kid, key in published.items()}
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
        bundle = exactly(files[form.BUNDLE], Bundle)
    except ValueError:
        return Verdict([*problems, f"{form.BUNDLE}: it has not the form"])
    problems += _bundle(bundle, files[form.KEYS])
    try:
        sealed = read_seal(files, bundle, published)
    except NotVerified as problem:
        problems.append(f"{form.SEALED}: {problem}")
    checked = _Checked(Shelf(files), frozenset(one for entry in bundle.custody for one in entry.attested))
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


def _bundle(bundle: Bundle, keys: bytes) -> Iterator[str]:
    if not bundle.messages:
        yield f"{form.BUNDLE}: it holds no messages"
    try:
        if exactly(keys, KeySet).domain != bundle.domain:
            yield f"{form.KEYS}: they are another server's"
    except ValueError:
        yield f"{form.KEYS}: it has not the form"


def _manifest(files: Mapping[str, bytes]) -> Iterator[str]:
    try:
        manifest = exactly(files[form.MANIFEST], Manifest)
    except ValueError:
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


def _message(message: Message, bundle: Bundle, keys: Mapping[str, bytes], checked: _Checked) -> Iterator[str]:
    try:
        stamp = attestation.read(message.attestation, keys)
    except NotVerified as problem:
        yield f"the attestation: {problem}"
        return
    checked.places.append(Place(stamp.seq, stamp.time, stamp.room))
    if b64(attestation.digest(message.attestation)) not in checked.attested:
        yield "the attestation: the server's log does not have it"
    if stamp.case != bundle.case:
        yield "attested for another case"
    misplaced = checked.order.problem(message.attestation, stamp)
    if misplaced is not None:
        yield misplaced
    if message.withheld is not None:
        told = (message.content, message.who, message.text, stamp.sender, stamp.room, stamp.tag)
        if told != (None,) * 6 or message.pictures:
            yield "withheld, but something of it is told"
        if message.withheld not in form.REASONS:
            yield "withheld for a reason that is none"
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
    if checked.labels.setdefault(sender, form.label(len(checked.labels))) != who:
        yield "its label is not the one of its sender"


def _custody(entry: Custody, bundle: Bundle, keys: Mapping[str, bytes]) -> Iterator[str]:
    try:
        case, network = UUID(bundle.case).bytes, UUID(bundle.network).bytes
        kept = audit.Entry(network, entry.seq, entry.at, entry.actor, entry.action, case, entry.subject, entry.detail)
        digest = unb64(entry.digest)
        if kept.digest(unb64(entry.previous)) != digest:
            yield "it was changed"
        attested = [unb64(one) for one in entry.attested]
        if (entry.action == audit.ATTESTED or attested) and entry.detail != audit.attested_detail(attested):
            yield "it tells of other attestations"
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
