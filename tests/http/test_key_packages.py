"""Leaving key packages with the server, and claiming those of others."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from chat.api.fields import b64decode, b64encode
from chat.models import Account, Device, HandedOut, KeyPackage, Room, RoomDevice
from chat.protocol.errors import Code
from chat.protocol.limits import MAX_DEVICE_KEY_PACKAGES, MAX_ROOM_DEVICES
from tests import factories
from tests.actors import Name, World
from tests.factories import Person
from tests.http.api import Reply, post


@pytest.fixture
def member(here: World) -> Person:
    return here[Name.MEMBER]


@pytest.fixture
def fresh_group(here: World, member: Person) -> Room:
    """A private group with the member alone, who knows `friend` from another room."""
    return factories.settled_room("group", [member])


def upload(person: Person, packages: list[bytes], last_resort: bytes | None = None) -> Reply:
    body: dict[str, Any] = {"key_packages": [b64encode(package) for package in packages]}
    if last_resort is not None:
        body["last_resort"] = b64encode(last_resort)
    return post(person, "/me/key-packages", body)


def claim(person: Person, room: Room, *people: Person) -> Reply:
    return post(person, f"/rooms/{room.id}/claim", {"accounts": [str(one.account) for one in people]})


def payloads(reply: Reply) -> list[bytes]:
    return [b64decode(package["key_package"]) for package in reply.body["packages"]]


def test_an_upload_adds_up_and_repeats_without_effect(member: Person) -> None:
    packages = [member.key_package() for _ in range(3)]
    assert upload(member, packages).body == {"key_packages_left": 4}
    assert upload(member, packages).body == {"key_packages_left": 4}
    assert upload(member, [*packages, member.key_package()]).body == {"key_packages_left": 5}


def test_a_new_last_resort_replaces_the_old(member: Person) -> None:
    device = factories.device_of(member)
    before = KeyPackage.objects.get(device=device, last_resort=True)
    last_resort = member.key_package()
    assert upload(member, [], last_resort).body == {"key_packages_left": 1}
    after = KeyPackage.objects.get(device=device, last_resort=True)
    assert after.payload == last_resort
    assert after.pk != before.pk
    assert upload(member, [], last_resort).status == 200
    assert KeyPackage.objects.get(device=device, last_resort=True).pk == after.pk


def test_no_more_than_the_limit_are_kept(member: Person) -> None:
    device = factories.device_of(member)
    factories.keep_packages(member, device, MAX_DEVICE_KEY_PACKAGES - 2, last_resort=False)
    assert upload(member, [member.key_package()]).body == {"key_packages_left": MAX_DEVICE_KEY_PACKAGES}
    assert upload(member, [member.key_package()]).code == Code.TOO_MANY


def test_expired_packages_make_room_and_are_not_counted(member: Person) -> None:
    KeyPackage.objects.filter(device=factories.device_of(member)).update(not_after=timezone.now())
    assert upload(member, [member.key_package()]).body == {"key_packages_left": 1}


def test_somebody_elses_package_is_refused(here: World, member: Person) -> None:
    reply = upload(member, [member.key_package(), here.friend.key_package()])
    assert reply.code == Code.BAD_KEY_PACKAGE
    assert reply.body["error"]["detail"] == "identity_mismatch"
    assert KeyPackage.objects.filter(device=factories.device_of(member), last_resort=False).count() == 1


def test_each_package_is_handed_out_once_and_then_the_last_resort(
    here: World, member: Person, fresh_group: Room
) -> None:
    friend = factories.device_of(here.friend)
    single_use = KeyPackage.objects.get(device=friend, last_resort=False)
    last_resort = KeyPackage.objects.get(device=friend, last_resort=True)
    first = claim(member, fresh_group, here.friend)
    assert first.body["packages"] == [
        {
            "account": str(here.friend.account),
            "device": here.friend.device,
            "key_package": b64encode(single_use.payload),
            "identity_key": b64encode(here.friend.identity_key),
            "certificate": b64encode(here.friend.certificate),
        }
    ]
    assert first.body["missing"] == []
    for _ in range(2):
        assert payloads(claim(member, fresh_group, here.friend)) == [last_resort.payload]
    known = set(HandedOut.objects.filter(room=fresh_group).values_list("ref", flat=True))
    assert known == {single_use.ref, last_resort.ref}


def test_a_handed_out_package_cannot_be_uploaded_again(here: World, member: Person, fresh_group: Room) -> None:
    (payload,) = payloads(claim(member, fresh_group, here.friend))
    assert upload(here.friend, [payload]).body == {"key_packages_left": 0}
    assert upload(here.friend, [], payload).code == Code.BAD_KEY_PACKAGE


def test_a_device_without_packages_is_named_as_missing(here: World, member: Person, fresh_group: Room) -> None:
    tablet = factories.enrolled(here.friend.second_phone(), here.network)
    KeyPackage.objects.filter(device=factories.device_of(tablet)).delete()
    reply = claim(member, fresh_group, here.friend)
    assert [package["device"] for package in reply.body["packages"]] == [here.friend.device]
    assert reply.body["missing"] == [{"account": str(here.friend.account), "device": tablet.device}]


def test_packages_that_are_about_to_expire_are_not_handed_out(here: World, member: Person, fresh_group: Room) -> None:
    soon = timezone.now() + timedelta(minutes=10)
    KeyPackage.objects.filter(device=factories.device_of(here.friend)).update(not_after=soon)
    reply = claim(member, fresh_group, here.friend)
    assert reply.body["packages"] == []
    assert len(reply.body["missing"]) == 1


def test_devices_that_are_gone_or_in_the_room_are_passed_over(here: World, member: Person) -> None:
    tablet = factories.enrolled(here.friend.second_phone(), here.network)
    Device.objects.filter(token_hash=tablet.token_hash).update(revoked_at=timezone.now())
    assert claim(member, here.group, here.friend).body == {"packages": [], "missing": []}
    room = factories.settled_room("group", [member])
    Account.objects.filter(id=here.friend.account).update(suspended_at=timezone.now())
    assert claim(member, room, here.friend).body == {"packages": [], "missing": []}


def test_a_device_whose_removal_is_pending_gets_no_package_yet(here: World, member: Person) -> None:
    place = RoomDevice.objects.filter(room=here.group, device=factories.device_of(here.friend))
    place.update(removed_at=timezone.now(), removal_seq=2)
    RoomDevice.objects.create(room=here.open, device=factories.device_of(here.friend), leaf=2)
    assert claim(member, here.group, here.friend).body == {"packages": [], "missing": []}


def test_ones_own_other_device_can_be_claimed(here: World, member: Person, fresh_group: Room) -> None:
    tablet = factories.enrolled(member.second_phone(), here.network)
    assert [package["device"] for package in claim(member, fresh_group, member).body["packages"]] == [tablet.device]


def test_a_stranger_cannot_be_claimed_and_costs_nobody_a_package(
    here: World, member: Person, fresh_group: Room
) -> None:
    before = KeyPackage.objects.count()
    for stranger in (here[Name.OTHER_MEMBER], here[Name.OUTSIDER], Person()):
        assert claim(member, fresh_group, here.friend, stranger).code == Code.NOT_FOUND
    assert KeyPackage.objects.count() == before


def test_a_direct_room_takes_no_third_person(here: World, member: Person) -> None:
    direct = factories.settled_room("direct", [member, here.friend])
    assert claim(member, direct, here[Name.MODERATOR]).code == Code.FORBIDDEN
    assert claim(member, direct, here.friend, member).status == 200


def test_a_full_room_takes_nobody(here: World, member: Person, fresh_group: Room) -> None:
    crowd = Person()
    factories.enrolled(crowd, here.network, packages=0)
    account = Account.objects.get(id=crowd.account)
    devices = Device.objects.bulk_create(
        Device(account=account, hex=f"{number:016x}", signature_key=b"", certificate=b"", token_hash=b"%d" % number)
        for number in range(MAX_ROOM_DEVICES - 1)
    )
    RoomDevice.objects.bulk_create(RoomDevice(room=fresh_group, device=device) for device in devices)
    before = KeyPackage.objects.count()
    assert claim(member, fresh_group, here.friend).code == Code.ROOM_FULL
    assert KeyPackage.objects.count() == before


@pytest.mark.usefixtures("stopped_clock")
def test_claims_are_limited_for_each_device(here: World, member: Person, fresh_group: Room) -> None:
    body = {"accounts": [str(here.friend.account)] * 100}
    replies = [post(member, f"/rooms/{fresh_group.id}/claim", body) for _ in range(7)]
    assert replies[-1].code == Code.RATE_LIMITED
    assert replies[-1].body["error"]["retry_after_ms"] > 0
    assert claim(here.friend, here.group, here.friend).status == 200
