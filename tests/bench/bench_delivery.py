# ruff: noqa: E402 (Django wants to be set up before its models are imported)
"""How fast delivery is, beside what it is measured against, in one run. The last line is one JSON object.

One core for the server, another for the generator; bodies of 1 KB; Kindred stores everything (SQLite,
synchronous=FULL) and is acknowledged every 32nd delivery; the baselines store nothing. Deliveries are counted
at the receivers; a sender's own `accepted` is not one, the baselines' echo to the sender is.

A server is saturated when more messages under way in each room bring no more deliveries: each has as many as suit it
best, from 8 on (`saturated`). With no more than 8 a server that waits for the disk is not busy: those figures end in
`_at_8`.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from operator import attrgetter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

import django

django.setup()

import msgspec

from chat.models import Entry, Room
from tests.bench import ejabberd, load, servers
from tests.bench.disk import sync_p99_ms
from tests.bench.people import crowd
from tests.bench.saturation import RUNS, SECONDS, WINDOW, Saturation, at_rate, at_window, median, once, saturated, told
from tests.delivery.groups import application
from tests.delivery.harness import Store
from tests.support.services import PostgreSQL, Redis

LATENCY_SECONDS = 20 * SECONDS
"""Unloaded, 20 messages a second are sent: the slowest hundredth should be a dozen of them, not three."""
IDLE = 2000
MISSED = 20_000
figures: dict[str, float | None] = {}


def note(**values: float | None) -> None:
    for name, value in values.items():
        figures[name] = None if value is None else round(value, 3)
        print(f"{name} = {figures[name]}", flush=True)


def of_baseline(name: str, asgi: str) -> Saturation:
    with servers.baseline(name, asgi) as (port, pid):
        return saturated(
            partial(at_window, f"{name} on {asgi}", partial(servers.raw_clients, port, 4, 50), load.RAW, [pid])
        )


def of_limit() -> Saturation:
    with servers.limit() as (port, pid):
        clients = partial(servers.raw_clients, port, 4, 50)
        return saturated(partial(at_window, "C, one send() a frame", clients, load.RAW, [pid]))


@contextmanager
def kindred(asgi: str, rooms: int, members: int, store: Store) -> Iterator[tuple[Callable[[], list[load.Client]], int]]:
    """Yields what connects its clients, and its process id."""
    people = crowd(rooms, members)
    with servers.kindred(store, asgi) as server:
        assert server.process is not None
        yield lambda: servers.kindred_clients([server.port], people, rooms, members), server.process.pid


def of_kindred(asgi: str, rooms: int, members: int, store: Store) -> load.Seen:
    """With 8 messages under way in each room."""
    with kindred(asgi, rooms, members, store) as (clients, pid):
        return at_window(f"Kindred on {asgi}, {rooms} x {members}", clients, load.KINDRED, [pid], WINDOW)


def kindred_saturated(asgi: str, rooms: int, members: int, store: Store) -> Saturation:
    with kindred(asgi, rooms, members, store) as (clients, pid):
        return saturated(partial(at_window, f"Kindred on {asgi}, {rooms} x {members}", clients, load.KINDRED, [pid]))


def throughput() -> tuple[load.Seen, load.Seen]:
    """4 rooms x 50; returns the best run on Daphne, and that of the raw server there."""
    naive, raw_daphne = of_baseline("naive", "daphne"), of_baseline("raw", "daphne")
    raw_uvicorn, limit = of_baseline("raw", "uvicorn"), of_limit()
    with Store() as store:
        daphne, uvicorn = (kindred_saturated(asgi, 4, 50, store) for asgi in ("daphne", "uvicorn"))
    for ending, pick in (("", attrgetter("best")), ("_at_8", attrgetter("first"))):
        ours = {"daphne": pick(daphne), "uvicorn": pick(uvicorn)}
        note(**{f"deliveries_{asgi}{ending}": seen.rate for asgi, seen in ours.items()})
        best = max(ours.values(), key=lambda seen: seen.rate)
        for name, mine, peer in (
            ("naive_channels", ours["daphne"], naive),
            ("raw_daphne", ours["daphne"], raw_daphne),
            ("raw_uvicorn", ours["uvicorn"], raw_uvicorn),
            ("limit", best, limit),
        ):
            note(**{f"ratio_{name}{ending}": mine.rate / pick(peer).rate})
            note(**{f"cpu_ratio_{name}{ending}": pick(peer).cpu_per_million / mine.cpu_per_million})
        note(**{f"generator_load_limit{ending}": pick(limit).generator_load})
        note(**{f"generator_load_best{ending}": best.generator_load})
    return daphne.best, raw_daphne.best


def latency(saturation: load.Seen, raw_saturation: load.Seen) -> None:
    """Unloaded (5 messages a second and room), at half of what saturates, and at half of what saturates the raw server,
    which at our half has long been overrun; at both beside the raw server at the same rate.
    """
    half, raw_half = (seen.completed / seen.seconds / 4 / 2 for seen in (saturation, raw_saturation))
    rates = {"half load": half, "raw's half load": raw_half}
    with Store() as store, kindred("daphne", 4, 50, store) as (clients, pid):
        disk = sync_p99_ms(store.folder)
        seen = {
            name: told(f"Kindred, {name}", at_rate(clients, load.KINDRED, pid, rate, seconds))
            for name, rate, seconds in (
                ("unloaded", 5.0, LATENCY_SECONDS),
                *((name, rate, SECONDS) for name, rate in rates.items()),
            )
        }
    with servers.baseline("raw", "daphne") as (port, pid):
        raw = {}
        for name, rate in reversed(rates.items()):
            raw[name] = at_rate(lambda: servers.raw_clients(port, 4, 50), load.RAW, pid, rate, SECONDS)
            print(f"  {f'raw, {name}':34} {raw[name].line()}", flush=True)
    note(
        p50_ms=seen["half load"].p50,
        p99_ms=seen["half load"].p99,
        p50_unloaded_ms=seen["unloaded"].p50,
        p99_unloaded_ms=seen["unloaded"].p99,
        p99_disk_ms=disk,
        p99_over_raw=seen["half load"].p99 / raw["half load"].p99,
        p99_over_raw_at_its_half=seen["raw's half load"].p99 / raw["raw's half load"].p99,
    )


def growth() -> None:
    """Server CPU for a delivery in a room of 1,000 over one in a room of 50."""
    with Store() as store:
        small, large = of_kindred("daphne", 1, 50, store), of_kindred("daphne", 1, 1000, store)
    note(cost_growth=large.cpu_per_million / small.cpu_per_million)


def idle() -> None:
    """Memory of the server for each of 2,000 connected people who do nothing, 50 in a room."""
    with Store() as store:
        people = crowd(IDLE // 50, 50)
        for asgi in ("daphne", "uvicorn"):
            with servers.kindred(store, asgi) as server:
                assert server.process is not None
                warm = [load.hello(server.port, token)[0] for token in people.tokens[0]]
                time.sleep(1)
                before = servers.resident_kb(server.process.pid)
                begun = time.monotonic()
                wires = [load.hello(server.port, token)[0] for room in people.tokens[1:] for token in room]
                seconds = time.monotonic() - begun
                time.sleep(2)
                grown = servers.resident_kb(server.process.pid) - before
                print(f"  {asgi}: {len(wires)} connections, {len(wires) / seconds:.0f} a second", flush=True)
                note(**{f"rss_per_idle_connection_kb_{asgi}": grown / len(wires)})
                for wire in (*warm, *wires):
                    wire.close()
    figures["rss_per_idle_connection_kb"] = figures["rss_per_idle_connection_kb_daphne"]


def catch_up() -> None:
    """Entries a second served to a device that missed 20,000 of them."""
    with Store() as store:
        people = crowd(1, 1)
        room = Room.objects.get(id__isnull=False)
        payload = application(room.id.bytes, 1, load.BODY)["payload"]
        Entry.objects.bulk_create(
            (
                Entry(room=room, seq=seq, kind=0, epoch=1, entry_id=os.urandom(16), payload=payload, tag=bytes(32),
                      frank=bytes(32), hub_key=1, accepted_at=seq)
                for seq in range(1, MISSED + 1)
            ),
            batch_size=1000,
        )  # fmt: skip
        Room.objects.update(head=MISSED)
        with servers.kindred(store, "daphne") as server:
            wire, _ = load.hello(server.port, people.tokens[0][0])
            begun, after = time.monotonic(), 0
            while after < MISSED:
                fetch = {"t": "fetch", "id": bytes(16), "room": room.id.bytes, "after": after, "limit": 500}
                wire.sendall(load.frame(msgspec.msgpack.encode(fetch)))
                after = msgspec.msgpack.decode(load.read_frame(wire))["items"][-1][0]
            note(catch_up_per_s=MISSED / (time.monotonic() - begun))


def on_postgresql() -> None:
    """PostgreSQL beside SQLite, and two processes with Redis beside one; PostgreSQL and Redis on the generator's core."""
    with PostgreSQL() as postgres, Redis() as redis:
        with Store() as store:
            sqlite = of_kindred("daphne", 4, 50, store)
        with Store(postgres, redis) as store:
            one = of_kindred("daphne", 4, 50, store)
            people = crowd(4, 50)
            with servers.kindred(store, "daphne") as first, servers.kindred(store, "daphne") as second:
                assert first.process is not None
                assert second.process is not None
                assert redis.process is not None
                clients = partial(servers.kindred_clients, [first.port, second.port], people, 4, 50)
                own = [first.process.pid, second.process.pid]
                two = at_window("Kindred, two processes", clients, load.KINDRED, own, WINDOW)
                with_redis = [*own, redis.process.pid]
                all_three = at_window("and Redis's CPU", clients, load.KINDRED, with_redis, WINDOW)
    note(
        postgres_vs_sqlite=one.rate / sqlite.rate,
        cpu_two_processes=two.cpu_per_million / one.cpu_per_million,
        cpu_two_processes_with_redis=all_three.cpu_per_million / one.cpu_per_million,
    )


def beside_ejabberd() -> None:
    """1 room x 200 against ejabberd's archived room on PostgreSQL."""
    if not ejabberd.installed():
        print(
            "  ejabberd is missing (apt-get install ejabberd erlang-p1-pgsql): ratio_ejabberd is not measured",
            flush=True,
        )
        note(ratio_ejabberd=None)
        return
    with PostgreSQL() as postgres, ejabberd.server(postgres) as (port, pids):
        connected = ejabberd.clients(port, 1, 200)
        peer = saturated(
            lambda window: median(
                [once("ejabberd, 1 x 200", connected, load.STREAM, pids, window) for _ in range(RUNS)]
            )
        )
        servers.close(connected)
    with Store() as store:
        ours = [kindred_saturated(asgi, 1, 200, store) for asgi in ("daphne", "uvicorn")]
    note(
        ratio_ejabberd=max(one.best.rate for one in ours) / peer.best.rate,
        ratio_ejabberd_at_8=max(one.first.rate for one in ours) / peer.first.rate,
    )


PARTS: dict[str, Callable[[], None]] = {
    "throughput": lambda: latency(*throughput()),
    "growth": growth,
    "idle": idle,
    "catch_up": catch_up,
    "postgresql": on_postgresql,
    "ejabberd": beside_ejabberd,
}


def main() -> None:
    os.sched_setaffinity(0, {servers.GENERATOR_CORE})
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(65_536, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    print(f"uvicorn on {servers.LOOP}; load average before: {statistics.fmean(os.getloadavg()):.1f}", flush=True)
    for name in sys.argv[1:] or PARTS:
        print(f"\n{name}", flush=True)
        PARTS[name]()
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
