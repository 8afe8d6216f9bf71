"""A server, a worker and people of whom some are away."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import subprocess
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

from chat.actions.push import wake_by
from chat.models import PushNews, PushSubscription, PushWake, Room
from chat.push.channels import vapid_public_key
from chat.push.sealing import Target
from tests import factories
from tests.delivery.groups import application
from tests.delivery.harness import PATH, ROOT, Server, Socket, Store, in_db, procfile, socket_to
from tests.factories import Person, device_of
from tests.push.push_service import unb64
from tests.push.rows import is_connected, waiting
from tests.push.services import FcmService, PushService

#: Everything that takes seconds in production takes a fraction of one here.
QUICK = {
    "PUSH_GRACE_MS": "100",
    "PUSH_COLLAPSE_MS": "1500",
    "PUSH_RETRY_MS": "100",
    "PUSH_TIMEOUT_MS": "1500",
    "PUSH_BEAT_MS": "500",
}


def environment(push: PushService, fcm: FcmService, **changed: str) -> dict[str, str]:
    return {
        "VAPID_SUBJECT": "mailto:push@kindred.example",
        "FCM_SERVICE_ACCOUNT": fcm.service_account,
        "FCM_URL": fcm.url,
        "PUSH_TRUSTED_ORIGINS": push.url,
        "LOG_LEVEL": "DEBUG",
        **QUICK,
        **changed,
    }


class Worker:
    """The Procfile's `push` on a store."""

    def __init__(self, store: Store, env: dict[str, str]) -> None:
        self.store = store
        self.env = env
        self.log = store.folder / f"worker-{secrets.token_hex(4)}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        env = {**os.environ, **self.store.environment, **self.env, "PATH": PATH}
        env["DJANGO_SETTINGS_MODULE"] = "backend.settings"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(procfile("push"), cwd=ROOT, env=env, stdout=log, stderr=log)
        return self

    def end(self, sign: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(sign)
        status = self.process.wait(60)
        self.process = None
        return status

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        if self.process is not None:
            self.end(signal.SIGKILL)


@dataclass
class Scene:
    """A room with a sender, who is connected, and sleepers, who are not."""

    push: PushService
    fcm: FcmService
    room: Room
    sender: Person
    sleepers: list[Person]
    socket: Socket
    #: What the local services call each sleeper.
    names: dict[UUID, str] = field(default_factory=dict)

    async def say(self, times: int = 1, room: Room | None = None) -> int:
        """The sender says something. Returns the last seq."""
        seq = 0
        for _ in range(times):
            answer = await self.socket.ask(application((room or self.room).id.bytes, 1), "accepted")
            seq = answer["seq"]
        return seq

    async def subscribe(self, person: Person, channel: str = "webpush", **how: Any) -> str:
        """Returns the name under which the local service knows the device."""
        if channel == "webpush":
            given = self.push.subscribe(vapid_public_key())
            target = Target(endpoint=given["endpoint"], p256dh=unb64(given["p256dh"]), auth=unb64(given["auth"]))
            name = given["id"]
        else:
            name = f"token-{secrets.token_urlsafe(100)}"
            target = Target(token=name)
        how = {"quiet": None, "delay_ms": 0, "muted": []} | how
        await in_db(lambda: wake_by(device_of(person), channel, target, **how))
        self.names[person.account] = name
        return name

    def received(self, person: Person) -> list[dict[str, Any]]:
        name = self.names[person.account]
        return self.push.received(name) + self.fcm.received(name)

    async def woken(self, person: Person, times: int = 1, seconds: float = 90) -> list[dict[str, Any]]:
        """What has reached the device, once it has been woken so often."""
        await until(lambda: len(self.received(person)) >= times, seconds)
        return self.received(person)

    async def nothing_waits(self) -> None:
        """Everything that this room could lead to has been done."""
        await until_in_db(lambda: not PushNews.objects.filter(room=self.room).exists())
        await until_in_db(lambda: not waiting(self._devices()))

    async def present(self, person: Person) -> None:
        """The server has written down that the device is connected: in life that takes less than the grace period."""
        await until_in_db(lambda: is_connected(device_of(person).pk))

    async def wake_of(self, person: Person) -> PushWake | None:
        return await in_db(lambda: next(iter(waiting([device_of(person).pk])), None))

    async def subscription_of(self, person: Person) -> PushSubscription | None:
        return await in_db(lambda: PushSubscription.objects.filter(device=device_of(person)).first())

    def _devices(self) -> list[int]:
        return [device_of(person).pk for person in self.sleepers]


@asynccontextmanager
async def scene(server: Server, push: PushService, fcm: FcmService, sleepers: int = 1) -> AsyncIterator[Scene]:
    def make() -> tuple[Room, list[Person]]:
        network = factories.network()
        people = [factories.enrolled(Person(), network) for _ in range(sleepers + 1)]
        return factories.settled_room("group", people), people

    room, (sender, *others) = await in_db(make)
    async with socket_to(server, sender.token) as socket:
        yield Scene(push, fcm, room, sender, others, socket)


async def until(true: Callable[[], bool], seconds: float = 90) -> None:
    """Waits until that is so. It may block a little: what is asked is on this machine."""
    async with asyncio.timeout(seconds):
        while not await asyncio.to_thread(true):  # noqa: ASYNC110 (other processes have no event to give)
            await asyncio.sleep(0.05)


async def until_in_db(true: Callable[[], bool], seconds: float = 90) -> None:
    async with asyncio.timeout(seconds):
        while not await in_db(true):  # noqa: ASYNC110 (as above)
            await asyncio.sleep(0.05)
