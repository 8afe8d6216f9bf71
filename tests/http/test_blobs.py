"""Encrypted attachments: for whoever is in the room, for some weeks, and without a word of who brought them."""

import os
from datetime import timedelta
from time import time
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import Settings

from chat.api.fields import b64encode
from chat.api.rates import BLOB_KEEP
from chat.models import Account, Blob, Room, RoomDevice, RoomMute
from chat.protocol.errors import Code
from chat.protocol.limits import BLOB_DAYS, BLOB_STEP, CASE_BLOB_DAYS, MAX_BLOB, MAX_ROOM_BLOBS
from tests import factories
from tests.actors import Name, World
from tests.factories import Person
from tests.http.api import Reply, ask, get

BLOB = bytes(range(16))


@pytest.fixture
def member(here: World) -> Person:
    return here[Name.MEMBER]


def keep(person: Person, room: Room, sealed: bytes, blob: bytes = BLOB) -> Reply:
    return ask(person, "PUT", f"/rooms/{room.id}/blobs/{b64encode(blob)}", raw=sealed)


def fetch(person: Person, room: Room, blob: bytes = BLOB) -> Reply:
    return get(person, f"/rooms/{room.id}/blobs/{b64encode(blob)}")


def test_the_others_in_the_room_get_exactly_what_was_kept(here: World, member: Person) -> None:
    sealed = os.urandom(2 * BLOB_STEP)
    assert keep(member, here.group, sealed).body == {}
    reply = fetch(here.friend, here.group)
    assert (reply.status, reply.body) == (200, sealed)
    assert reply.headers["Content-Type"] == "application/octet-stream"
    assert reply.headers["Cache-Control"] == "no-store"


def test_it_lies_in_its_room_alone(here: World, member: Person) -> None:
    other = factories.settled_room("group", [member])
    keep(member, here.group, bytes(BLOB_STEP))
    assert fetch(member, other).code == Code.NOT_FOUND
    assert keep(member, other, b"o" * BLOB_STEP).status == 200
    assert fetch(member, here.group).body == bytes(BLOB_STEP)


def test_whoever_left_gets_nothing_more(here: World, member: Person) -> None:
    keep(member, here.group, bytes(BLOB_STEP))
    place = RoomDevice.objects.filter(room=here.group, device=factories.device_of(here.friend))
    place.update(removed_at=timezone.now(), removal_seq=2)
    assert fetch(here.friend, here.group).code == Code.NOT_FOUND
    assert keep(here.friend, here.group, bytes(BLOB_STEP), os.urandom(16)).code == Code.NOT_FOUND


def test_a_repeated_upload_is_kept_once_and_nobody_puts_other_bytes_in_its_place(here: World, member: Person) -> None:
    sealed = os.urandom(BLOB_STEP)
    assert [keep(member, here.group, sealed).status for _ in range(2)] == [200, 200]
    assert keep(here.friend, here.group, bytes(BLOB_STEP)).code == Code.FORBIDDEN
    assert bytes(Blob.objects.get().sealed) == sealed


def test_its_row_says_where_and_how_long_and_not_who(here: World, member: Person) -> None:
    keep(member, here.group, bytes(BLOB_STEP))
    assert {field.name for field in Blob._meta.fields} == {"id", "room", "blob", "size", "sealed", "expires_on"}
    row = Blob.objects.get()
    today = timezone.now().date()
    assert (row.size, row.expires_on) == (BLOB_STEP, today + timedelta(days=BLOB_DAYS + 1))


def test_in_a_cases_room_it_stays_for_as_long_as_one_can_appeal_also_for_the_suspended(here: World) -> None:
    suspended = here[Name.SUSPENDED]
    person = Account.objects.get(id=suspended.account)
    room = factories.settled_room("case", [suspended, here[Name.MODERATOR]], person=person)
    assert keep(suspended, room, bytes(BLOB_STEP)).status == 200
    assert fetch(suspended, room).status == 200
    assert fetch(here[Name.MODERATOR], room).status == 200
    assert fetch(here[Name.COORDINATOR], room).code == Code.NOT_FOUND
    assert Blob.objects.get().expires_on == timezone.now().date() + timedelta(days=CASE_BLOB_DAYS + 1)


def test_what_has_expired_is_gone_before_it_is_cleaned_away(here: World, member: Person) -> None:
    keep(member, here.group, bytes(BLOB_STEP))
    Blob.objects.update(expires_on=timezone.now().date() - timedelta(days=1))
    assert fetch(member, here.group).code == Code.NOT_FOUND


@pytest.mark.parametrize("size", [0, 1, BLOB_STEP - 1, BLOB_STEP + 1], ids=str)
def test_only_padded_sizes_are_kept(here: World, member: Person, size: int) -> None:
    assert keep(member, here.group, bytes(size)).code == Code.MALFORMED
    assert not Blob.objects.exists()


def test_the_greatest_is_kept_and_a_greater_one_refused(here: World, member: Person) -> None:
    assert keep(member, here.group, bytes(MAX_BLOB)).status == 200
    assert keep(member, here.group, bytes(MAX_BLOB + BLOB_STEP), os.urandom(16)).code == Code.TOO_LARGE


@pytest.mark.parametrize("name", ["", "x", "A" * 21, "A" * 23, "A" * 21 + "B", "A" * 21 + "+"], ids=repr)
def test_only_sixteen_bytes_in_their_one_spelling_are_a_name(here: World, member: Person, name: str) -> None:
    reply = ask(member, "PUT", f"/rooms/{here.group.id}/blobs/{name}", raw=bytes(BLOB_STEP))
    assert reply.code == (Code.MALFORMED if name else Code.NOT_FOUND)


def test_a_room_keeps_so_much_and_no_more(here: World, member: Person) -> None:
    keep(member, here.group, bytes(BLOB_STEP))
    Blob.objects.update(size=MAX_ROOM_BLOBS - BLOB_STEP)
    assert keep(member, here.group, bytes(2 * BLOB_STEP), os.urandom(16)).code == Code.TOO_MANY
    assert keep(member, here.group, bytes(BLOB_STEP), os.urandom(16)).status == 200
    assert keep(member, here.group, bytes(BLOB_STEP)).status == 200  # the first one once more


def test_whoever_is_muted_brings_nothing_and_still_sees(here: World, member: Person) -> None:
    keep(here.friend, here.group, bytes(BLOB_STEP))
    until = int(time() * 1000) + 60_000
    RoomMute.objects.create(room=here.group, account_id=member.account, until=until)
    refused = keep(member, here.group, bytes(BLOB_STEP), os.urandom(16))
    assert (refused.code, refused.body["error"]["until"]) == (Code.MUTED, until)
    assert fetch(member, here.group).status == 200


def test_nothing_is_kept_before_the_group_exists(here: World, member: Person) -> None:
    room = factories.settled_room("group", [member], epoch=0, head=0, group_info=None)
    assert keep(member, room, bytes(BLOB_STEP)).code == Code.ROOM_NOT_READY


def test_it_goes_with_its_room_and_with_the_account_that_was_alone_in_it(here: World, member: Person) -> None:
    alone = factories.settled_room("group", [member])
    keep(member, alone, bytes(BLOB_STEP))
    keep(member, here.group, bytes(BLOB_STEP))
    assert ask(member, "DELETE", "/me").status == 200
    assert [blob.room_id for blob in Blob.objects.all()] == [here.group.id]
    here.group.delete()
    assert not Blob.objects.exists()


def test_a_room_that_does_not_exist_is_not_found(member: Person) -> None:
    assert ask(member, "PUT", f"/rooms/{uuid4()}/blobs/{b64encode(BLOB)}", raw=bytes(BLOB_STEP)).code == Code.NOT_FOUND


@pytest.mark.usefixtures("stopped_clock")
def test_a_device_brings_so_many_and_no_more(here: World, member: Person) -> None:
    codes = [keep(member, here.group, bytes(BLOB_STEP)).status for _ in range(int(BLOB_KEEP.burst))]
    assert set(codes) == {200}
    assert keep(member, here.group, bytes(BLOB_STEP)).code == Code.RATE_LIMITED
    assert keep(here.friend, here.group, bytes(BLOB_STEP)).status == 200


def test_an_account_that_has_brought_enough_for_a_day_is_told_so_and_nobody_else_notices(
    here: World, member: Person, settings: Settings
) -> None:
    settings.ACCOUNT_DAILY_MB = 16
    rooms = [here.group, factories.settled_room("group", [member]), factories.settled_room("group", [member])]
    replies = [keep(member, room, bytes(MAX_BLOB), os.urandom(16)) for room in rooms for _ in range(2)]
    assert [reply.status for reply in replies] == [200, 200, 200, 507, 507, 507]
    assert replies[-1].code == Code.QUOTA
    assert 0 < replies[-1].body["error"]["retry_after_ms"] <= 86_400_000
    assert Blob.objects.count() == 3
    assert keep(here.friend, here.group, bytes(MAX_BLOB), os.urandom(16)).status == 200
    # What moderators are asked to look at is not kept back by it.
    case = factories.settled_room("case", [member, here[Name.MODERATOR]], person=Account.objects.get(id=member.account))
    assert keep(member, case, bytes(MAX_BLOB)).status == 200


def test_what_a_network_has_already_counts(here: World, member: Person, settings: Settings) -> None:
    settings.NETWORK_STORAGE_MB = 16
    rows = [
        Blob(room=here.group, blob=os.urandom(16), size=MAX_BLOB, sealed=b"", expires_on="2100-01-01") for _ in range(7)
    ]
    Blob.objects.bulk_create(rows)
    assert keep(member, here.group, bytes(BLOB_STEP), os.urandom(16)).status == 200
    assert keep(member, here.group, bytes(MAX_BLOB), os.urandom(16)).status == 507
