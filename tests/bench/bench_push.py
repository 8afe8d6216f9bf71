# ruff: noqa: E402 (Django wants to be set up before its models are imported)
"""What waking people costs. The last line is one JSON object.

`worker`: wake-ups a second of one worker when all are due at once, and the queries and rows that each costs.
`seconds`: from the moment a room's first message was accepted to the push service's receipt, at 1,000 messages a second
in rooms of 50 in which everybody but one sender is away: without what Kindred waits on purpose, with the grace period, and
with the grace period and the random delay, each as it is where nobody has chosen anything else.
`growth`: looking at 20 rooms of 50 and finding nothing due, while 1,000 to 100,000 devices are away.
Server and worker share one core; the load generator and the push service, which checks nothing, have the other.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
os.environ |= {"VAPID_SUBJECT": "mailto:push@kindred.example", "PUSH_COLLAPSE_MS": "3600000"}

import django

django.setup()

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import connection
from django.utils import timezone

from chat.models import Device, Entry, PushNews, PushSubscription, PushWake, Room
from chat.push import outbox, rooms, times
from chat.push.naming import wake_name
from chat.push.sealing import Target, seal
from chat.push.sender import Outcome, Result
from tests.bench import load, servers
from tests.bench.people import crowd
from tests.delivery.harness import Server, Store
from tests.push.harness import Worker
from tests.push.rows import subscribed, wake, waking
from tests.push.services import PushService
from tests.support.services import PostgreSQL, wait_until

WAKES = int(os.environ.get("BENCH_WAKES") or 3000)
SECONDS = float(os.environ.get("BENCH_SECONDS") or 7)
"""Longer than the grace period: wake-ups are made and sent while messages come."""
RATE = 1000.0
ROOMS, MEMBERS = 20, 50
DELAY_MS = 20_000
"""Up to which a phone's wake-ups wait at random where its person has chosen nothing else (docs/protocol.md, section 14)."""
GROWTH = (1_000, 10_000, 100_000)
ROUNDS = 5
figures: dict[str, float] = {}
_key = ec.generate_private_key(ec.SECP256R1()).public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def note(**values: float) -> None:
    for name, value in values.items():
        figures[name] = round(value, 4)
        print(f"{name} = {figures[name]}", flush=True)


def subscribe(devices: list[int], url: str, delay_ms: int = 0) -> None:
    """The push service knows each device by its primary key."""
    today = timezone.now().date()
    PushSubscription.objects.bulk_create(
        (
            subscribed(
                device,
                seal(device, Target(endpoint=f"{url}/push/{device}", p256dh=_key, auth=bytes(16))),
                delay_ms=delay_ms,
                heard_on=today,
            )
            for device in devices
        ),
        batch_size=1000,
    )


def devices() -> list[int]:
    return list(Device.objects.order_by("pk").values_list("pk", flat=True))


def say_something(some: list[Room]) -> None:
    """An application entry that nobody has read, in each of the rooms."""
    Entry.objects.bulk_create(
        Entry(room=room, seq=1, kind=0, epoch=1, entry_id=os.urandom(16), payload=bytes(1024), tag=bytes(32),
              frank=bytes(32), hub_key=1, accepted_at=1)
        for room in some
    )  # fmt: skip
    Room.objects.filter(pk__in=[room.pk for room in some]).update(head=1)


def news(some: list[Room]) -> None:
    PushNews.objects.bulk_create([PushNews(room=room, due_at=1) for room in some], ignore_conflicts=True)


@contextmanager
def worker_on(store: Store, push: PushService) -> Iterator[int]:
    """A worker that has sent its first push. Yields its process id."""
    first = _one_more(push)
    with Worker(store, {"PUSH_TRUSTED_ORIGINS": push.url}) as worker:
        assert worker.process is not None
        os.sched_setaffinity(worker.process.pid, {servers.SERVER_CORE})
        wait_until(lambda: bool(push.received(first)), 60)
        yield worker.process.pid


def _one_more(push: PushService) -> str:
    """A device that is called at once: whoever wakes it has started."""
    known = set(devices())
    crowd(1, 1)
    (device,) = set(devices()) - known
    subscribe([device], push.url)
    outbox.call([Device.objects.get(pk=device).account_id])
    return str(device)


def arrived(push: PushService, count: int) -> list[dict[str, Any]]:
    """What came after the first, which told that the worker had started."""
    wait_until(lambda: len(push.received()) > count, 120)
    received = push.received()[1:]
    if len(received) != count:
        raise SystemExit(f"{len(received)} pushes arrived instead of {count}")
    return received


def speed(name: str, postgres: PostgreSQL | None) -> None:
    with Store(postgres) as store, PushService("--no-check") as push:
        crowd(WAKES // MEMBERS, MEMBERS)
        subscribe(devices(), push.url)
        accounts = list(Device.objects.values_list("account_id", flat=True))
        with worker_on(store, push) as pid:
            before = load.cpu_seconds([pid])
            outbox.call(accounts)
            moments = sorted(message["at"] for message in arrived(push, WAKES))
            cpu = load.cpu_seconds([pid]) - before
    note(
        **{
            f"pushes_per_s_{name}": (len(moments) - 1) / (moments[-1] - moments[0]),
            f"pushes_per_cpu_second_{name}": len(moments) / cpu,
        }
    )


def cost() -> None:
    """Queries and rows from news to deleted wake-up, without the sending."""
    with Store():
        crowd(WAKES // MEMBERS, MEMBERS)
        subscribe(devices(), "http://127.0.0.1:1")
        some = list(Room.objects.all())
        say_something(some)
        before = connection.connection.total_changes
        news(some)
        sent = 0
        queries: list[str] = []

        def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            queries.append(sql)
            return execute(sql, params, many, context)

        with connection.execute_wrapper(count):
            # What is due is due a moment later than it is looked at.
            while rooms.look("bench", times.now_ms()):
                pass
            while wakes := outbox.claim("bench", times.now_ms() + 1, 128):
                outbox.finish("bench", [(wake, Result(Outcome.SENT, 201)) for wake in wakes], times.now_ms())
                sent += len(wakes)
        changed = connection.connection.total_changes - before
    if sent != WAKES:
        raise SystemExit(f"{sent} wake-ups came of {WAKES} devices")
    note(queries_per_push=len(queries) / sent, rows_written_per_push=changed / sent)


def worker() -> None:
    speed("sqlite", None)
    with PostgreSQL() as postgres:
        speed("postgresql", postgres)
    cost()


def seconds() -> None:
    """From a room's first message to the push: what Kindred takes, then with what it waits on purpose."""
    at_once = _seconds_to_wake(0)
    grace = settings.PUSH_GRACE_MS / 1000
    _percentiles("seconds", [took - grace for took in at_once])
    _percentiles("seconds_with_grace", at_once)
    _percentiles("seconds_with_grace_and_delay", _seconds_to_wake(DELAY_MS))


def _percentiles(name: str, took: list[float]) -> None:
    of_hundred = statistics.quantiles(took, n=100)
    note(**{f"{name}_p50": of_hundred[49], f"{name}_p99": of_hundred[98]})


def _seconds_to_wake(delay_ms: int) -> list[float]:
    """For each device that is away, while all rooms are talked in."""
    with PostgreSQL() as postgres, Store(postgres) as store, PushService("--no-check") as push:
        people = crowd(ROOMS, MEMBERS)
        # Before the worker's first push makes one device more.
        senders = set(Device.objects.filter(room_devices__leaf=0).values_list("pk", flat=True))
        sleepers = [device for device in devices() if device not in senders]
        subscribe(sleepers, push.url, delay_ms)
        with servers.kindred(store, "daphne") as server, worker_on(store, push):
            seen = _messages(server, people)
            received = arrived(push, len(sleepers))
        room_of = dict(Device.objects.filter(pk__in=sleepers).values_list("pk", "room_devices__room"))
        first = dict(Entry.objects.filter(seq=1).values_list("room", "accepted_at"))
    note(messages_per_s=seen.completed / seen.seconds)
    return [message["at"] - first[room_of[int(message["id"])]] / 1000 for message in received]


def _messages(server: Server, people: Any) -> load.Seen:
    assert server.process is not None
    clients = servers.kindred_clients([server.port], people, ROOMS, 1)
    pids = [server.process.pid]
    seen = load.drive(clients, load.KINDRED, pids, rate=RATE / ROOMS, warm=0.1, measure=SECONDS)
    print(f"  {'senders':34} {seen.line()}", flush=True)
    servers.close(clients)
    return seen


def growth() -> None:
    with PostgreSQL() as postgres, Store(postgres):
        made = 0
        for target in GROWTH:
            crowd((target - made) // MEMBERS, MEMBERS)
            known = set(PushSubscription.objects.values_list("pk", flat=True))
            subscribe([device for device in devices() if device not in known], "http://127.0.0.1:1")
            made = target
            heads = list(Room.objects.filter(head=0))
            say_something(heads)
            some = list(Room.objects.order_by("id")[:ROOMS])
            _everyone_waits(some)
            with connection.cursor() as cursor:
                cursor.execute("ANALYZE")
            _measured(target, some)
    last, first = f"{GROWTH[-1]}", f"{GROWTH[0]}"
    note(growth=figures[f"look_ms_{last}"] / figures[f"look_ms_{first}"])


def _everyone_waits(some: list[Room]) -> None:
    """All but those in `some` have a wake-up that is put off, as at night."""
    later = times.now_ms() + 8 * 3_600_000
    there = waking()
    away = PushSubscription.objects.exclude(device__room_devices__room__in=some).values_list("pk", flat=True)
    PushWake.objects.bulk_create((wake(each, due_at=later) for each in away if each not in there), batch_size=1000)


def _measured(target: int, some: list[Room]) -> None:
    looks, again, idle = [], [], []
    for _ in range(ROUNDS):
        here = Device.objects.filter(room_devices__room__in=some).values_list("pk", flat=True)
        PushWake.objects.filter(pk__in=[wake_name(device) for device in here]).delete()
        looks.append(_milliseconds(lambda: _look(some)))
        again.append(_milliseconds(lambda: _look(some)))
        PushWake.objects.filter(due_at__lt=times.now_ms() + 3_600_000).update(due_at=times.now_ms() + 8 * 3_600_000)
        idle.append(_milliseconds(lambda: outbox.claim("bench", times.now_ms(), 128)))
    note(
        **{
            f"look_ms_{target}": statistics.median(looks),
            f"look_again_ms_{target}": statistics.median(again),
            f"idle_claim_ms_{target}": statistics.median(idle),
        }
    )


def _look(some: list[Room]) -> None:
    news(some)
    if rooms.look("bench", times.now_ms()) != len(some):
        raise SystemExit("not every room was looked at")


def _milliseconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


PARTS: dict[str, Callable[[], None]] = {"worker": worker, "seconds": seconds, "growth": growth}


def main() -> None:
    os.sched_setaffinity(0, {servers.GENERATOR_CORE})
    for name in sys.argv[1:] or PARTS:
        print(f"\n{name}", flush=True)
        PARTS[name]()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
