"""Every documented way in which a push service fails, and how each ends: retried, dropped or disabled, nothing lost."""

from __future__ import annotations

from typing import Any

import pytest

from chat.models import PushSubscription, PushWake
from chat.push import outbox, times
from chat.push.sender import Outcome, Result
from tests import factories
from tests.delivery.harness import Server, in_db
from tests.factories import Person, device_of
from tests.push.harness import Scene, Worker, environment, scene, until_in_db
from tests.push.services import FcmService, PushService

WINDOW = 1.5
HANG = 4.0


def http(status: int, **how: Any) -> dict[str, Any]:
    return {"status": status, **how}


def fcm_error(code: str, **how: Any) -> dict[str, Any]:
    return {"error": code, **how}


async def planned(here: Scene, channel: str, *answers: dict[str, Any]) -> Person:
    """A sleeper whose next pushes get these answers, after a message."""
    sleeper = here.sleepers[0]
    name = await here.subscribe(sleeper, channel)
    (here.push if channel == "webpush" else here.fcm).plan(name, *answers)
    await here.say()
    return sleeper


@pytest.mark.parametrize(
    ("channel", "answers"),
    [
        ("webpush", [http(401)]),
        ("webpush", [http(403), http(403)]),
        ("webpush", [http(429)]),
        ("webpush", [http(500), http(500), http(500)]),
        ("webpush", [http(502)]),
        ("webpush", [http(503)]),
        ("fcm", [fcm_error("UNAUTHENTICATED")]),
        ("fcm", [fcm_error("THIRD_PARTY_AUTH_ERROR")] * 4),
        ("fcm", [fcm_error("PERMISSION_DENIED")]),
        ("fcm", [fcm_error("QUOTA_EXCEEDED")]),
        ("fcm", [fcm_error("INTERNAL")]),
        ("fcm", [fcm_error("UNAVAILABLE")]),
        ("fcm", [http(502)]),
        ("fcm", [http(404)]),
    ],
)
async def test_what_may_pass_is_tried_again_until_it_arrives_once(
    pushing: Server, push: PushService, fcm: FcmService, channel: str, answers: list[dict[str, Any]]
) -> None:
    async with scene(pushing, push, fcm) as here:
        sleeper = await planned(here, channel, *answers)
        await here.woken(sleeper)
        await here.nothing_waits()
        assert len(here.received(sleeper)) == 1
        assert await here.subscription_of(sleeper) is not None


@pytest.mark.parametrize(
    ("channel", "answer"),
    [
        ("webpush", http(404)),
        ("webpush", http(410)),
        ("fcm", fcm_error("UNREGISTERED")),
        ("fcm", fcm_error("INVALID_ARGUMENT")),
        ("fcm", fcm_error("SENDER_ID_MISMATCH")),
    ],
)
async def test_a_subscription_that_is_gone_is_deleted(
    pushing: Server, push: PushService, fcm: FcmService, channel: str, answer: dict[str, Any]
) -> None:
    async with scene(pushing, push, fcm) as here:
        sleeper = await planned(here, channel, answer)
        await until_in_db(lambda: not PushSubscription.objects.filter(device=device_of(sleeper)).exists())
        await here.nothing_waits()
        assert here.received(sleeper) == []


@pytest.mark.parametrize("status", [400, 413, 301, 307])
async def test_what_asking_again_would_not_help_is_dropped_and_the_next_message_tries_anew(
    pushing: Server, push: PushService, fcm: FcmService, status: int
) -> None:
    async with scene(pushing, push, fcm) as here:
        elsewhere = {"headers": {"location": f"{push.url}/control/received"}} if status < 400 else {}
        sleeper = await planned(here, "webpush", http(status, **elsewhere))
        await here.nothing_waits()
        assert here.received(sleeper) == []
        assert await here.subscription_of(sleeper) is not None
        await here.say()
        await here.woken(sleeper)


@pytest.mark.parametrize("channel", ["webpush", "fcm"])
@pytest.mark.parametrize("seconds", [2, 3])
async def test_retry_after_is_honoured(
    pushing: Server, push: PushService, fcm: FcmService, channel: str, seconds: int
) -> None:
    async with scene(pushing, push, fcm) as here:
        headers = {"retry-after": str(seconds)}
        refusal = http(429, headers=headers) if channel == "webpush" else fcm_error("QUOTA_EXCEEDED", headers=headers)
        sleeper = await planned(here, channel, refusal)
        await until_in_db(lambda: PushWake.objects.filter(subscription=device_of(sleeper).pk, attempts=1).exists())
        wake = await here.wake_of(sleeper)
        assert wake is not None
        await here.woken(sleeper)
        assert here.received(sleeper)[0]["at"] * 1000 >= wake.due_at


@pytest.mark.parametrize("channel", ["webpush", "fcm"])
async def test_a_pause_that_a_service_asks_for_holds_for_everyone_behind_it(
    pushing: Server, push: PushService, fcm: FcmService, channel: str
) -> None:
    async with scene(pushing, push, fcm, sleepers=2) as here:
        first, second = here.sleepers
        headers = {"retry-after": "3"}
        refusal = http(429, headers=headers) if channel == "webpush" else fcm_error("QUOTA_EXCEEDED", headers=headers)
        await planned(here, channel, refusal)
        await until_in_db(lambda: PushWake.objects.filter(subscription=device_of(first).pk, attempts=1).exists())
        wake = await here.wake_of(first)
        assert wake is not None
        await here.subscribe(second, channel)
        await here.say()
        for person in (first, second):
            received = await here.woken(person)
            assert received[0]["at"] * 1000 >= wake.due_at - 200


@pytest.mark.parametrize("channel", ["webpush", "fcm"])
@pytest.mark.parametrize("how", [{"delay": HANG}, {"cut": True}], ids=["no answer", "cut"])
async def test_what_may_have_arrived_is_sent_again_only_after_the_window(
    pushing: Server, push: PushService, fcm: FcmService, channel: str, how: dict[str, Any]
) -> None:
    async with scene(pushing, push, fcm) as here:
        sleeper = await planned(here, channel, how)
        received = await here.woken(sleeper, 2)
        await here.nothing_waits()
        assert len(here.received(sleeper)) == 2
        assert received[1]["at"] - received[0]["at"] >= WINDOW


async def test_what_was_cut_before_it_arrived_arrives_later(
    pushing: Server, push: PushService, fcm: FcmService
) -> None:
    async with scene(pushing, push, fcm) as here:
        sleeper = await planned(here, "webpush", {"cut_before": True}, {"cut_before": True})
        await here.woken(sleeper)
        await here.nothing_waits()
        assert len(here.received(sleeper)) == 1


@pytest.mark.parametrize("channel", ["webpush", "fcm"])
async def test_a_slow_service_holds_nobody_else_up(
    pushing: Server, push: PushService, fcm: FcmService, channel: str
) -> None:
    async with scene(pushing, push, fcm, sleepers=2) as here:
        slow, quick = here.sleepers
        await here.subscribe(quick, channel)
        await planned(here, channel, {"slow": 1.0})
        for person in (slow, quick):
            await here.woken(person)
        await here.nothing_waits()
        assert [len(here.received(person)) for person in (slow, quick)] == [1, 1]


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
            assert len(here.received(sleeper)) == 1


async def test_a_service_that_is_away_is_asked_again(own_server: Server, push: PushService, fcm: FcmService) -> None:
    async with scene(own_server, push, fcm) as here:
        sleeper = here.sleepers[0]
        with PushService() as gone:
            here.push = gone
            await here.subscribe(sleeper)
        await in_db(outbox.call, [sleeper.account])
        with Worker(own_server.store, environment(push, fcm, PUSH_TRUSTED_ORIGINS=gone.url)):
            await until_in_db(
                lambda: PushWake.objects.filter(subscription=device_of(sleeper).pk, attempts__gte=2).exists()
            )
        assert await here.subscription_of(sleeper) is not None


async def test_a_wake_up_that_never_succeeds_is_given_up_and_the_subscription_stays(own_server: Server) -> None:
    def give_up() -> tuple[bool, bool]:
        network = factories.network()
        person = factories.enrolled(Person(), network)
        subscription = PushSubscription.objects.create(
            device=device_of(person), channel="webpush", sealed=b"", delay_ms=0, heard_on="2026-11-24"
        )
        PushWake.objects.create(subscription=subscription, due_at=1, called=True, attempts=outbox.MAX_ATTEMPTS - 1)
        (wake,) = outbox.claim("a worker", times.now_ms(), 10)
        outbox.finish("a worker", [(wake, Result(Outcome.LATER, 503))], times.now_ms())
        waits = PushWake.objects.filter(subscription=subscription).exists()
        return waits, PushSubscription.objects.filter(pk=subscription.pk).exists()

    assert await in_db(give_up) == (False, True)
