"""Whatever bytes come: a typed error or nothing, never a crash, never a changed room."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat.protocol import events, frames
from chat.protocol.errors import Code, ProtocolError
from chat.protocol.limits import MAX_COMMIT_FRAME, MAX_PAYLOAD
from tests.delivery.groups import circle
from tests.delivery.harness import Server, in_db, socket_to
from tests.socket.test_actors import state_of

pytestmark = pytest.mark.fuzz

FIELDS = ["t", "v", "token", "id", "room", "epoch", "payload", "tag", "commit", "group_info", "welcome", "invite",
          "after", "limit", "rooms", "seq", "x"]  # fmt: skip
KINDS = ["hello", "send", "commit", "fetch", "cursor", "inbox_ack", "ping", "ready", "bye", ""]

scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**63), 2**64 - 1), st.floats(), st.text(max_size=20),
    st.binary(max_size=40), st.binary(min_size=16, max_size=16), st.binary(min_size=32, max_size=32),
)  # fmt: skip
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner), max_leaves=8
)
maps = st.dictionaries(st.sampled_from(FIELDS), values, max_size=9).flatmap(
    lambda fields: st.sampled_from(KINDS).map(lambda kind: fields | {"t": kind})
)


def honest(room: bytes) -> st.SearchStrategy[dict[str, Any]]:
    """Frames of the right form for the room, with one field bent at most."""
    bytes16, bytes32 = st.binary(min_size=16, max_size=16), st.binary(min_size=32, max_size=32)
    counts = st.integers(0, 2**63 - 1)
    own = st.just(room) | bytes16
    frame = st.one_of(
        st.fixed_dictionaries({"t": st.just("send"), "id": bytes16, "room": own, "epoch": counts,
                               "payload": st.binary(min_size=1, max_size=300), "tag": bytes32}),
        st.fixed_dictionaries({"t": st.just("commit"), "id": bytes16, "room": own, "epoch": st.integers(0, 3),
                               "commit": st.binary(min_size=1, max_size=300), "group_info": st.binary(min_size=1),
                               "welcome": st.none() | st.binary(), "invite": st.none() | bytes16}),
        st.fixed_dictionaries({"t": st.just("fetch"), "id": bytes16, "room": own, "after": counts,
                               "limit": st.integers(1, 500)}),
        st.fixed_dictionaries({"t": st.just("cursor"), "rooms": st.lists(st.tuples(own, counts), max_size=3)}),
        st.fixed_dictionaries({"t": st.just("inbox_ack"), "seq": counts}),
    )  # fmt: skip

    def bend(frame: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
        return st.tuples(st.sampled_from(sorted(frame)), values).map(lambda one: frame | {one[0]: one[1]}) | st.just(
            frame
        )

    return frame.flatmap(bend)


@given(st.binary(max_size=400) | maps.map(msgspec.msgpack.encode))
@example(b"\x91" * 2000)
@example(b"\x81" * 2000)
@example(b"\xdd\xff\xff\xff\xff")
@example(b"\xc6\xff\xff\xff\xff")
def test_any_bytes_are_a_frame_or_a_protocol_error(data: bytes) -> None:
    frame = refusal = None
    try:
        frame = frames.parse(data)
    except ProtocolError as error:
        refusal = error
    if refusal is None:
        assert frame is not None
        assert frames.parse(msgspec.msgpack.encode(frame)) == frame
    else:
        assert refusal.code in (Code.MALFORMED, Code.TOO_LARGE)
        assert msgspec.msgpack.decode(events.encode(events.error(refusal)))["code"] == refusal.code


@pytest.mark.parametrize(("size", "code"), [(MAX_PAYLOAD, None), (MAX_PAYLOAD + 1, "too_large"), (2**21, "too_large")])
def test_the_largest_frames_are_told_by_their_size(size: int, code: str | None) -> None:
    frame = {"t": "send", "id": bytes(16), "room": bytes(16), "epoch": 1, "payload": bytes(size), "tag": bytes(32)}
    data = msgspec.msgpack.encode(frame)
    if code is None:
        assert isinstance(frames.parse(data), frames.Send)
        return
    with pytest.raises(ProtocolError) as caught:
        frames.parse(data)
    assert caught.value.code == code
    assert len(data) > MAX_COMMIT_FRAME or caught.value.detail["id"] == bytes(16)


@pytest.mark.parametrize(
    "rooms", [[[bytes(16), 1]] * 201, [[bytes(15), 1]], [[bytes(16), -1]], [[bytes(16), 2**63]], [[bytes(16)]]]
)
def test_a_cursor_frame_is_bounded(rooms: list[Any]) -> None:
    with pytest.raises(ProtocolError):
        frames.parse(msgspec.msgpack.encode({"t": "cursor", "rooms": rooms}))


async def test_no_frame_breaks_the_server_or_changes_a_room(server: Server, rounds: int) -> None:
    here = await in_db(circle, 2)
    tokens = [person.token_hash for person in here.members]
    before = await in_db(state_of, [here.group.room], tokens)
    made = honest(here.room) | maps
    examples: list[bytes] = []

    @given(st.binary(max_size=200) | made.map(msgspec.msgpack.encode))
    def collect(data: bytes) -> None:
        examples.append(data)

    await asyncio.to_thread(collect)
    async with socket_to(server, here.members[0].token) as socket, socket_to(server, here.members[1].token) as reader:
        for data in examples:
            await socket.send(data)
            if len(socket.arrived) > 200:
                await socket.settled()
                socket.arrived.clear()
        await socket.settled()
        codes = {frame["code"] for frame in socket.arrived if frame["t"] == "error"}
        assert codes <= {code.value for code in Code}
        assert {frame["t"] for frame in socket.arrived} <= {"error", "page", "pong"}
        await reader.settled()
        assert reader.arrived == []
        assert await in_db(state_of, [here.group.room], tokens) == before
        assert (await socket.ask(here.group.message(), "accepted"))["t"] == "accepted"
