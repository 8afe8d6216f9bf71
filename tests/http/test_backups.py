"""The sealed backup: kept for whoever has its words, and for nobody else."""

import hashlib
import os

import pytest
from django.test import Client
from django.utils import timezone

from chat.api.fields import b64encode
from chat.api.rates import BACKUP_FETCH, BACKUP_SAVE, rates
from chat.models import Account, Backup
from chat.protocol.errors import Code
from chat.protocol.limits import BACKUP_STEP, MAX_BACKUP
from tests import factories
from tests.actors import Name, World
from tests.factories import Person
from tests.http.api import Reply, ask, get, post

LOCATOR = bytes(range(32))
HASH = hashlib.sha256(LOCATOR).digest()


@pytest.fixture
def member(here: World) -> Person:
    return here[Name.MEMBER]


def save(person: Person, sealed: bytes, locator_hash: bytes = HASH, method: str = "POST") -> Reply:
    return ask(person, method, "/me/backup", raw=locator_hash + sealed)


def fetch(locator: bytes = LOCATOR) -> Reply:
    return post(None, "/backups/fetch", {"locator": b64encode(locator)})


def test_whoever_knows_the_locator_gets_exactly_what_was_sealed(member: Person) -> None:
    sealed = os.urandom(3 * BACKUP_STEP)
    assert save(member, sealed).body == {}
    reply = fetch()
    assert (reply.status, reply.body) == (200, sealed)
    assert reply.headers["Content-Type"] == "application/octet-stream"
    assert reply.headers["Cache-Control"] == "no-store"


def test_the_locators_hash_is_no_locator(member: Person) -> None:
    save(member, bytes(BACKUP_STEP))
    assert fetch(HASH).code == Code.NOT_FOUND


def test_the_owner_sees_that_there_is_one_its_size_and_its_day(member: Person) -> None:
    assert get(member, "/me/backup").body == {}
    save(member, bytes(2 * BACKUP_STEP))
    today = timezone.now().date().isoformat()
    assert get(member, "/me/backup").body == {
        "backup": {"locator_hash": b64encode(HASH), "size": 2 * BACKUP_STEP, "saved_on": today}
    }


def test_new_words_replace_the_old_ones(member: Person) -> None:
    save(member, b"o" * BACKUP_STEP)
    new = os.urandom(32)
    assert save(member, b"n" * BACKUP_STEP, hashlib.sha256(new).digest()).status == 200
    assert fetch().code == Code.NOT_FOUND
    assert fetch(new).body == b"n" * BACKUP_STEP
    assert Backup.objects.filter(account=member.account).count() == 1


def test_a_device_with_replaced_words_cannot_bring_the_old_backup_back(member: Person) -> None:
    assert save(member, b"o" * BACKUP_STEP, method="PUT").code == Code.NOT_FOUND
    save(member, b"o" * BACKUP_STEP)
    assert save(member, b"p" * BACKUP_STEP, method="PUT").status == 200
    assert fetch().body == b"p" * BACKUP_STEP
    save(member, b"n" * BACKUP_STEP, os.urandom(32))
    assert save(member, b"o" * BACKUP_STEP, method="PUT").code == Code.NOT_FOUND
    assert bytes(Backup.objects.get(account=member.account).sealed) == b"n" * BACKUP_STEP


def test_nobody_touches_anothers_backup(here: World, member: Person) -> None:
    save(member, b"m" * BACKUP_STEP)
    for name in (Name.OTHER_MEMBER, Name.COORDINATOR, Name.OUTSIDER):
        assert save(here[name], b"x" * BACKUP_STEP, method="PUT").code == Code.NOT_FOUND
        assert save(here[name], b"x" * BACKUP_STEP).code == Code.MALFORMED
        assert ask(here[name], "DELETE", "/me/backup").status == 200
    assert fetch().body == b"m" * BACKUP_STEP


def test_a_backup_that_was_forgotten_is_gone(member: Person) -> None:
    save(member, bytes(BACKUP_STEP))
    for _ in range(2):
        assert ask(member, "DELETE", "/me/backup").body == {}
    assert fetch().code == Code.NOT_FOUND
    assert not Backup.objects.exists()


def test_a_suspended_person_is_told_so_and_not_that_the_words_are_wrong(member: Person) -> None:
    save(member, bytes(BACKUP_STEP))
    Account.objects.filter(id=member.account).update(suspended_at=timezone.now())
    assert fetch().code == Code.SUSPENDED


@pytest.mark.parametrize("size", [0, 1, BACKUP_STEP - 1, BACKUP_STEP + 1], ids=str)
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_only_padded_sizes_are_kept(member: Person, size: int, method: str) -> None:
    kept = factories.backup(member, LOCATOR)
    assert save(member, bytes(size), method=method).code == Code.MALFORMED
    assert bytes(Backup.objects.get().sealed) == bytes(kept.sealed)


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_the_greatest_backup_is_kept_and_a_greater_one_refused(member: Person, method: str) -> None:
    factories.backup(member, LOCATOR)
    assert save(member, bytes(MAX_BACKUP), method=method).status == 200
    assert save(member, bytes(MAX_BACKUP + BACKUP_STEP), method=method).code == Code.TOO_LARGE
    assert len(Backup.objects.get().sealed) == MAX_BACKUP


def test_a_body_that_is_cut_short_is_refused(member: Person) -> None:
    assert ask(member, "POST", "/me/backup", raw=b"").code == Code.MALFORMED
    assert ask(member, "POST", "/me/backup", raw=HASH[:31]).code == Code.MALFORMED


@pytest.mark.usefixtures("stopped_clock")
def test_guessing_at_locators_ends_after_a_few_tries_without_keeping_an_address(member: Person) -> None:
    save(member, bytes(BACKUP_STEP))
    codes = [fetch(os.urandom(32)).code for _ in range(int(BACKUP_FETCH.burst))]
    assert set(codes) == {Code.NOT_FOUND}
    limited = fetch()
    assert limited.code == Code.RATE_LIMITED
    assert 0 < limited.body["error"]["retry_after_ms"] <= 60_001
    body = {"locator": b64encode(os.urandom(32))}
    Client().post("/api/v1/backups/fetch", body, content_type="application/json", REMOTE_ADDR="203.0.113.77")
    assert "203.0.113" not in repr(vars(rates))


@pytest.mark.usefixtures("stopped_clock")
def test_a_device_saves_so_often_and_no_more(here: World, member: Person) -> None:
    codes = [save(member, bytes(BACKUP_STEP)).status for _ in range(int(BACKUP_SAVE.burst))]
    assert set(codes) == {200}
    assert save(member, bytes(BACKUP_STEP)).code == Code.RATE_LIMITED
    assert save(here.friend, bytes(BACKUP_STEP), os.urandom(32)).status == 200
