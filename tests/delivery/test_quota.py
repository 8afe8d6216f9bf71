"""What an account and a network may store: whoever uses it up is told, and nobody else notices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from pytest_django import Settings

from chat.delivery.quota import MIB, ROW_BYTES, Quota, Stored
from chat.models import Backup, Blob, Entry, InboxItem, Room, WelcomeBlob
from chat.protocol.errors import Code, ProtocolError
from chat.protocol.limits import BLOB_DAYS, MAX_BLOB, MAX_ROOM_BLOBS
from chat.queries.stored import stored_bytes
from tests.delivery.groups import circle
from tests.delivery.harness import Server, Store, in_db, socket_to
from tests.factories import device_of

SOMEBODY, ANOTHER, HERE, ELSEWHERE, ROOM = (uuid4() for _ in range(5))


@pytest.fixture
def quota(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Quota:
    """16 MiB a day for an account, 64 MiB for a network, and a clock that stands."""
    monkeypatch.setattr("chat.delivery.quota.monotonic", lambda: 1000.0)
    settings.RATE_SCALE, settings.ACCOUNT_DAILY_MB, settings.NETWORK_STORAGE_MB = 1, 16, 64
    return Quota()


def taken(take: Callable[[], None], most: int = 10_000) -> tuple[int, ProtocolError]:
    """How often that went well, and what it was refused with then."""
    for number in range(most):
        try:
            take()
        except ProtocolError as refusal:
            return number, refusal
    raise AssertionError("there was no end")


def test_an_account_that_has_used_up_its_day_is_told_when_it_can_go_on_and_others_do(quota: Quota) -> None:
    size = 64 * 1024
    number, refusal = taken(lambda: quota.take(Stored.MESSAGES, SOMEBODY, HERE, size))
    assert (number, refusal.code) == (32, Code.QUOTA)
    assert refusal.detail["retry_after_ms"] == pytest.approx(size / (2 * MIB) * 86_400_000, rel=0.01)
    quota.take(Stored.MESSAGES, ANOTHER, HERE, size)


def test_pictures_use_up_neither_words_nor_what_a_question_to_moderators_needs(quota: Quota) -> None:
    assert taken(lambda: quota.take(Stored.ATTACHMENTS, SOMEBODY, HERE, MAX_BLOB))[0] == 4
    for other in (Stored.MESSAGES, Stored.HANDSHAKES, Stored.CASE):
        quota.take(other, SOMEBODY, HERE, MAX_BLOB)


def test_a_network_that_is_full_stores_no_more_and_another_does(quota: Quota) -> None:
    filled, refusal = taken(lambda: quota.take(Stored.MESSAGES, uuid4(), HERE, MIB))
    assert (filled, refusal.code, "retry_after_ms" in refusal.detail) == (64, Code.QUOTA, False)
    quota.take(Stored.MESSAGES, SOMEBODY, ELSEWHERE, MIB)


def test_in_a_full_network_everybody_can_still_ask_for_help(quota: Quota) -> None:
    taken(lambda: quota.take(Stored.MESSAGES, uuid4(), HERE, MIB))
    for what in (Stored.HANDSHAKES, Stored.MESSAGES, Stored.MESSAGES, Stored.MESSAGES):
        quota.take(what, SOMEBODY, HERE, 64 * 1024)
    with pytest.raises(ProtocolError) as refusal:
        quota.take(Stored.MESSAGES, SOMEBODY, HERE, 64 * 1024)
    assert refusal.value.detail["retry_after_ms"] > 0
    quota.take(Stored.MESSAGES, ANOTHER, HERE, 64 * 1024)
    number, last = taken(lambda: quota.take(Stored.MESSAGES, uuid4(), HERE, 64 * 1024))
    assert (number, "retry_after_ms" in last.detail) == (16 * 16 - 5, False)


def test_a_network_takes_words_when_it_takes_no_more_pictures(quota: Quota) -> None:
    assert taken(lambda: quota.take(Stored.ATTACHMENTS, uuid4(), HERE, MIB))[0] == 48
    quota.take(Stored.MESSAGES, SOMEBODY, HERE, MIB)


def test_one_account_never_fills_a_rooms_pictures_alone(quota: Quota) -> None:
    kept = MAX_ROOM_BLOBS // 2
    a_day, refusal = taken(lambda: quota.take_in_room(SOMEBODY, ROOM, kept, MAX_BLOB))
    assert (refusal.code, "retry_after_ms" in refusal.detail) == (Code.QUOTA, True)
    assert a_day >= 1
    assert kept + a_day * MAX_BLOB * (BLOB_DAYS + 1) < MAX_ROOM_BLOBS
    quota.take_in_room(ANOTHER, ROOM, kept, MAX_BLOB)
    quota.take_in_room(SOMEBODY, uuid4(), kept, MAX_BLOB)


def test_an_allowance_that_is_whole_again_is_forgotten(quota: Quota, monkeypatch: pytest.MonkeyPatch) -> None:
    quota.take(Stored.MESSAGES, SOMEBODY, HERE, 1000)
    quota.take(Stored.MESSAGES, ANOTHER, HERE, MIB)
    monkeypatch.setattr("chat.delivery.quota.monotonic", lambda: 1000.0 + 600)
    monkeypatch.setattr("chat.delivery.quota.stored_bytes", dict)
    quota.measure()
    assert {account for account, _ in quota._allowances} == {ANOTHER}


@pytest.mark.django_db
def test_what_a_network_has_is_all_that_is_stored_for_it_and_each_thing_once() -> None:
    here, other = circle(2), circle(2)
    before = stored_bytes()
    room = Room.objects.get(id=here.group.room)
    device, second = (device_of(person) for person in here.members)
    Blob.objects.create(room=room, blob=bytes(16), size=1000, sealed=bytes(1000), expires_on="2100-01-01")
    Backup.objects.create(account=device.account, locator_hash=bytes(32), sealed=bytes(200))
    welcome = WelcomeBlob.objects.create(payload=bytes(30))
    for one in (device, second):
        InboxItem.objects.create(device=one, seq=1, room=room, entry_seq=1, welcome=welcome)
    Entry.objects.create(
        room=room, seq=2, kind=0, epoch=1, entry_id=bytes(16), payload=bytes(4), hub_key=1, accepted_at=0
    )
    after = stored_bytes()
    assert after[here.network.id] - before[here.network.id] == 1234
    assert after[other.network.id] == before[other.network.id]


@pytest.fixture
def small(database_allowed: None) -> Iterator[Server]:
    """A server whose networks may have 16 MiB each."""
    with Store() as store, Server(store, NETWORK_STORAGE_MB="16") as server:
        yield server


async def test_over_the_socket_a_full_network_is_told_so_and_another_goes_on(small: Server) -> None:
    here, other = await in_db(circle, 2), await in_db(circle, 2)
    async with socket_to(small, here.members[0].token) as full, socket_to(small, other.members[0].token) as free:
        size = 64_000
        # With the spare for words on top, which RATE_SCALE widens here.
        most = 20 * MIB // (size + ROW_BYTES)
        many = [here.group.message(size=size) for _ in range(most + 10)]
        for message in many:
            await full.send(message)
        await full.until(lambda: sum(frame["t"] in ("accepted", "error") for frame in full.arrived) == len(many))
        refused = [frame for frame in full.arrived if frame["t"] == "error"]
        assert {frame["code"] for frame in refused} == {"quota"}
        assert 10 <= len(refused) < len(many)
        for _ in range(5):
            assert (await free.ask(other.group.message(size=size), "accepted"))["t"] == "accepted"
