"""The hub's order: whatever reaches it in whatever order, a socket sees every entry once, in order."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from chat.delivery.connection import Connection
from chat.delivery.hub import Hub
from chat.delivery.local_room import LocalRoom
from chat.delivery.log import Appended, Batch, Change
from chat.delivery.transport import Outgoing, Transport
from chat.protocol import events
from tests.delivery.harness import until

ROOM = UUID(bytes=b"r" * 16)


class Memory(Transport):
    """Keeps what is written; `stuck` is what it says waits."""

    def __init__(self) -> None:
        self.frames: list[dict[str, Any]] = []
        self.stuck = 0
        self.aborted = False

    def write(self, out: Outgoing) -> int:
        self.frames += map(msgspec.msgpack.decode, out.payloads)
        return self.stuck

    def backlog(self) -> int:
        return self.stuck

    def abort(self) -> None:
        self.aborted = True

    def seen(self) -> list[int]:
        """Seqs in the order in which they came, as entries or as `accepted`."""
        found: list[int] = []
        for frame in self.frames:
            found += [item[0] for item in frame["items"]] if frame["t"] == "entries" else []
            found += [frame["seq"]] if frame["t"] == "accepted" else []
        return found


def connection(device: int, closed: list[int] | None = None) -> tuple[Connection, Memory]:
    memory = Memory()
    close = (closed if closed is not None else []).append
    made = Connection(memory, close, device=device, account=uuid4(), network=uuid4(), device_hex="", sender_uri="")
    made.ready = True
    return made, memory


def entry(seq: int) -> bytes:
    return events.pack_entry((seq, 1, 0, 1, seq.to_bytes(16, "big"), b"", None, None, 1))


def accepted(seq: int) -> bytes:
    return events.encode(events.Accepted(seq.to_bytes(16, "big"), ROOM.bytes, seq, 1, None, 1))


def batch(first: int, count: int, owners: dict[int, Connection] | None = None) -> Batch:
    made = Batch(ROOM, first, [entry(seq) for seq in range(first, first + count)])
    for seq, owner in sorted((owners or {}).items()):
        made.owners.append((seq - first, owner, accepted(seq)))
    return made


def log_filler(hub: Hub, head: int) -> list[LocalRoom]:
    """Fills gaps at once, as if the log had been read."""
    asked: list[LocalRoom] = []
    hub.on_gap = asked.append
    return asked


@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=8).flatmap(
        lambda sizes: st.tuples(
            st.just(sizes),
            st.lists(st.sampled_from(range(len(sizes))), min_size=len(sizes), max_size=2 * len(sizes)),
            st.lists(st.booleans(), min_size=sum(sizes), max_size=sum(sizes)),
        )
    )
)
def test_any_order_loss_and_repetition_of_batches_comes_out_in_order_and_once(
    given_: tuple[list[int], list[int], list[bool]],
) -> None:
    sizes, arrivals, mine = given_
    hub = Hub()
    sender, own = connection(1)
    reader, other = connection(2)
    for one in (sender, reader):
        hub.add(one)
        hub.subscribe(ROOM, one, 10)
    asked = log_filler(hub, 10 + sum(sizes))
    starts = [11 + sum(sizes[:index]) for index in range(len(sizes))]
    answered: set[int] = set()
    for index in arrivals:
        first, count = starts[index], sizes[index]
        # What a process wrote itself it hears once; what another one wrote may come twice.
        owned = {s: sender for s in range(first, first + count) if mine[s - 11]} if index not in answered else {}
        answered.add(index)
        hub.take(batch(first, count, owned))
    total = 10 + sum(sizes)
    room = hub.rooms[ROOM]
    if room.last < total:
        # The log has everything.
        hub.deliver_from_log(room, room.last + 1, [entry(seq) for seq in range(room.last + 1, total + 1)])
    assert room.last == total
    assert not room.held
    assert other.seen() == list(range(11, total + 1))
    assert sorted(own.seen()) == list(range(11, total + 1))
    copies = [item[0] for frame in own.frames if frame["t"] == "entries" for item in frame["items"]]
    assert copies == sorted(copies)
    # Whoever was answered for an entry got no copy of it.
    assert not {frame["seq"] for frame in own.frames if frame["t"] == "accepted"} & set(copies)
    assert asked == [] or asked[0] is room


def test_entries_made_durable_together_are_one_frame_and_one_write() -> None:
    hub = Hub()
    readers = [connection(device) for device in range(2, 12)]
    for reader, _ in readers:
        hub.add(reader)
        hub.subscribe(ROOM, reader, 0)
    sender = readers[0][0]
    hub.publish(Appended([batch(1, 8, {3: sender, 4: sender, 6: sender})]))
    for _, memory in readers[1:]:
        assert [frame["t"] for frame in memory.frames] == ["entries"]
        assert memory.seen() == list(range(1, 9))
    kinds = [(frame["t"], len(frame.get("items", ()))) for frame in readers[0][1].frames]
    assert kinds == [("entries", 2), ("accepted", 0), ("accepted", 0), ("entries", 1), ("accepted", 0), ("entries", 2)]
    assert readers[0][1].seen() == list(range(1, 9))


def test_what_waited_for_its_turn_goes_out_in_one_frame() -> None:
    hub = Hub()
    reader, memory = connection(1)
    hub.add(reader)
    hub.subscribe(ROOM, reader, 0)
    asked: list[LocalRoom] = []
    hub.on_gap = asked.append
    hub.take(batch(4, 2), batch(6, 1))
    hub.take(batch(3, 1))
    assert (memory.frames, len(asked)) == ([], 2)
    hub.take(batch(1, 1), batch(2, 1), batch(7, 2))
    assert [[item[0] for item in frame["items"]] for frame in memory.frames] == [[1, 2, 3, 4, 5, 6, 7, 8]]
    assert not hub.rooms[ROOM].held


def test_a_removed_device_gets_not_even_the_entry_that_removes_it() -> None:
    hub = Hub()
    (gone, out), (stays, kept) = connection(1), connection(2)
    for one in (gone, stays):
        hub.add(one)
        hub.subscribe(ROOM, one, 0)
    removal = batch(1, 1)
    removal.change = Change(removed=frozenset({1}))
    hub.take(removal)
    hub.take(batch(2, 1))
    assert [(frame["t"], frame.get("change")) for frame in out.frames] == [("room", "removed")]
    assert kept.seen() == [1, 2]
    assert ROOM.bytes not in gone.rooms


def test_a_removal_that_comes_too_early_silences_at_once_all_the_same() -> None:
    hub = Hub()
    (gone, out), (stays, kept) = connection(1), connection(2)
    for one in (gone, stays):
        hub.add(one)
        hub.subscribe(ROOM, one, 0)
    removal = batch(3, 1)
    removal.change = Change(removed=frozenset({1}))
    hub.take(removal)
    hub.take(batch(1, 2))
    assert [frame["t"] for frame in out.frames] == ["room"]
    assert kept.seen() == [1, 2, 3]


def test_a_newcomer_gets_its_welcome_then_what_comes_after_the_commit() -> None:
    hub = Hub()
    (member, _), (new, inbox) = connection(1), connection(2)
    hub.add(member)
    hub.add(new)
    hub.subscribe(ROOM, member, 0)
    new.inbox_seq = 6
    commit = batch(1, 1, {1: member})
    commit.change = Change(added={2: 7}, welcome=b"welcome", seq=1)
    hub.take(commit)
    hub.take(batch(2, 1))
    assert inbox.frames[0] == {"t": "inbox", "items": [[7, "welcome", ROOM.bytes, 1, b"welcome"]]}
    assert inbox.seen() == [2]


def test_a_welcome_that_is_not_next_in_the_inbox_waits_for_its_turn_and_none_is_passed_over() -> None:
    hub = Hub()
    new, inbox = connection(2)
    hub.add(new)
    asked: list[Connection] = []
    hub.on_inbox = asked.append
    new.inbox_seq = 5

    def let_in(seq: int) -> None:
        commit = batch(seq, 1)
        commit.change = Change(added={2: seq}, welcome=b"welcome", seq=seq)
        hub.take(commit)

    let_in(7)
    assert (asked, new.inbox_seq) == ([new], 5)
    new.bringing = True
    let_in(6)
    new.bringing, inbox.stuck = False, 10**6
    let_in(6)
    assert (asked, new.inbox_seq) == ([new] * 3, 5)
    inbox.stuck = 0
    let_in(6)
    let_in(6)
    assert [frame["items"][0][0] for frame in inbox.frames if frame["t"] == "inbox"] == [6]
    assert len(asked) == 3


def test_whoever_subscribes_after_reading_an_old_head_starts_after_what_was_announced() -> None:
    hub = Hub()
    hub.take(batch(1, 5))
    late, memory = connection(1)
    hub.add(late)
    assert hub.subscribe(ROOM, late, 3) == 5
    hub.take(batch(6, 1))
    assert memory.seen() == [6]


async def test_a_receiver_that_does_not_read_is_cut_off_with_a_reason_and_nobody_else_notices() -> None:
    hub = Hub()
    closed: list[int] = []
    (slow, stuck), (quick, fine) = connection(1, closed), connection(2)
    for one in (slow, quick):
        hub.add(one)
        hub.subscribe(ROOM, one, 0)
    stuck.stuck = 10**9
    hub.take(batch(1, 1))
    hub.take(batch(2, 1))
    assert [frame["t"] for frame in stuck.frames] == ["entries", "bye"]
    assert stuck.frames[-1]["code"] == "slow"
    assert fine.seen() == [1, 2]
    assert closed == []
    stuck.stuck = 0
    await until(lambda: closed == [1000])
    assert not stuck.aborted
