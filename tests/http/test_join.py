"""Joining a network by an invite."""

import os
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model
from django.utils import timezone

from chat.actions.invites import revoke_invite
from chat.api.fields import b64encode
from chat.links import InviteSecret
from chat.models import Account, Device, Invite, KeyPackage, Network
from chat.protocol.errors import Code
from tests import factories
from tests.factories import Person
from tests.http.api import get, post

pytestmark = pytest.mark.django_db


@pytest.fixture
def harbour(db: None) -> Network:
    return factories.network("Harbour")


def join(person: Person, secret: InviteSecret, **changed: Any) -> Any:
    return post(None, "/join", person.joining(secret, **changed))


def counts() -> dict[str, int]:
    kinds: tuple[type[Model], ...] = (Account, Device, KeyPackage)
    return {kind.__name__: kind._default_manager.count() for kind in kinds}


def test_a_newcomer_becomes_a_member_with_key_packages(harbour: Network) -> None:
    secret, _ = factories.invite(harbour)
    person = Person()
    reply = join(person, secret, packages=3)
    assert reply.status == 200
    assert reply.body["account"] == str(person.account)
    assert reply.body["device"] == person.device
    assert reply.body["role"] == "member"
    assert reply.body["suspended"] is False
    assert reply.body["network"] == {"id": str(harbour.id), "title": "Harbour", "languages": [], "contacts": []}
    assert reply.body["key_packages_left"] == 3
    assert len(reply.body["conduct"]["cards"]) == 5
    assert get(person, "/me").body == reply.body


def test_the_invite_says_what_it_opens(harbour: Network) -> None:
    secret, invite = factories.invite(harbour, role="moderator")
    reply = post(None, "/invites/check", {"secret": b64encode(secret.value)})
    assert reply.status == 200
    assert reply.body["network"]["title"] == "Harbour"
    assert reply.body["role"] == "moderator"
    assert reply.body["expires_at"] == int(invite.expires_at.timestamp() * 1000)
    assert {*reply.body["conduct"]["cards"][0]} == {"title", "text", "finding"}
    assert join(Person(), secret).body["role"] == "moderator"


def test_a_repeated_join_gives_the_same_answer_and_uses_the_invite_once(harbour: Network) -> None:
    secret, invite = factories.invite(harbour, uses=2)
    person = Person()
    body = person.joining(secret)
    first, second = post(None, "/join", body), post(None, "/join", body)
    assert first.status == 200
    assert second == first
    invite.refresh_from_db()
    assert invite.used == 1
    assert counts() == {"Account": 1, "Device": 1, "KeyPackage": 3}


def test_a_lost_answer_is_given_again_after_the_invite_was_used_up(harbour: Network) -> None:
    secret, invite = factories.invite(harbour)
    body = Person().joining(secret)
    first = post(None, "/join", body)
    Invite.objects.filter(pk=invite.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert post(None, "/join", body) == first


@pytest.mark.parametrize("ending", [Code.INVITE_USED, Code.INVITE_EXPIRED, Code.INVITE_REVOKED, Code.INVITE_UNKNOWN])
def test_an_invite_that_opens_nothing_says_why(harbour: Network, ending: Code) -> None:
    secret, invite = factories.invite(harbour)
    if ending == Code.INVITE_USED:
        assert join(Person(), secret).status == 200
    if ending == Code.INVITE_EXPIRED:
        Invite.objects.filter(pk=invite.pk).update(expires_at=timezone.now())
    if ending == Code.INVITE_REVOKED:
        revoke_invite(invite)
    if ending == Code.INVITE_UNKNOWN:
        secret = InviteSecret()
    before = counts()
    for reply in (post(None, "/invites/check", {"secret": b64encode(secret.value)}), join(Person(), secret)):
        assert reply.code == ending
        assert reply.body["error"]["message"]
    assert counts() == before


def test_an_old_code_of_conduct_is_answered_with_the_current_version(harbour: Network) -> None:
    secret, invite = factories.invite(harbour)
    Network.objects.filter(pk=harbour.pk).update(conduct_version=7)
    reply = join(Person(), secret)
    assert reply.code == Code.CONDUCT_OUTDATED
    assert reply.body["error"]["version"] == 7
    invite.refresh_from_db()
    assert invite.used == 0


def test_a_certificate_must_be_the_identity_keys_own(harbour: Network) -> None:
    secret, _ = factories.invite(harbour)
    person, other = Person(), Person()
    for certificate in (other.certificate, person.second_phone().certificate, os.urandom(64), bytes(64)):
        assert join(person, secret, certificate=b64encode(certificate)).code == Code.BAD_CERTIFICATE
    assert join(person, secret, identity_key=b64encode(bytes(32))).code == Code.BAD_CERTIFICATE
    assert counts() == {"Account": 0, "Device": 0, "KeyPackage": 0}


def test_key_packages_must_be_the_devices_own(harbour: Network) -> None:
    secret, invite = factories.invite(harbour)
    person, other = Person(), Person()
    own = person.key_package()
    wrong = [
        [other.key_package()],
        [person.second_phone().key_package()],
        [own, own],
        [own[:-1] + bytes([own[-1] ^ 1])],
        [own + b"\x00"],
        [b"\x00"],
        [person.key_package(days=-1)],
        [person.key_package(days=400)],
    ]
    for packages in wrong:
        texts = [b64encode(package) for package in packages]
        reply = join(person, secret, key_packages=texts)
        assert reply.code == Code.BAD_KEY_PACKAGE
        assert reply.body["error"]["detail"]
        assert join(person, secret, last_resort=texts[-1], key_packages=texts[:1]).code == Code.BAD_KEY_PACKAGE
    invite.refresh_from_db()
    assert invite.used == 0
    assert counts() == {"Account": 0, "Device": 0, "KeyPackage": 0}


def test_an_account_id_cannot_be_taken_twice(harbour: Network) -> None:
    secret, invite = factories.invite(harbour, uses=5)
    person = Person()
    assert join(person, secret).status == 200
    assert join(person.second_phone(), secret).code == Code.ACCOUNT_EXISTS
    impostor = Person(account=person.account)
    assert join(impostor, secret).code == Code.ACCOUNT_EXISTS
    same_token = Person(token=person.token)
    assert join(same_token, secret).code == Code.ACCOUNT_EXISTS
    invite.refresh_from_db()
    assert invite.used == 1


def test_another_invite_does_not_give_somebody_elses_join_again(harbour: Network) -> None:
    first, _ = factories.invite(harbour)
    second, _ = factories.invite(harbour)
    person = Person()
    body = person.joining(first)
    assert post(None, "/join", body).status == 200
    assert post(None, "/join", body | {"secret": b64encode(second.value)}).code == Code.ACCOUNT_EXISTS


def test_nobody_without_an_invite_learns_which_accounts_exist(harbour: Network) -> None:
    secret, _ = factories.invite(harbour)
    person = Person()
    join(person, secret)
    assert join(Person(account=person.account), InviteSecret()).code == Code.INVITE_UNKNOWN


def test_only_hashes_of_secrets_are_kept(harbour: Network) -> None:
    secret, invite = factories.invite(harbour)
    person = Person()
    join(person, secret)
    device = factories.device_of(person)
    assert secret.value not in invite.secret_hash
    assert device.token_hash == person.token_hash
    assert person.token not in device.token_hash
