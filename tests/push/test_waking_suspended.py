"""Whoever is shut out is woken in what they keep alone, and once when they may come back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from chat.actions.accounts import restore_account
from chat.delivery.retention import end_suspensions
from chat.models import Account, Room
from tests import factories
from tests.delivery.harness import Server, in_db, socket_to
from tests.factories import device_of
from tests.push.harness import scene
from tests.push.services import FcmService, PushService


async def test_who_is_suspended_is_woken_in_the_room_of_their_own_case_alone(
    pushing: Server, push: PushService, fcm: FcmService
) -> None:
    async with scene(pushing, push, fcm, sleepers=3) as here:
        asker, helper, sleeper = here.sleepers

        def make_case() -> Room:
            room = factories.settled_room("case", [here.sender, asker, helper])
            Room.objects.filter(pk=room.pk).update(person=asker.account)
            Account.objects.filter(id__in=[asker.account, helper.account]).update(suspended_at=timezone.now())
            return room

        case = await in_db(make_case)
        for person in here.sleepers:
            await here.subscribe(person)
        async with socket_to(pushing, here.sender.token) as here.socket:
            await here.say()
            await here.woken(sleeper)
            await here.nothing_waits()
            assert here.received(asker) == []
            await here.say(room=case)
            assert [message["plain"] for message in await here.woken(asker)] == ["sync"]
            await here.nothing_waits()
            assert (len(here.received(asker)), here.received(helper)) == (1, [])


@pytest.mark.parametrize("way", ["lifted", "over"])
async def test_the_end_of_a_suspension_wakes_once(
    pushing: Server, push: PushService, fcm: FcmService, way: str
) -> None:
    async with scene(pushing, push, fcm) as here:
        back = here.sleepers[0]
        await here.subscribe(back)

        def let_back() -> None:
            account = device_of(back).account
            for _ in range(2):
                if way == "lifted":
                    restore_account(account)
                else:
                    end_suspensions(timezone.now())

        def shut_out() -> None:
            now = timezone.now()
            ends = now - timedelta(seconds=1) if way == "over" else None
            Account.objects.filter(id=back.account).update(suspended_at=now, suspended_until=ends)

        await in_db(let_back)
        assert await here.wake_of(back) is None
        # The server itself looks for those whose time is over, too.
        await in_db(shut_out)
        await in_db(let_back)
        assert [message["plain"] for message in await here.woken(back)] == ["sync"]
        await here.nothing_waits()
        assert len(here.received(back)) == 1
