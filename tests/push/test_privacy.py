"""P15 and P16: whoever reads everything that push sends, logs and stores learns nothing about people, rooms or text."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from django.apps import apps

from chat.models import Entry, PushSubscription
from tests.delivery.harness import ROOT, Server, Store, in_db
from tests.factories import Person, device_of
from tests.push.harness import Scene, scene
from tests.push.services import FcmService, PushService

pytestmark = pytest.mark.privacy

#: Push is on, but nobody has to be woken yet.
ON_BUT_IDLE = {"VAPID_SUBJECT": "mailto:push@kindred.example", "PUSH_WORKER_INSIDE": "0"}


def canaries(here: Scene) -> dict[str, list[bytes]]:
    """What must not be found, in every form in which it could be written."""
    people = [here.sender, *here.sleepers]
    ids = [uuid for person in people for uuid in (str(person.account), person.account.hex)]
    ids += [person.device for person in people] + [str(here.room.id), here.room.id.hex, str(here.room.network_id)]
    payloads = list(Entry.objects.filter(room=here.room).values_list("payload", flat=True))
    return {
        "ids": [text.encode() for text in ids],
        "raw ids": [person.account.bytes for person in people] + [here.room.id.bytes],
        "ciphertext": [bytes(payload)[40:72] for payload in payloads],
        "endpoints": [name.encode() for name in here.names.values()],
    }


@pytest.mark.parametrize("channel", ["webpush", "fcm"])
async def test_p15_what_is_sent_and_logged_names_nobody_and_nothing(
    store: Store, pushing: Server, push: PushService, fcm: FcmService, channel: str
) -> None:
    async with scene(pushing, push, fcm, sleepers=2) as here:
        for person in here.sleepers:
            await here.subscribe(person, channel)
        bad, good = here.sleepers
        service = push if channel == "webpush" else fcm
        # Failures are where things slip into logs.
        service.plan(here.names[bad.account], {"status": 500}, {"cut": True}, {"status": 400})
        await here.say(3)
        await here.woken(good)
        await here.woken(bad)
        await here.nothing_waits()
        found = await in_db(canaries, here)
        sent = json.dumps([_without_address(message) for person in here.sleepers for message in here.received(person)])
        logs = b"".join(file.read_bytes() for file in store.folder.glob("*.log"))
    assert b"a push ended as" in logs
    for kind, values in found.items():
        for value in values:
            assert value not in sent.encode(), kind
            assert value not in logs, kind


def _without_address(message: dict[str, Any]) -> dict[str, Any]:
    """The recipient's own address is what a push service goes by; all the rest is looked at."""
    return {name: value for name, value in message.items() if name != "id"}


async def test_p16_no_stored_row_holds_an_endpoint_or_token_in_the_clear(
    store: Store, pushing: Server, push: PushService, fcm: FcmService
) -> None:
    async with scene(pushing, push, fcm, sleepers=2) as here:
        await here.subscribe(here.sleepers[0], "webpush")
        await here.subscribe(here.sleepers[1], "fcm", delay_ms=3_600_000)
        rows = await in_db(_everything_stored)
        for name in here.names.values():
            assert name.encode() not in rows
        assert b"/push/" not in rows
        assert b"token-" not in rows


def _everything_stored() -> bytes:
    found: list[bytes] = []
    for model in apps.get_app_config("chat").get_models():
        for row in model._default_manager.values():
            found += [value if isinstance(value, bytes) else str(value).encode() for value in row.values()]
    return b"\n".join(found)


async def test_p16_the_rows_of_push_say_neither_who_wrote_nor_when_someone_was_there(
    pushing: Server, push: PushService, fcm: FcmService
) -> None:
    columns = {
        model.__name__: sorted(str(field.column) for field in model._meta.concrete_fields)
        for model in apps.get_app_config("chat").get_models()
        if model.__name__.startswith("Push")
    }
    claim = ["claim", "claimed_until", "due_at"]
    assert columns == {
        "PushMute": ["id", "room_id", "subscription_id"],
        "PushNews": sorted([*claim, "looks", "room_id"]),
        "PushPresence": ["name", "process_id"],
        "PushProcess": ["beat_at", "id"],
        "PushSubscription": ["channel", "device_id", "rhythm", "sealed"],
        "PushWake": sorted([*claim, "again", "attempts", "called", "name", "sealed", "urgent"]),
    }


async def test_p16_a_device_that_never_turned_push_on_has_no_row_in_any_of_its_tables(
    pushing: Server, push: PushService, fcm: FcmService
) -> None:
    async with scene(pushing, push, fcm, sleepers=2) as here:
        polling, woken = here.sleepers
        await here.subscribe(woken)
        await here.say()
        await here.woken(woken)
        for person in (polling, here.sender):
            assert not await in_db(_has_rows, person)
        assert await in_db(_has_rows, woken)


def _has_rows(person: Person) -> bool:
    return PushSubscription.objects.filter(device=device_of(person)).exists()


async def test_a_server_without_push_never_loads_what_sends(own_server: Server) -> None:
    code = (
        "import backend.asgi, sys; print([m for m in ('aiohttp', 'pywebpush', 'firebase_admin') if m in sys.modules])"
    )
    env = {**own_server.store.environment, "DJANGO_SETTINGS_MODULE": "backend.settings", "PATH": ""}
    for settings in ({}, ON_BUT_IDLE):
        out = subprocess.run(  # noqa: ASYNC221 (nothing else runs here)
            [sys.executable, "-c", code], env={**env, **settings}, cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert out.stdout.strip() == "[]", out.stderr
