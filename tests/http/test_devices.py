"""A person's further devices: registered by the account's identity key, listed, revoked."""

import os
from datetime import timedelta
from time import time
from typing import Any

import pytest
from django.utils import timezone

from chat.actions.accounts import suspend_account
from chat.api.fields import b64encode
from chat.models import Account, Device, HandedOut, InboxItem, KeyPackage, Room, RoomDevice, WelcomeBlob
from chat.protocol.errors import Code
from chat.protocol.limits import MAX_ACCOUNT_DEVICES
from tests import factories
from tests.actors import Name, World
from tests.factories import Person
from tests.http.api import Reply, get, post


@pytest.fixture
def member(here: World) -> Person:
    return here[Name.MEMBER]


def register(person: Person, **changed: Any) -> Reply:
    return post(None, "/devices", person.registering(**changed))


def devices_of(person: Person) -> int:
    return Device.objects.filter(account=person.account).count()


def test_a_further_device_of_an_account_comes_with_its_own_token_and_key_packages(member: Person) -> None:
    tablet = member.second_phone()
    reply = register(tablet)
    assert reply.status == 200
    assert reply.body["account"] == str(member.account)
    assert reply.body["device"] == tablet.device
    assert reply.body["devices"] == 2
    assert reply.body["key_packages_left"] == 1
    assert get(tablet, "/me").body == reply.body
    listed = {found["device"] for found in get(member, f"/accounts/{member.account}").body["devices"]}
    assert listed == {member.device, tablet.device}


def test_a_repeated_registration_gives_the_same_device(member: Person) -> None:
    body = member.second_phone().registering()
    first, second = post(None, "/devices", body), post(None, "/devices", body)
    assert first.status == 200
    assert second == first
    assert devices_of(member) == 2


def test_a_repetition_after_the_tenth_device_is_no_eleventh(here: World, member: Person) -> None:
    phones = [member.second_phone() for _ in range(MAX_ACCOUNT_DEVICES)]
    assert [register(phone).status for phone in phones[:-1]] == [200] * (MAX_ACCOUNT_DEVICES - 1)
    assert register(phones[-1]).code == Code.TOO_MANY
    assert register(phones[-2]).status == 200
    assert post(member, f"/me/devices/{phones[0].device}/revoke", {}).status == 200
    assert register(phones[-1]).status == 200


def test_without_the_accounts_identity_key_nobody_registers_and_nobody_learns_who_exists(
    here: World, member: Person
) -> None:
    impostor = Person(account=member.account)
    stranger = Person()
    now = int(time() * 1000)
    other = member.second_phone()
    good = other.registering()
    tries = [
        impostor.registering(),
        stranger.registering(),
        good | {"proof": b64encode(bytes(64))},
        good | {"device": member.second_phone().device},
        good | {"token_hash": b64encode(bytes(32))},
        good | {"proof_time": good["proof_time"] + 1},
        other.registering(at=now - 601_000),
        other.registering(at=now + 601_000),
        other.registering(at=2**63 - 1),
    ]
    replies = [post(None, "/devices", body) for body in tries]
    assert {reply.code for reply in replies} == {Code.UNAUTHENTICATED}
    assert len({str(reply.body) for reply in replies}) == 1
    assert devices_of(member) == 1
    assert register(other, at=now - 590_000).status == 200


def test_certificate_and_key_packages_must_be_the_devices_own(member: Person) -> None:
    tablet, other = member.second_phone(), member.second_phone()
    assert register(tablet, certificate=b64encode(other.certificate)).code == Code.BAD_CERTIFICATE
    assert register(tablet, last_resort=b64encode(other.key_package())).code == Code.BAD_KEY_PACKAGE
    assert devices_of(member) == 1


def test_a_device_id_or_token_that_is_taken_is_refused(here: World, member: Person) -> None:
    same_id = Person(member.account, member.identity, member.device)
    assert register(same_id).code == Code.ACCOUNT_EXISTS
    same_token = Person(member.account, member.identity, token=here.friend.token)
    assert register(same_token).code == Code.ACCOUNT_EXISTS
    assert devices_of(member) == 1


def test_a_suspended_account_gets_no_further_device(here: World, member: Person) -> None:
    suspend_account(Account.objects.get(id=member.account))
    assert register(member.second_phone()).code == Code.SUSPENDED
    # Whoever does not hold its key does not learn that either.
    assert register(Person(account=member.account)).code == Code.UNAUTHENTICATED


def test_the_list_of_devices_has_days_and_no_times(member: Person) -> None:
    tablet = member.second_phone()
    register(tablet)
    today = timezone.now().date().isoformat()
    assert get(tablet, "/me/devices").body["devices"] == [
        {"device": member.device, "current": False, "created_on": today, "last_seen_on": None},
        {"device": tablet.device, "current": True, "created_on": today, "last_seen_on": None},
    ]


def test_a_revoked_device_is_cut_off_and_leaves_nothing_waiting(here: World, member: Person) -> None:
    tablet = factories.enrolled(member.second_phone(), here.network, packages=3)
    device = factories.device_of(tablet)
    place = RoomDevice.objects.create(room=here.group, device=device, leaf=7, joined_seq=1)
    blob = WelcomeBlob.objects.create(payload=b"welcome")
    InboxItem.objects.create(device=device, seq=1, room=here.group, entry_seq=1, welcome=blob)
    HandedOut.objects.create(ref=bytes(32), device=device, room=here.group, expires_at=timezone.now())

    assert post(member, f"/me/devices/{tablet.device}/revoke", {}).status == 200
    assert get(tablet, "/me").code == Code.UNAUTHENTICATED
    assert get(member, "/me").status == 200
    for left in (
        KeyPackage.objects.filter(device=device),
        InboxItem.objects.filter(device=device),
        HandedOut.objects.filter(device=device),
        WelcomeBlob.objects.filter(pk=blob.pk),
        RoomDevice.objects.filter(pk=place.pk, removed_at=None),
    ):
        assert not left.exists()
    assert [found["device"] for found in get(member, "/me/devices").body["devices"]] == [member.device]
    again = post(member, f"/me/devices/{tablet.device}/revoke", {})
    assert (again.status, again.body) == (200, {})


def test_revoking_the_device_in_hand_signs_it_out(member: Person) -> None:
    tablet = member.second_phone()
    register(tablet)
    assert post(tablet, f"/me/devices/{tablet.device}/revoke", {}).status == 200
    assert get(tablet, "/me").code == Code.UNAUTHENTICATED
    # Its very registration, sent once more, does not bring it back.
    assert register(tablet).code == Code.ACCOUNT_EXISTS


def test_nobody_revokes_the_device_of_another_account(here: World, member: Person) -> None:
    for device in (here.friend.device, os.urandom(8).hex()):
        assert post(member, f"/me/devices/{device}/revoke", {}).code == Code.NOT_FOUND
    assert post(member, "/me/devices/NOT-HEX/revoke", {}).code == Code.MALFORMED
    assert get(here.friend, "/me").status == 200


def test_a_new_device_is_shown_the_rooms_of_the_others(here: World, member: Person) -> None:
    tablet = factories.enrolled(member.second_phone(), here.network)
    shown = get(tablet, "/rooms").body
    assert shown["rooms"] == []
    assert sorted(shown["elsewhere"], key=lambda room: room["kind"]) == [
        {"id": str(here.group.id), "kind": "group"},
        {"id": str(here.open.id), "kind": "open", "title": here.open.title},
    ]
    # What one is in already is not offered for joining.
    assert shown["open"] == []
    assert get(tablet, f"/rooms/{here.group.id}").status == 200
    assert post(tablet, f"/rooms/{here.group.id}/group-info", {}).status == 200
    assert get(member, "/rooms").body["elsewhere"] == []


def test_a_room_that_is_being_left_or_was_never_founded_is_not_elsewhere(here: World, member: Person) -> None:
    tablet = factories.enrolled(member.second_phone(), here.network)
    RoomDevice.objects.filter(room=here.group, device__account=member.account).update(removed_at=timezone.now())
    Room.objects.filter(id=here.open.id).update(epoch=0)
    assert get(tablet, "/rooms").body["elsewhere"] == []


def test_an_account_has_one_self_room_for_its_own_devices_alone(here: World, member: Person) -> None:
    tablet = factories.enrolled(member.second_phone(), here.network)
    made = post(member, "/rooms", {"id": "6f2f8f7e-0000-4000-8000-000000000001", "kind": "self"})
    assert (made.status, made.body["kind"]) == (200, "self")
    again = post(tablet, "/rooms", {"id": "6f2f8f7e-0000-4000-8000-000000000002", "kind": "self"})
    assert again.code == Code.DIRECT_EXISTS
    assert again.body["error"]["room"] == made.body["id"]
    claim = f"/rooms/{made.body['id']}/claim"
    assert post(member, claim, {"accounts": [str(here.friend.account)]}).code == Code.FORBIDDEN
    (package,) = post(member, claim, {"accounts": [str(member.account)]}).body["packages"]
    assert package["device"] == tablet.device
    # It is no room of anyone else's.
    assert post(here.friend, f"/rooms/{made.body['id']}/group-info", {}).code == Code.NOT_FOUND


def test_a_self_room_that_was_never_founded_is_given_up_after_a_minute(here: World, member: Person) -> None:
    tablet = factories.enrolled(member.second_phone(), here.network)
    first = post(member, "/rooms", {"id": "6f2f8f7e-0000-4000-8000-000000000001", "kind": "self"}).body["id"]
    second = {"id": "6f2f8f7e-0000-4000-8000-000000000002", "kind": "self"}
    assert post(tablet, "/rooms", second).code == Code.DIRECT_EXISTS
    Room.objects.filter(id=first).update(created_at=timezone.now() - timedelta(minutes=2))
    assert post(tablet, "/rooms", second).status == 200


def test_the_self_room_stays_the_one_when_a_device_goes(here: World, member: Person) -> None:
    tablet = factories.enrolled(member.second_phone(), here.network)
    room = factories.settled_room("self", [member, tablet], direct_pair="ab" * 32)
    assert post(member, f"/me/devices/{tablet.device}/revoke", {}).status == 200
    room.refresh_from_db()
    assert room.direct_pair == "ab" * 32
