"""What a device may say about being woken, and what becomes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from chat.api.fields import b64encode
from chat.api.rates import rates
from chat.models import PushMute, PushPresence, PushProcess, PushSubscription, PushWake
from chat.protocol.errors import Code
from chat.push import upkeep
from chat.push.channels import vapid_public_key
from chat.push.sealing import Unsealable, unseal
from tests.actors import Name, World, world
from tests.factories import Person, device_of
from tests.http.api import Reply, ask, get
from tests.http.endpoints import GENERATOR
from tests.push.rows import connect, wake, with_rhythm

ENDPOINT = "https://updates.push.example.org/wpush/v2/gAAAAABm"
TOKEN = "dQw4w9WgXcQ:APA91bHun4MxP5egoKMwt2KZFBaFUH-1RYqx"


@pytest.fixture
def here(db: None) -> World:
    rates.forget()
    return world()


def target(**changed: Any) -> dict[str, Any]:
    key, auth = b64encode(bytes.fromhex(GENERATOR)), b64encode(bytes(range(16)))
    return {"channel": "webpush", "endpoint": ENDPOINT, "p256dh": key, "auth": auth} | changed


def put(person: Person, **body: Any) -> Reply:
    return ask(person, "PUT", "/me/push", {"target": target()} | body)


def subscription(person: Person) -> PushSubscription:
    return PushSubscription.objects.get(device=device_of(person))


def test_the_settings_page_learns_what_this_server_can_do(here: World, settings: Settings) -> None:
    member = here[Name.MEMBER]
    assert get(member, "/push").body == {
        "webpush": True, "fcm": True, "vapid_public_key": b64encode(vapid_public_key()),
    }  # fmt: skip
    settings.VAPID_SUBJECT = settings.FCM_SERVICE_ACCOUNT = ""
    assert get(member, "/push").body == {"webpush": False, "fcm": False, "vapid_public_key": None}
    assert put(member).code is Code.PUSH_OFF
    assert get(None, "//readyz").body["push"] == {"webpush": False, "fcm": False}
    assert get(None, "//readyz").status == 200


def test_a_device_says_how_it_may_be_woken_and_sees_it_without_its_endpoint(here: World) -> None:
    member = here[Name.MEMBER]
    quiet = {"start": 1320, "end": 420, "offset": -300}
    reply = put(member, quiet=quiet, delay_ms=0, muted=[str(here.group.id)])
    expected = {"channel": "webpush", "quiet": quiet, "delay_ms": 0, "muted": [str(here.group.id)]}
    assert (reply.status, reply.body) == (200, expected)
    assert get(member, "/me/push").body == expected
    assert get(here.friend, "/me/push").body["channel"] is None


def test_saying_it_again_replaces_everything(here: World) -> None:
    member = here[Name.MEMBER]
    put(member, quiet={"start": 0, "end": 60, "offset": 0}, muted=[str(here.group.id)])
    reply = put(member, target={"channel": "fcm", "token": TOKEN})
    assert reply.body == {"channel": "fcm", "quiet": None, "delay_ms": 20_000, "muted": []}
    row = subscription(member)
    assert unseal(row.pk, row.sealed).token == TOKEN
    assert PushSubscription.objects.count() == 1


def test_the_endpoint_is_sealed_for_this_device_under_a_key_outside_the_database(
    here: World, settings: Settings
) -> None:
    member, friend = here[Name.MEMBER], here.friend
    put(member)
    put(friend, target={"channel": "fcm", "token": TOKEN})
    one, other = subscription(member), subscription(friend)
    assert unseal(one.pk, one.sealed).endpoint == ENDPOINT
    assert len(one.sealed) == len(other.sealed)
    for stored in (one.sealed, other.sealed):
        assert b"push.example" not in stored
        assert TOKEN.encode() not in stored
    with pytest.raises(Unsealable):
        unseal(other.pk, one.sealed)
    settings.PUSH_KEY = bytes(32)
    with pytest.raises(Unsealable):
        unseal(one.pk, one.sealed)


def test_a_room_that_one_is_not_in_is_not_remembered(here: World) -> None:
    outsider = here[Name.OUTSIDER]
    assert put(outsider, muted=[str(here.group.id)]).body["muted"] == []
    assert not PushMute.objects.exists()


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.org/1",
        "https://127.0.0.1/1",
        "https://10.0.0.8/1",
        "https://192.168.1.1/1",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/1",
        "https://0.0.0.0/1",
        "https://224.0.0.1/1",
        "https://[::1]/1",
        "https://[::ffff:127.0.0.1]/1",
        "https://[::ffff:10.0.0.8]/1",
        "https://[2002:7f00:1::]/1",
        "https://[64:ff9b::7f00:1]/1",
        "https://[fe80::1]/1",
        "https://[fc00::1]/1",
        "https://localhost/1",
        "https://db.internal/1",
        "https://printer.local/1",
        "https://intranet/1",
        "https://127.1/1",
        "https://0x7f.1/1",
        "https://2130706433/1",
        "https://user:secret@push.example.org/1",
        "https://push.example.org/1#fragment",
        "https://push.example.org/ 1",
        "https://push.example.org:port/1",
        "https://[::1/1",
        "ftp://push.example.org/1",
        "https://",
        "push.example.org",
        "https://push.example.org/" + "x" * 2048,
        "https://push.example.org/é",
        "",
    ],
)
def test_an_endpoint_that_is_not_https_on_the_public_internet_is_refused(here: World, endpoint: str) -> None:
    reply = put(here[Name.MEMBER], target=target(endpoint=endpoint))
    assert reply.code is Code.MALFORMED
    assert not PushSubscription.objects.exists()
    assert endpoint[8:] not in str(reply.body["error"]["detail"]) or not endpoint[8:]


def test_the_operators_own_push_service_may_be_anywhere(here: World, settings: Settings) -> None:
    settings.PUSH_TRUSTED_ORIGINS = ["http://127.0.0.1:9000"]
    assert put(here[Name.MEMBER], target=target(endpoint="http://127.0.0.1:9000/1")).status == 200
    assert put(here[Name.MEMBER], target=target(endpoint="http://127.0.0.1:9001/1")).code is Code.MALFORMED
    assert put(here[Name.MEMBER], target=target(endpoint="http://127.0.0.1:9000@evil/1")).code is Code.MALFORMED


@pytest.mark.parametrize(
    "body",
    [
        {"target": target(p256dh=b64encode(bytes(65)))},
        {"target": target(p256dh=b64encode(bytes.fromhex(GENERATOR)[:64]))},
        {"target": target(auth=b64encode(bytes(15)))},
        {"target": target(token=TOKEN)},
        {"target": {"channel": "apns", "token": TOKEN}},
        {"target": {"channel": "fcm", "token": "a b" * 10}},
        {"target": {"channel": "fcm", "token": "x" * 1025}},
        {"quiet": {"start": 60, "end": 60, "offset": 0}},
        {"quiet": {"start": 0, "end": 1440, "offset": 0}},
        {"quiet": {"start": 0, "end": 60, "offset": 841}},
        {"delay_ms": 3_600_001},
        {"delay_ms": -1},
        {"muted": ["00000000-0000-0000-0000-000000000000"] * 201},
        {"name": "Asha"},
    ],
)
def test_anything_else_is_malformed(here: World, body: dict[str, Any]) -> None:
    assert put(here[Name.MEMBER], **body).code is Code.MALFORMED
    assert not PushSubscription.objects.exists()


def test_forgetting_leaves_no_row_behind(here: World) -> None:
    member = here[Name.MEMBER]
    put(member, muted=[str(here.group.id)])
    row = subscription(member)
    wake(row.pk, due_at=0).save(force_insert=True)
    process = PushProcess.objects.create(id="here", beat_at=0)
    connect(row.pk, process)
    for _ in range(2):
        assert ask(member, "DELETE", "/me/push").body == {}
        for table in (PushSubscription, PushMute, PushWake, PushPresence):
            assert not table.objects.exists()


@pytest.mark.parametrize("going", ["revoked", "deleted"])
def test_a_device_that_goes_takes_its_subscription_with_it(here: World, going: str) -> None:
    member = here[Name.MEMBER]
    put(member, muted=[str(here.group.id)])
    if going == "revoked":  # noqa: SIM108 (two requests)
        reply = ask(member, "POST", f"/me/devices/{member.device}/revoke", {})
    else:
        reply = ask(member, "DELETE", "/me")
    assert reply.status == 200, reply.body
    assert not PushSubscription.objects.exists()
    assert not PushMute.objects.exists()


def test_a_subscription_goes_when_its_device_is_revoked_or_silent_for_sixty_days(here: World) -> None:
    revoked, silent, kept = here[Name.MEMBER], here[Name.MODERATOR], here.friend
    for person in (revoked, silent, kept):
        put(person)
    today = timezone.now().date()
    device = device_of(revoked)
    device.revoked_at = timezone.now()
    device.save()
    for person, days in ((silent, 61), (kept, 60)):
        with_rhythm(device_of(person).pk, heard_on=today - timedelta(days=days))
    upkeep.tidy()
    assert list(PushSubscription.objects.all()) == [subscription(kept)]


def test_a_device_cannot_make_the_server_knock_at_ever_new_doors(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chat.api.rates.monotonic", lambda: 1000.0)
    rates.forget()
    member = here[Name.MEMBER]
    replies = [put(member) for _ in range(21)]
    assert [reply.status for reply in replies[:20]] == [200] * 20
    assert replies[20].code is Code.RATE_LIMITED
    rates.forget()
