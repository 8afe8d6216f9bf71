"""The relay between a new device and an old one: sealed bytes, one answer, taken once, for ten minutes."""

import hashlib
import os
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat.api.fields import b64encode
from chat.delivery.retention import forget_links, forgotten_links
from chat.models import DeviceLink, DeviceLinkPart
from chat.protocol.errors import Code
from chat.protocol.limits import MAX_LINK_OFFER, MAX_LINK_PART
from tests.actors import Name, World
from tests.factories import Person
from tests.http.api import Reply, ask, get, post

OFFER = b"an offer"


@pytest.fixture
def old(here: World) -> Person:
    return here[Name.MEMBER]


class Link:
    """What a new device makes and knows."""

    def __init__(self) -> None:
        self.name = b64encode(os.urandom(16))
        self.key = os.urandom(32)

    def offer(self, offer: bytes = OFFER, **changed: Any) -> Reply:
        body = {"offer": b64encode(offer), "take_hash": b64encode(hashlib.sha256(self.key).digest())}
        return ask(None, "PUT", f"/links/{self.name}", body | changed)

    def answer(self, person: Person, part: int = 0, parts: int = 1, sealed: bytes = b"sealed") -> Reply:
        body = {"part": part, "parts": parts, "sealed": b64encode(sealed)}
        return post(person, f"/links/{self.name}/answer", body)

    def take(self, part: int = 0, key: bytes | None = None) -> Reply:
        return post(None, f"/links/{self.name}/take", {"key": b64encode(key or self.key), "part": part})

    def expire(self) -> None:
        DeviceLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))


@pytest.fixture
def link(here: World) -> Link:
    made = Link()
    assert made.offer().status == 200
    return made


def kept() -> tuple[int, int]:
    return DeviceLink.objects.count(), DeviceLinkPart.objects.count()


def test_an_offer_is_answered_by_one_device_and_taken_once(link: Link, old: Person) -> None:
    assert get(old, f"/links/{link.name}").body == {"offer": b64encode(OFFER)}
    assert link.take().body == {"parts": None, "sealed": None}
    assert link.answer(old, 0, 2, b"first").status == 200
    # Nothing is given before all of it is there.
    assert link.take().body == {"parts": None, "sealed": None}
    assert link.answer(old, 1, 2, b"second").status == 200
    assert link.take(0).body == {"parts": 2, "sealed": b64encode(b"first")}
    assert link.take(1).body == {"parts": 2, "sealed": b64encode(b"second")}
    assert kept() == (1, 1), "a part that was taken is gone when the next one is asked for"
    assert link.take(0).code == Code.NOT_FOUND
    assert link.take(2).body == {"parts": 2, "sealed": None}
    assert kept() == (0, 0)
    assert link.take(0).code == Code.NOT_FOUND
    assert get(old, f"/links/{link.name}").code == Code.NOT_FOUND


def test_what_was_lost_on_the_way_can_be_asked_for_and_sent_again(link: Link, old: Person) -> None:
    assert [link.answer(old, 0, 2, b"first").status for _ in range(2)] == [200, 200]
    assert [link.answer(old, 1, 2, b"second").status for _ in range(2)] == [200, 200]
    assert link.take(0) == link.take(0)
    assert link.take(1).status == 200
    # An answer of the old device's that comes late brings nothing back.
    assert link.answer(old, 0, 2, b"first").status == 200
    assert link.take(1).body["sealed"] == b64encode(b"second")
    assert kept() == (1, 1)


def test_only_the_first_device_that_answers_can_answer(here: World, link: Link, old: Person) -> None:
    other = here[Name.OTHER_MEMBER]
    assert link.answer(old, 0, 2).status == 200
    assert link.answer(other, 1, 2).code == Code.FORBIDDEN
    assert link.answer(other, 0, 1).code == Code.FORBIDDEN
    assert link.answer(old, 0, 2, b"something else").code == Code.FORBIDDEN
    assert link.answer(old, 0, 3).code == Code.FORBIDDEN


def test_only_whoever_made_the_offer_takes_the_answer(link: Link, old: Person) -> None:
    assert link.answer(old).status == 200
    assert link.take(key=os.urandom(32)).code == Code.NOT_FOUND
    assert link.take(part=1, key=os.urandom(32)).code == Code.NOT_FOUND
    assert kept() == (1, 1)


def test_an_offer_is_made_once_and_repeating_it_changes_nothing(link: Link) -> None:
    assert link.offer().status == 200
    assert link.offer(b"another offer").code == Code.FORBIDDEN
    assert link.offer(take_hash=b64encode(bytes(32))).code == Code.FORBIDDEN
    assert DeviceLink.objects.get().offer == OFFER


def test_after_ten_minutes_a_link_is_dead_and_its_bytes_are_gone(link: Link, old: Person) -> None:
    assert DeviceLink.objects.get().expires_at <= timezone.now() + timedelta(minutes=10)
    assert link.answer(old).status == 200
    assert not forgotten_links(timezone.now())
    link.expire()
    assert get(old, f"/links/{link.name}").code == Code.NOT_FOUND
    assert link.answer(old).code == Code.NOT_FOUND
    assert link.take().code == Code.NOT_FOUND
    assert forgotten_links(timezone.now())
    forget_links(timezone.now())
    assert kept() == (0, 0)


def test_links_are_bounded(here: World, old: Person) -> None:
    link = Link()
    assert link.offer(bytes(MAX_LINK_OFFER + 1)).code == Code.MALFORMED
    assert link.offer(bytes(MAX_LINK_OFFER)).status == 200
    assert link.answer(old, 0, 1, bytes(MAX_LINK_PART + 1)).code == Code.MALFORMED
    for part, parts in ((0, 0), (1, 1), (0, 33), (-1, 1)):
        assert link.answer(old, part, parts).code == Code.MALFORMED
    assert link.answer(old, 0, 1, bytes(MAX_LINK_PART)).status == 200
    assert ask(None, "PUT", "/links/short", {}).code == Code.MALFORMED
