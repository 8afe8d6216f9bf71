"""Whatever bytes arrive, the answer is an MlsError: no other exception, no changed room, no lost time."""

import tracemalloc
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from os import urandom
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.mls.codec import opaque
from chat.mls.commit import CommitReader
from chat.mls.errors import MlsError
from chat.mls.external import external_remove, pending_removal
from chat.mls.framing import check_application, private_message_header
from chat.mls.group import open_group_info
from chat.mls.key_package import parse_key_package
from chat.mls.tree import read_tree
from chat.mls.welcome import is_welcome, welcome_refs
from tests.mls.material import Turn, before, key_packages, made_at, server_key, turn, turns, vectors

pytestmark = pytest.mark.fuzz

ADD = turn("alice adds bob and carol")
ENTRY = turn("bob comes back by himself")
MIXED = turn("alice adds erin and her phone and removes dave")
APPLICATION = b64decode(vectors()["application"]["message"])
PROPOSAL = external_remove(bytes(16), 3, 1, 0, server_key())

PARSERS: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "key package": (lambda raw: parse_key_package(raw, made_at()), key_packages("bob")[0]),
    "commit": (lambda raw: CommitReader(raw).read(), MIXED.commit),
    "external commit": (lambda raw: CommitReader(raw).read(), ENTRY.commit),
    "group info": (open_group_info, MIXED.group_info),
    "welcome": (welcome_refs, MIXED.welcome or b""),
    "application message": (private_message_header, APPLICATION),
    "proposal": (pending_removal, PROPOSAL),
    "tree": (read_tree, opaque(b"\x00\x01\x02" + bytes(60))),
}


def survives(parse: Callable[[bytes], object], raw: bytes) -> None:
    """`parse` takes the bytes, or refuses them; any other exception fails the test."""
    with suppress(MlsError):
        parse(raw)


@st.composite
def broken(draw: st.DrawFn, raw: bytes) -> bytes:
    """Bytes near to `raw`: flipped, cut, grown, or with a length prefix that promises too much."""
    data = bytearray(raw)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        kind = draw(st.sampled_from(("flip", "cut", "grow", "promise", "drop", "repeat")))
        if kind == "flip" and data:
            data[at] ^= draw(st.integers(1, 255))
        elif kind == "cut":
            del data[at:]
        elif kind == "grow":
            data[at:at] = draw(st.binary(max_size=40))
        elif kind == "promise":
            data[at : at + 4] = draw(st.sampled_from((b"\xbf\xff\xff\xff", b"\x7f\xff", b"\x80\x00\x00\x00", b"\xff")))
        elif kind == "drop":
            del data[at : at + draw(st.integers(1, 40))]
        else:
            data[at:at] = data[at : at + draw(st.integers(1, 400))]
    return bytes(data)


@pytest.mark.parametrize("name", PARSERS)
@given(data=st.data())
def test_broken_messages_are_refused_by_name(name: str, data: st.DataObject) -> None:
    parse, raw = PARSERS[name]
    survives(parse, data.draw(broken(raw)))


@pytest.mark.parametrize("name", PARSERS)
@given(raw=st.binary(max_size=300))
def test_random_bytes_are_refused_by_name(name: str, raw: bytes) -> None:
    parse, real = PARSERS[name]
    survives(parse, raw)
    survives(parse, real[:8] + raw)


@pytest.mark.parametrize("name", PARSERS)
def test_every_shorter_message_is_refused(name: str) -> None:
    parse, raw = PARSERS[name]
    for size in range(len(raw)):
        with pytest.raises(MlsError):
            parse(raw[:size])


@pytest.mark.parametrize("name", ["key package", "group info"])
def test_no_byte_of_a_signed_message_can_be_changed(name: str) -> None:
    parse, raw = PARSERS[name]
    for position in range(len(raw)):
        with pytest.raises(MlsError):
            parse(flipped(raw, position))


def flipped(raw: bytes, position: int) -> bytes:
    return raw[:position] + bytes((raw[position] ^ 0x01,)) + raw[position + 1 :]


@pytest.mark.parametrize("each", [ADD, ENTRY, MIXED], ids=lambda each: each.title)
def test_no_byte_of_a_commit_can_be_changed_but_those_of_its_membership_tag(each: Turn) -> None:
    state = before(each.title)
    taken = []
    for position in range(len(each.commit)):
        try:
            replace(each, commit=flipped(each.commit, position)).judge(state)
        except MlsError:
            continue
        taken.append(position - len(each.commit))
    assert taken == ([] if each is ENTRY else list(range(-32, 0)))


@pytest.mark.parametrize("each", [ADD, ENTRY, MIXED], ids=lambda each: each.title)
def test_no_byte_of_the_group_info_that_comes_with_a_commit_can_be_changed(each: Turn) -> None:
    state = before(each.title)
    for position in range(len(each.group_info)):
        with pytest.raises(MlsError):
            replace(each, group_info=flipped(each.group_info, position)).judge(state)


@given(data=st.data())
def test_a_broken_submission_leaves_the_room_as_it_was(data: st.DataObject) -> None:
    each = data.draw(st.sampled_from([t for t in turns() if t.kept and t.epoch]))
    part = data.draw(st.sampled_from(["commit", "group_info", "welcome"]))
    state = before(each.title)
    assert state is not None
    kept = (state.context, state.tree.encode(), state.tree.tree_hash(), dict(state.roster))
    raw = data.draw(
        broken({"commit": each.commit, "group_info": each.group_info, "welcome": each.welcome or b""}[part])
    )
    bent = {
        "commit": replace(each, commit=raw),
        "group_info": replace(each, group_info=raw),
        "welcome": replace(each, welcome=raw),
    }[part]
    survives(lambda _: bent.judge(state), b"")
    assert kept == (state.context, state.tree.encode(), state.tree.tree_hash(), dict(state.roster))
    assert each.judge(state).epoch == state.epoch + 1


def test_messages_of_one_kind_are_refused_as_any_other() -> None:
    for name, (_, raw) in PARSERS.items():
        for other, (parse, _) in PARSERS.items():
            if {name, other} != {"commit", "external commit"} and name != other:
                with pytest.raises(MlsError):
                    parse(raw)
    assert not is_welcome(b"")


def hostile() -> Iterator[tuple[str, Callable[[bytes], object], bytes]]:
    """Messages just under the limit that are as laborious as their form allows."""
    size = 1 << 20
    head = b"\x00\x01\x00\x01" + opaque(bytes(16)) + bytes(8) + b"\x01\x00\x00\x00\x00\x00\x03"
    leaf = ENTRY.commit
    start = leaf.index(b"\x01\x20", 60) + 1
    read = PARSERS["commit"][0]
    yield (
        "abilities",
        read,
        head + b"\x00\x01" + opaque(bytes(32)) * 2 + b"\x00\x01\x00" + opaque(bytes(size - 300)) * 1,
    )
    yield "references", read, head + opaque((b"\x02" + opaque(bytes(32))) * (size // 34 - 10)) + bytes(1)
    yield "removals", read, head + opaque(b"\x01\x00\x03\x00\x00\x00\x01" * (size // 7 - 100))
    nodes = opaque((opaque(bytes(32)) + b"\x00") * (size // 34 - 40))
    real_leaf = leaf[start : leaf.index(b"\x40\x40", start) + 66]
    yield "path nodes", read, head + b"\x00\x01" + real_leaf + nodes
    extensions = b"".join(kind.to_bytes(2, "big") + b"\x00" for kind in range(65536))
    context = b"\x00\x01\x00\x04\x00\x01\x00\x03" + opaque(bytes(16)) + bytes(8) + opaque(bytes(32)) * 2
    yield "extensions", open_group_info, context + opaque(extensions) + opaque(extensions)
    yield "blank nodes", read_tree, opaque(bytes(size))
    yield "unmerged leaves", read_tree, opaque(b"\x00\x01\x02" + opaque(bytes(32)) + b"\x00" + opaque(bytes(size - 99)))
    yield (
        "recipients",
        welcome_refs,
        b"\x00\x01\x00\x03\x00\x03" + opaque((opaque(bytes(32)) + b"\0\0") * (size // 36)) + b"\0",
    )
    promise = b"\x00\x01\x00\x04\x00\x01\x00\x03\xbf\xff\xff\xff"
    yield "a promised gigabyte", open_group_info, promise + urandom(500)
    yield "too much", open_group_info, bytes(size + 1)


HOSTILE = {name: (parse, raw) for name, parse, raw in hostile()}


@pytest.mark.parametrize("what", HOSTILE)
def test_the_most_laborious_messages_cost_little_time_and_memory(what: str) -> None:
    parse, raw = HOSTILE[what]
    began = process_time()
    survives(parse, raw)
    assert process_time() - began < 0.5, what
    tracemalloc.start()
    try:
        survives(parse, raw)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8 << 20, what


def test_an_application_message_that_is_too_large_or_of_another_kind_is_refused() -> None:
    group_id = b64decode(vectors()["application"]["group"])
    for raw, code in (
        (APPLICATION + bytes(1 << 20), "too_large"),
        (APPLICATION + b"\0", "malformed"),
        (flipped(APPLICATION, 3), "malformed"),
    ):
        with pytest.raises(MlsError) as refusal:
            check_application(raw, group_id, 3)
        assert refusal.value.code == code
    handshake = bytearray(APPLICATION)
    handshake[4 + 17 + 8] = 3
    with pytest.raises(MlsError) as refusal:
        check_application(bytes(handshake), group_id, 3)
    assert refusal.value.code == "malformed"
    marked = APPLICATION[: 4 + 17 + 8 + 1] + opaque(b"hello") + APPLICATION[4 + 17 + 8 + 2 :]
    with pytest.raises(MlsError) as refusal:
        check_application(marked, group_id, 3)
    assert refusal.value.code == "not_allowed"
