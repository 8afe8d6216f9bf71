"""The log under many hands: gapless, once, and either stored or refused."""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack
from uuid import UUID

import pytest

from chat.delivery.log import Append, Appended, Stamp
from chat.delivery.statements import EntryRow
from chat.delivery.writer import MAX_BATCH, MAX_LINGER_SECONDS, Writer, linger_seconds
from chat.models import Entry, Room
from tests.delivery.groups import Circle, circle
from tests.delivery.harness import Server, Socket, Store, in_db, socket_to
from tests.delivery.member import Member, judge
from tests.factories import device_of


def log_of(room: UUID) -> list[tuple[int, bytes]]:
    return list(Entry.objects.filter(room=room).order_by("seq").values_list("seq", "entry_id"))


async def test_seq_has_no_gaps_under_fifty_senders_at_once(server: Server, rounds: int) -> None:
    here = await in_db(circle, 50)
    members = [Member(lambda: server.address, person.token, here.room, hasty=True) for person in here.members]

    async def talk(member: Member) -> None:
        for _ in range(20 * rounds):
            await member.say(random.randrange(10, 2000))
            await asyncio.sleep(random.random() * 0.02)
        await member.everything_sent()

    await asyncio.gather(*map(talk, members))
    head = 1 + 50 * 20 * rounds
    await asyncio.gather(*(member.caught_up_to(head) for member in members))
    stored = await in_db(log_of, here.group.room)
    for member in members:
        await member.stop()
    assert [seq for seq, _ in stored] == list(range(1, head + 1))
    assert set(judge(members, stored).values()) == {0}
    assert all(member.connections == 1 for member in members)
    assert await in_db(lambda: Room.objects.get(id=here.group.room).head) == head


async def test_rooms_that_are_written_together_do_not_mix(server: Server) -> None:
    circles = [await in_db(circle, 2) for _ in range(8)]
    async with AsyncExitStack() as stack:
        pairs: list[tuple[Circle, Socket, Socket]] = []
        for here in circles:
            one, two = [await stack.enter_async_context(socket_to(server, p.token)) for p in here.members]
            pairs.append((here, one, two))
        for _ in range(20):
            await asyncio.gather(*(one.ask(here.group.message(), "accepted") for here, one, _ in pairs))
        for here, _, two in pairs:
            await two.settled()
            assert [entry[0] for entry in two.entries(here.room)] == list(range(2, 22))
            assert {frame["room"] for frame in two.arrived if frame["t"] == "entries"} == {here.room}


def _appends(here: Circle, device: int, count: int, owner: object = None) -> list[Append]:
    made: list[Append] = []
    for _ in range(count):
        message = here.group.message()
        made.append(
            Append(owner, here.group.room, device, "mimi://x/u/y", message["id"], 1, message["payload"], message["tag"])
        )
    return made


@pytest.fixture
def stamp() -> Stamp:
    return Stamp("kindred.example", 1, bytes(32))


async def _written(stamp: Stamp, appends: list[Append]) -> list[Appended]:
    """What the writer publishes for appends that all wait when it starts."""
    published: list[Appended] = []
    writer = Writer(asyncio.get_running_loop(), lambda: stamp, published.append)
    for append in appends:
        writer.append(append)
    writer.start()
    await writer.idle()
    await asyncio.to_thread(writer.stop)
    return [done for done in published if done.batches or done.answers]


async def test_everything_that_waits_becomes_durable_in_one_transaction(store: Store, stamp: Stamp) -> None:
    here = await in_db(circle, 1)
    device = await in_db(lambda: device_of(here.members[0]).pk)
    (done,) = await _written(stamp, _appends(here, device, 200))
    (batch,) = done.batches
    assert (batch.first, len(batch.packed), len(batch.owners), done.answers) == (2, 200, 200, [])


def test_a_busy_writer_lingers_and_a_lone_message_or_one_after_a_pause_waits_for_nothing() -> None:
    assert linger_seconds(0.5, count=32, seconds=0.004, since=0.001) == 0.002
    assert linger_seconds(0.5, count=32, seconds=3.0, since=0.001) == MAX_LINGER_SECONDS
    assert linger_seconds(0.5, count=32, seconds=0.004, since=0.009) == 0
    assert linger_seconds(0.5, count=1, seconds=0.004, since=0.001) == 0
    assert linger_seconds(0.0, count=32, seconds=0.004, since=0.001) == 0


async def test_what_comes_while_a_busy_writer_lingers_goes_together_and_is_bounded_in_count(
    store: Store, stamp: Stamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.delivery.writer.linger_seconds", lambda *_: 60.0)
    here = await in_db(circle, 1)
    device = await in_db(lambda: device_of(here.members[0]).pk)
    published: asyncio.Queue[Appended] = asyncio.Queue()
    writer = Writer(asyncio.get_running_loop(), lambda: stamp, published.put_nowait)
    writer.start()
    for append in _appends(here, device, MAX_BATCH):
        writer.append(append)
        await asyncio.sleep(0)
    # Nobody waits for the minute: a full transaction begins, and so does what a job or the end of the process follows.
    assert len((await published.get()).batches[0].packed) == MAX_BATCH
    for append in _appends(here, device, 5):
        writer.append(append)
        await asyncio.sleep(0)
    assert published.empty()
    await writer.idle()
    assert len(published.get_nowait().batches[0].packed) == 5
    await asyncio.to_thread(writer.stop)


async def test_when_the_transaction_fails_nothing_of_it_is_stored_and_every_sender_is_told(
    store: Store, stamp: Stamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.db import OperationalError

    from chat.delivery import statements

    here = await in_db(circle, 1)
    device = await in_db(lambda: device_of(here.members[0]).pk)
    kind = statements.PostgresStatements if store.postgres else statements.Statements

    def fail(self: object, cursor: object, heads: object) -> None:
        raise OperationalError("the power went")

    with monkeypatch.context() as patch:
        patch.setattr(kind, "set_heads", fail)
        (done,) = await _written(stamp, _appends(here, device, 50))
    assert (len(done.batches), len(done.answers)) == (0, 50)
    assert all(b"unavailable" in frame and b"retry_after_ms" in frame for _, frame in done.answers)
    assert len(await in_db(log_of, here.group.room)) == 1
    (done,) = await _written(stamp, _appends(here, device, 50))
    assert done.batches[0].first == 2


async def test_an_entry_that_brings_out_a_fault_takes_no_other_with_it(
    store: Store, stamp: Stamp, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chat.delivery import log

    here = await in_db(circle, 1)
    device = await in_db(lambda: device_of(here.members[0]).pk)
    appends = _appends(here, device, 9)
    poison = appends[4].entry_id
    real = log.packed

    def packed(row: EntryRow) -> bytes:
        if row.entry_id == poison:
            raise ValueError("a fault of ours")
        return real(row)

    monkeypatch.setattr(log, "packed", packed)
    (done,) = await _written(stamp, appends)
    assert [len(batch.packed) for batch in done.batches] == [1] * 8
    assert [batch.first for batch in done.batches] == list(range(2, 10))
    ((_, answer),) = done.answers
    assert b"unavailable" in answer
    assert poison in answer


async def test_a_clock_that_jumps_changes_no_order(store: Store, stamp: Stamp, monkeypatch: pytest.MonkeyPatch) -> None:
    from chat.delivery import log

    here = await in_db(circle, 1)
    device = await in_db(lambda: device_of(here.members[0]).pk)
    sent: list[bytes] = []
    for time in (2_000_000, 1_000_000, 3_000_000, -5, 2**40):
        monkeypatch.setattr(log, "now_ms", lambda time=time: time)
        appends = _appends(here, device, 3)
        sent += [append.entry_id for append in appends]
        await _written(stamp, appends)
    assert (await in_db(log_of, here.group.room))[1:] == list(enumerate(sent, 2))
