"""Who sees whom, and what one's own account is told."""

from uuid import UUID

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from chat.api.fields import b64decode
from chat.certificate import certificate_holds
from chat.models import Conduct, Network, RoomDevice
from chat.protocol.errors import Code
from tests import factories
from tests.actors import Name, World
from tests.factories import Person
from tests.http.api import ask, get, post


def test_a_shown_account_proves_its_devices(here: World) -> None:
    tablet = factories.enrolled(here.friend.second_phone(), here.network)
    shown = get(here[Name.MEMBER], f"/accounts/{here.friend.account}").body
    assert shown["role"] == "member"
    assert shown["shared_rooms"] == [str(here.group.id)]
    assert [device["device"] for device in shown["devices"]] == [here.friend.device, tablet.device]
    for device in shown["devices"]:
        assert certificate_holds(
            b64decode(shown["identity_key"]),
            UUID(shown["account"]),
            device["device"],
            b64decode(device["signature_key"]),
            b64decode(device["certificate"]),
        )


def test_everyone_sees_their_own_account(here: World) -> None:
    for name in (Name.MEMBER, Name.OTHER_MEMBER, Name.OUTSIDER, Name.MODERATOR):
        shown = get(here[name], f"/accounts/{here[name].account}")
        assert shown.body["account"] == str(here[name].account)


def test_whoever_left_the_shared_room_is_no_longer_seen(here: World) -> None:
    member = here[Name.MEMBER]
    RoomDevice.objects.filter(device=factories.device_of(here.friend)).update(removed_at=timezone.now())
    assert get(member, f"/accounts/{here.friend.account}").code == Code.NOT_FOUND
    assert get(here.friend, f"/accounts/{member.account}").code == Code.NOT_FOUND


def test_a_list_of_accounts_leaves_out_strangers_and_takes_few_queries(
    here: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    member = here[Name.MEMBER]
    crowd = [factories.enrolled(Person(), here.network) for _ in range(30)]
    factories.settled_room("group", [member, *crowd])
    strangers = [here[Name.OTHER_MEMBER], here[Name.OUTSIDER], Person()]
    asked = {"accounts": [str(person.account) for person in [*crowd, *strangers, member]]}
    with django_assert_num_queries(4):
        shown = post(member, "/accounts", asked).body["accounts"]
    assert {account["account"] for account in shown} == {str(person.account) for person in [*crowd, member]}


def test_agreeing_to_a_newer_code_of_conduct_is_remembered(here: World) -> None:
    member = here[Name.MEMBER]
    Conduct.objects.create(network=here.network, version=2, cards=[{"title": "New", "text": "Words"}])
    Network.objects.filter(pk=here.network.pk).update(conduct_version=2)
    card = {"title": "New", "text": "Words", "finding": None}
    assert get(member, "/me").body["conduct"] == {"version": 2, "cards": [card]}
    outdated = post(member, "/me/conduct", {"version": 1})
    assert outdated.code == Code.CONDUCT_OUTDATED
    assert outdated.body["error"]["version"] == 2
    assert get(member, "/me").body["conduct_version"] == 1
    assert post(member, "/me/conduct", {"version": 2}).body["conduct_version"] == 2
    assert get(member, "/me").body["conduct_version"] == 2


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer AAAA", "Basic AAAA", "Bearer é", "Bearer " + "A" * 5000]
)
def test_a_token_that_is_none_is_unauthenticated(here: World, header: str) -> None:
    assert ask(None, "GET", "/me", headers={"authorization": header}).code == Code.UNAUTHENTICATED


def test_a_revoked_device_is_nobody(here: World) -> None:
    device = factories.device_of(here[Name.MEMBER])
    device.revoked_at = timezone.now()
    device.save()
    assert get(here[Name.MEMBER], "/me").code == Code.UNAUTHENTICATED
