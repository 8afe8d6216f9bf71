"""Staff who are away are called by a worker for a new case, and for one that nobody has taken in its time."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from django.utils import timezone

from chat.actions.push import wake_by
from chat.models import PushWake
from chat.push.channels import vapid_public_key
from chat.push.sealing import Target
from moderation.models import Case
from tests.delivery.harness import Store, in_db
from tests.factories import Person, device_of
from tests.moderation.conftest import settle
from tests.push.harness import Worker, environment, until, until_in_db
from tests.push.push_service import unb64
from tests.push.services import FcmService, PushService


async def test_a_clock_that_runs_out_and_a_new_case_call_those_who_may_see_it_and_say_nothing(
    store: Store, push: PushService, fcm: FcmService
) -> None:
    harbour = await in_db(settle)
    people = (harbour.member, harbour.infiltrator, harbour.moderator, harbour.colleague, harbour.coordinator)
    names = {person.account: await subscribed(push, person) for person in people}

    def calls(person: Person) -> list[str]:
        received = push.received(names[person.account])
        assert {message["plain"] for message in received} <= {"sync"}
        assert {message["headers"]["topic"] for message in received} <= {"sync"}
        return [message["headers"]["urgency"] for message in received]

    kept_from = frozenset({harbour.colleague.account})
    await in_db(lambda: _that_nobody_took_in_time(harbour.case("now", kept_from=kept_from)))
    # Any number of them may look; a case is called for once.
    with Worker(store, environment(push, fcm)), Worker(store, environment(push, fcm)):
        await until(lambda: calls(harbour.moderator) == calls(harbour.coordinator) == ["high"])
        await until_in_db(lambda: not PushWake.objects.exists())
        await in_db(lambda: harbour.case("now", kept_from=kept_from))
        await until(lambda: calls(harbour.moderator) == calls(harbour.coordinator) == ["high", "high"])
        await until_in_db(lambda: not PushWake.objects.exists())
    assert [calls(person) for person in (harbour.member, harbour.infiltrator, harbour.colleague)] == [[], [], []]


async def subscribed(push: PushService, person: Person) -> str:
    """The name under which the push service knows the person's device."""
    given = await asyncio.to_thread(push.subscribe, vapid_public_key())
    target = Target(endpoint=given["endpoint"], p256dh=unb64(given["p256dh"]), auth=unb64(given["auth"]))
    await in_db(lambda: wake_by(device_of(person), "webpush", target, quiet=None, delay_ms=0, muted=[]))
    return given["id"]


def _that_nobody_took_in_time(case: Case) -> None:
    """Its clock has run out; of the calls when it was opened nothing is left."""
    PushWake.objects.all().delete()
    Case.objects.filter(id=case.id).update(due_at=timezone.now() - timedelta(seconds=1))
