"""The relay between a new device and an old one of the same person (docs/protocol.md, section 2.2).

The server sees an offer and an answer, both sealed for others. Everything of a link goes when it was taken, and ten
minutes after it was made at the latest (chat/delivery/retention.py forgets those that nobody came for).
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from chat.models import Device, DeviceLink, DeviceLinkPart
from chat.protocol.errors import Code, ProtocolError
from chat.protocol.limits import LINK_SECONDS


@dataclass(frozen=True)
class Taken:
    """`parts` is None, and so is `sealed`, until the whole answer is there."""

    parts: int | None
    sealed: bytes | None


def offer_link(link: bytes, offer: bytes, take_hash: bytes) -> None:
    """Keeps an offer for ten minutes. Repeating it changes nothing. Raises forbidden when the link is another's."""
    wanted = DeviceLink(
        link=link, offer=offer, take_hash=take_hash, expires_at=timezone.now() + timedelta(seconds=LINK_SECONDS)
    )
    try:
        with transaction.atomic():
            wanted.save(force_insert=True)
    except IntegrityError:
        if not DeviceLink.objects.filter(link=link, offer=offer, take_hash=take_hash).exists():
            raise ProtocolError(Code.FORBIDDEN) from None


def offer_of(link: bytes) -> bytes:
    """Raises not_found: no such link, or its time is over."""
    found: bytes = _link(link).offer
    return found


def answer_link(device: Device, link: bytes, number: int, parts: int, sealed: bytes) -> None:
    """Keeps a part of the answer. The first device that answers is the only one that can.

    Repeating a part changes nothing. Raises not_found, forbidden (another device answered, or with other parts).
    """
    found = _link(link)
    mine = Q(answered_by=None) | Q(answered_by=device, parts=parts)
    with transaction.atomic():
        if not DeviceLink.objects.filter(mine, pk=found.pk).update(answered_by=device, parts=parts):
            raise ProtocolError(Code.FORBIDDEN)
        if number < found.taken:
            return
        part, fresh = DeviceLinkPart.objects.get_or_create(link=found, number=number, defaults={"sealed": sealed})
        if not fresh and part.sealed != sealed:
            raise ProtocolError(Code.FORBIDDEN)


def take_link(link: bytes, key: bytes, number: int) -> Taken:
    """A part of the answer, for whoever made the offer. The parts before it go, and with `number` = `parts` everything.

    Raises not_found: no such link, not this key's, or its time is over.
    """
    found = _link(link)
    if not hmac.compare_digest(hashlib.sha256(key).digest(), found.take_hash):
        raise ProtocolError(Code.NOT_FOUND)
    if found.parts is None or found.answer.count() < found.parts - found.taken:
        return Taken(None, None)
    if number >= found.parts:
        found.delete()
        return Taken(found.parts, None)
    part = found.answer.filter(number=number).first()
    if part is None:
        raise ProtocolError(Code.NOT_FOUND)
    with transaction.atomic():
        found.answer.filter(number__lt=number).delete()
        DeviceLink.objects.filter(pk=found.pk, taken__lt=number).update(taken=number)
    return Taken(found.parts, part.sealed)


def _link(link: bytes) -> DeviceLink:
    found = DeviceLink.objects.filter(link=link, expires_at__gt=timezone.now()).first()
    if found is None:
        raise ProtocolError(Code.NOT_FOUND)
    return found
