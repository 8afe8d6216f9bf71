"""The first commit of a room: who may make it, and what its leaf and extensions must be."""

from typing import Any

import pytest

from chat.mls.codec import opaque
from chat.mls.errors import MlsError
from chat.mls.framing import SenderType
from chat.mls.leaf import LeafSource
from chat.mls.rules import judge_commit
from tests.mls.forge import (
    EXTENSIONS,
    REQUIRED,
    SERVER_KEY,
    Actor,
    Room,
    external_senders,
)


def founding(creator: Actor, extensions: bytes, **bent: Any) -> str:
    room = Room()
    draft = room.found(creator)
    for name, value in bent.items():
        setattr(draft, name, value)
    draft.info = {"extensions": extensions, **draft.info}
    sent = room.send(draft)
    with pytest.raises(MlsError) as refusal:
        judge_commit(sent.commit, sent.group_info, sent.welcome, None, room.context(creator))
    return refusal.value.code


def test_a_room_is_founded_with_the_server_as_its_only_external_sender() -> None:
    other = Actor().public
    for extensions in (
        opaque(REQUIRED),
        opaque(REQUIRED + external_senders(other)),
        opaque(REQUIRED + external_senders(SERVER_KEY, other)),
        opaque(REQUIRED + external_senders(SERVER_KEY) + b"\xf0\x01\x00"),
        opaque(b"\x00\x03" + opaque(b"\x02\x00\x0a" + b"\x00\x00") + external_senders(SERVER_KEY)),
    ):
        assert founding(Actor(), extensions) == "not_allowed"
    senders, required = external_senders(SERVER_KEY)[3:], REQUIRED[3:]
    for kind, content, rest in ((5, senders, REQUIRED), (3, required, external_senders(SERVER_KEY))):
        trailing = kind.to_bytes(2, "big") + opaque(content + b"\0")
        assert founding(Actor(), opaque(rest + trailing)) == "malformed"
    large = opaque(external_senders(SERVER_KEY) + b"\x00\x03" + opaque(bytes(2000)))
    assert founding(Actor(), large) == "too_large"


def test_a_room_is_founded_by_the_sending_device_at_leaf_zero() -> None:
    assert founding(Actor(), EXTENSIONS, sender=1) == "wrong_sender"
    assert founding(Actor(), EXTENSIONS, leaf_of=Actor()) == "wrong_sender"
    assert founding(Actor(), EXTENSIONS, sender_type=SenderType.NEW_MEMBER_COMMIT) == "wrong_sender"


def test_a_founder_alone_makes_its_new_leaf_for_a_commit() -> None:
    assert founding(Actor(), EXTENSIONS, leaf_source=LeafSource.UPDATE) == "malformed"
    assert founding(Actor(), EXTENSIONS, extra_nodes=1) == "malformed"


def found_with(leaf: bytes, creator: Actor, sender: Actor | None = None) -> str:
    room, friend = Room(), Actor()
    sent = room.send(room.found(creator, friend, leaf=leaf))
    with pytest.raises(MlsError) as refusal:
        judge_commit(sent.commit, sent.group_info, sent.welcome, None, room.context(sender or creator))
    return refusal.value.code


def test_the_leaf_of_a_founder_who_only_adds_is_checked_as_well() -> None:
    creator = Actor()
    assert found_with(creator.leaf(b"\x02"), creator) == "malformed"
    assert found_with(creator.package_leaf(tail=b"x"), creator) == "bad_signature"
    basic_only = bytes.fromhex("020001" + "020003" + "0000" + "020001")
    assert found_with(creator.package_leaf(capabilities=basic_only), creator) == "not_allowed"
    registered = Actor(creator.account)
    assert registered.member.client_id == creator.member.client_id
    assert found_with(creator.package_leaf(), creator, registered) == "wrong_sender"


def test_the_signature_of_a_founding_commit_that_only_adds_is_checked() -> None:
    room, creator, friend = Room(), Actor(), Actor()
    draft = room.found(creator, friend)
    draft.signed_by = friend.key
    sent = room.send(draft)
    with pytest.raises(MlsError) as refusal:
        judge_commit(sent.commit, sent.group_info, sent.welcome, None, room.context(creator))
    assert refusal.value.code == "bad_signature"
