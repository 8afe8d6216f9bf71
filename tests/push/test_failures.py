"""Every documented way in which a push service fails, and how each ends: retried, dropped or disabled, nothing lost."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import pytest

from chat.models import PushSubscription
from chat.push import outbox, times
from chat.push.sender import Outcome, Result
from tests import factories
from tests.delivery.harness import Server, in_db
from tests.factories import Person, device_of
from tests.push.harness import Scene, Worker, environment, scene, until, until_in_db
from tests.push.rows import subscribed, waiting
from tests.push.rows import wake as wake_row
from tests.push.services import FcmService, PushService

WINDOW = 1.5
HANG = 4.0


def http(status: int, **how: Any) -> dict[str, Any]:
    return {"status": status, **how}


def fcm_error(code: str, **how: Any) -> dict[str, Any]:
    return {"error": code, **how}


Case = tuple[str, list[dict[str, Any]]]
"""A channel, and what it answers to the next pushes of one device."""


@asynccontextmanager
async def planned(
    pushing: Server, push: PushService, fcm: FcmService, cases: Sequence[Case], others: int = 0
) -> AsyncIterator[Scene]:
    """A sleeper for each case, after a message: all of them fail at the same time. `others` have not subscribed."""
    async with scene(pushing, push, fcm, sleepers=len(cases) + others) as here:
        for sleeper, (channel, answers) in zip(here.sleepers, cases, strict=False):
            name = await here.subscribe(sleeper, channel)
            (push if channel == "webpush" else fcm).plan(name, *answers)
        await here.say()
        yield here


def counts(here: Scene, cases: Sequence[Case]) -> list[tuple[Case, int]]:
    """How many pushes have reached each case's sleeper."""
    return [(case, len(here.received(sleeper))) for sleeper, case in zip(here.sleepers, cases, strict=True)]


async def test_what_may_pass_is_tried_again_until_it_arrives_once(
    pushing: Server, push: PushService, fcm: FcmService
) -> None:
    cases: list[Case] = [
        ("webpush", [http(401)]),
        ("webpush", [http(403), http(403)]),
        ("webpush", [http(429)]),
        ("webpush", [http(500), http(500), http(500)]),
        ("webpush", [http(502)]),
        ("webpush", [http(503)]),
        ("webpush", [{"cut_before": True}, {"cut_before": True}]),
        ("fcm", [fcm_error("UNAUTHENTICATED")]),
        ("fcm", [fcm_error("THIRD_PARTY_AUTH_ERROR")] * 4),
        ("fcm", [fcm_error("PERMISSION_DENIED")]),
        ("fcm", [fcm_error("QUOTA_EXCEEDED")]),
        ("fcm", [fcm_error("INTERNAL")]),
        ("fcm", [fcm_error("UNAVAILABLE")]),
        ("fcm", [http(502)]),
        ("fcm", [http(404)]),
    ]
    async with planned(pushing, push, fcm, cases) as here:
        await until(lambda: all(count for _, count in counts(here, cases)))
        await here.nothing_waits()
        assert counts(here, cases) == [(case, 1) for case in cases]
        assert None not in [await here.subscription_of(sleeper) for sleeper in here.sleepers]


async def test_a_subscription_that_is_gone_is_deleted(pushing: Server, push: PushService, fcm: FcmService) -> None:
    cases: list[Case] = [
        ("webpush", [http(404)]),
        ("webpush", [http(410)]),
        ("fcm", [fcm_error("UNREGISTERED")]),
        ("fcm", [fcm_error("INVALID_ARGUMENT")]),
        ("fcm", [fcm_error("SENDER_ID_MISMATCH")]),
    ]
    async with planned(pushing, push, fcm, cases) as here:
        devices = [await in_db(device_of, sleeper) for sleeper in here.sleepers]
        await until_in_db(lambda: not PushSubscription.objects.filter(device__in=devices).exists())
        await here.nothing_waits()
        assert counts(here, cases) == [(case, 0) for case in cases]


async def test_what_asking_again_would_not_help_is_dropped_and_the_next_message_tries_anew(
    pushing: Server, push: PushService, fcm: FcmService
) -> None:
    elsewhere = {"location": f"{push.url}/control/received"}
    redirects = [http(status, headers=elsewhere) for status in (301, 307)]
    cases: list[Case] = [("webpush", [answer]) for answer in (http(400), http(413), *redirects)]
    async with planned(pushing, push, fcm, cases) as here:
        await here.nothing_waits()
        assert counts(here, cases) == [(case, 0) for case in cases]
        assert None not in [await here.subscription_of(sleeper) for sleeper in here.sleepers]
        await here.say()
        for sleeper in here.sleepers:
            await here.woken(sleeper)


async def test_a_pause_that_a_service_asks_for_holds_for_everyone_behind_it(
    pushing: Server, push: PushService, fcm: FcmService
) -> None:
    pause = {"retry-after": "3"}
    cases: list[Case] = [("webpush", [http(429, headers=pause)]), ("fcm", [fcm_error("QUOTA_EXCEEDED", headers=pause)])]
    async with planned(pushing, push, fcm, cases, others=2) as here:
        first, second = here.sleepers[:2], here.sleepers[2:]
        asked = [(await in_db(device_of, sleeper)).pk for sleeper in first]
        await until_in_db(lambda: [wake.attempts for wake in waiting(asked)] == [1] * len(asked))
        until_then = [wake.due_at for sleeper in first if (wake := await here.wake_of(sleeper)) is not None]
        assert len(until_then) == len(first)
        for person, (channel, _) in zip(second, cases, strict=True):
            await here.subscribe(person, channel)
        await here.say()
        for person, due_at in zip(first, until_then, strict=True):
            assert (await here.woken(person))[0]["at"] * 1000 >= due_at
        for person, due_at in zip(second, until_then, strict=True):
            # Three seconds from the answer; what `due_at` counts from is later, on a busy machine most of a second.
            assert (await here.woken(person))[0]["at"] * 1000 >= due_at - 1500


async def test_what_may_have_arrived_is_sent_again_only_after_the_window(
    pushing: Server, push: PushService, fcm: FcmService
) -> None:
    ways: list[dict[str, Any]] = [{"delay": HANG}, {"cut": True}]
    cases: list[Case] = [(channel, [how]) for channel in ("webpush", "fcm") for how in ways]
    async with planned(pushing, push, fcm, cases) as here:
        await until(lambda: all(count >= 2 for _, count in counts(here, cases)))
        await here.nothing_waits()
        assert counts(here, cases) == [(case, 2) for case in cases]
        for sleeper in here.sleepers:
            first, second = here.received(sleeper)
            assert second["at"] - first["at"] >= WINDOW


async def test_a_slow_service_holds_nobody_else_up(pushing: Server, push: PushService, fcm: FcmService) -> None:
    slow = [{"slow": 0.5}]
    cases: list[Case] = [("webpush", slow), ("webpush", []), ("fcm", slow), ("fcm", [])]
    async with planned(pushing, push, fcm, cases) as here:
        await until(lambda: all(count for _, count in counts(here, cases)))
        await here.nothing_waits()
        assert counts(here, cases) == [(case, 1) for case in cases]


@pytest.mark.parametrize(
    "answers",
    [[http(401)], [http(400)] * 2, [http(500)] * 5, [{"cut": True}] * 3, [{"delay": HANG}]],
    ids=["401", "400", "500", "cut", "no answer"],
)
async def test_a_token_endpoint_that_fails_loses_nothing(
    own_server: Server, push: PushService, answers: list[dict[str, Any]]
) -> None:
    with FcmService() as own:
        env = environment(push, own)
        async with scene(own_server, push, own) as here:
            sleeper = here.sleepers[0]
            await here.subscribe(sleeper, "fcm")
            own.plan("oauth", *answers)
            await in_db(outbox.call, [sleeper.account])
            with Worker(own_server.store, env):
                await here.woken(sleeper)
                await here.nothing_waits()
            # Once, unless this machine was too slow for an answer: then it may not have arrived.
            moments = [message["at"] for message in here.received(sleeper)]
            assert all(later - earlier >= WINDOW for earlier, later in pairwise(moments))


async def test_a_service_that_is_away_is_asked_again(own_server: Server, push: PushService, fcm: FcmService) -> None:
    async with scene(own_server, push, fcm) as here:
        sleeper = here.sleepers[0]
        with PushService() as gone:
            here.push = gone
            await here.subscribe(sleeper)
        await in_db(outbox.call, [sleeper.account])
        with Worker(own_server.store, environment(push, fcm, PUSH_TRUSTED_ORIGINS=gone.url)):
            await until_in_db(lambda: any(wake.attempts >= 2 for wake in waiting([device_of(sleeper).pk])))
        assert await here.subscription_of(sleeper) is not None


async def test_a_wake_up_that_never_succeeds_is_given_up_and_the_subscription_stays(own_server: Server) -> None:
    def give_up() -> tuple[bool, bool]:
        network = factories.network()
        person = factories.enrolled(Person(), network)
        device = device_of(person).pk
        subscribed(device, b"").save(force_insert=True)
        wake_row(device, due_at=1, called=True, attempts=outbox.MAX_ATTEMPTS - 1).save(force_insert=True)
        (wake,) = outbox.claim("a worker", times.now_ms(), 10)
        outbox.finish("a worker", [(wake, Result(Outcome.LATER, 503))], times.now_ms())
        return bool(waiting([device])), PushSubscription.objects.filter(pk=device).exists()

    assert await in_db(give_up) == (False, True)
