"""The form of messages is read strictly: one way to write a thing, no byte too many, no list too long."""

from base64 import b64decode
from collections.abc import Callable
from os import urandom

import pytest

from chat.mls.codec import Reader, opaque
from chat.mls.commit import CommitReader
from chat.mls.errors import MlsError
from chat.mls.external import external_remove, pending_removal
from chat.mls.framing import private_message_header
from chat.mls.group import open_group_info, read_group_info
from chat.mls.key_package import parse_key_package
from chat.mls.tree import read_tree
from chat.mls.welcome import welcome_refs
from tests.mls.forge import NOW, SERVER, Actor, Draft, Room, encryption_key, reference, welcome
from tests.mls.material import key_packages, made_at, turn, vectors

MIXED = turn("alice adds erin and her phone and removes dave")
LEAF = Actor().package_leaf()


def refusal(parse: Callable[[bytes], object], raw: bytes) -> str:
    with pytest.raises(MlsError) as refused:
        parse(raw)
    return refused.value.code


def read_commit(raw: bytes) -> object:
    return CommitReader(raw).read()


@pytest.mark.parametrize("size", [0, 63, 64, 16383, 16384, 70000])
def test_a_vector_is_read_as_it_was_written(size: int) -> None:
    data = urandom(size)
    reader = Reader(opaque(data))
    assert reader.opaque() == data
    reader.finish()


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x40",  # half a prefix
        b"\x80\x00\x40",  # three quarters of one
        b"\x40\x3f" + bytes(63),  # two bytes where one would do
        b"\x80\x00\x3f\xff" + bytes(16383),  # four where two would do
        b"\xc0\x00\x40\x00" + bytes(16384),  # the prefix that MLS leaves out
        b"\x05abcd",  # a byte short
        b"\xbf\xff\xff\xffabcd",  # a gigabyte short
    ],
)
def test_a_vector_written_in_another_way_is_malformed(raw: bytes) -> None:
    for read in (Reader.opaque, Reader.skip, Reader.vector):
        with pytest.raises(MlsError) as refused:
            read(Reader(raw))
        assert refused.value.code == "malformed"


def test_an_optional_field_is_there_or_not_and_nothing_else() -> None:
    assert Reader(b"\x01").optional()
    assert not Reader(b"\x00").optional()
    assert refusal(lambda raw: Reader(raw).optional(), b"\x02") == "malformed"
    assert refusal(lambda raw: Reader(raw).uint(8), bytes(7)) == "malformed"


def test_a_reader_of_a_part_does_not_see_what_follows() -> None:
    reader = Reader(opaque(b"ab") + b"cd")
    inside = reader.vector()
    assert inside.uint(2) == 0x6162
    assert not inside.more()
    with pytest.raises(MlsError):
        inside.uint(1)
    assert reader.uint(2) == 0x6364


EXACT: dict[str, tuple[Callable[[bytes], object], bytes]] = {
    "key package": (lambda raw: parse_key_package(raw, made_at()), key_packages("bob")[0]),
    "commit": (read_commit, MIXED.commit),
    "group info": (read_group_info, MIXED.group_info),
    "welcome": (welcome_refs, welcome([urandom(32)])),
    "application message": (private_message_header, b64decode(vectors()["application"]["message"])),
    "proposal": (pending_removal, external_remove(bytes(16), 1, 2, 0, SERVER)),
    "tree": (read_tree, opaque(b"\x01\x01" + LEAF)),
}


@pytest.mark.parametrize("name", EXACT)
def test_a_byte_too_many_is_malformed(name: str) -> None:
    parse, raw = EXACT[name]
    parse(raw)
    assert refusal(parse, raw + b"\0") == "malformed"


@pytest.mark.parametrize("name", ["commit", "group info", "welcome", "application message", "proposal"])
def test_another_version_or_kind_of_message_is_malformed(name: str) -> None:
    parse, raw = EXACT[name]
    assert refusal(parse, b"\x00\x02" + raw[2:]) == "malformed"
    assert refusal(parse, raw[:2] + b"\x00\x07" + raw[4:]) == "malformed"


class Sole:
    """A room of one, whose commits have a path of a leaf alone."""

    def __init__(self) -> None:
        self.actor = Actor()
        self.room = Room()
        self.room.found(self.actor)

    def commit(self, **bent: object) -> bytes:
        return self.room.send(Draft(self.actor, **bent)).commit  # type: ignore[arg-type]

    def info(self, **bent: object) -> bytes:
        return self.room.send(Draft(self.actor, info=bent)).group_info


def test_a_commit_has_no_more_proposals_than_a_tree_has_leaves() -> None:
    sole = Sole()
    read_commit(sole.commit(proposals=[reference(bytes(32))] * 2048))
    assert refusal(read_commit, sole.commit(proposals=[reference(bytes(32))] * 2049)) == "too_large"


def test_a_path_is_no_longer_than_a_tree_is_high() -> None:
    sole = Sole()
    read_commit(sole.commit(extra_nodes=11))
    assert refusal(read_commit, sole.commit(extra_nodes=12)) == "too_large"


def test_a_proposal_is_given_by_value_or_by_reference() -> None:
    assert refusal(read_commit, Sole().commit(proposals=[b"\x03" + bytes(33)])) == "malformed"


def test_references_keys_and_tags_have_the_length_of_the_suite() -> None:
    sole = Sole()
    for proposal in (b"\x02" + opaque(bytes(31)), b"\x01\x00\x06" + opaque(bytes(33))):
        assert refusal(read_commit, sole.commit(proposals=[proposal])) == "malformed"
    assert refusal(read_commit, sole.commit(tag=bytes(31))) == "malformed"
    for field, value in (("tag", bytes(33)), ("tree_hash", bytes(31)), ("tree_hash", b""), ("confirmed", bytes(31))):
        assert refusal(read_group_info, sole.info(**{field: value})) == "malformed"
    assert refusal(welcome_refs, welcome([bytes(31)])) == "malformed"


def test_a_key_package_has_keys_and_signatures_of_the_length_of_the_suite() -> None:
    actor = Actor()
    for raw in (
        actor.key_package(init_key=bytes(31)),
        actor.key_package(actor.package_leaf(encrypts_to=bytes(33))),
        actor.key_package()[:-66] + opaque(bytes(63)),
        actor.key_package(actor.package_leaf()[:-66] + opaque(bytes(65))),
    ):
        assert refusal(lambda raw: parse_key_package(raw, NOW), raw) == "malformed"


def test_a_leaf_comes_from_somewhere() -> None:
    actor = Actor()
    for source in (0, 4):
        raw = actor.key_package(actor.leaf(bytes((source,))))
        assert refusal(lambda raw: parse_key_package(raw, NOW), raw) == "malformed"


def test_a_leaf_has_only_extensions_that_it_supports() -> None:
    actor = Actor()
    application_id, unlisted = b"\x00\x01\x00", b"\xf0\x01\x00"
    parse_key_package(actor.key_package(actor.package_leaf(extensions=application_id)), NOW)
    raw = actor.key_package(actor.package_leaf(extensions=unlisted))
    assert refusal(lambda raw: parse_key_package(raw, NOW), raw) == "malformed"
    many = b"".join(kind.to_bytes(2, "big") + b"\x00" for kind in range(33))
    raw = actor.key_package(actor.package_leaf(extensions=many))
    assert refusal(lambda raw: parse_key_package(raw, NOW), raw) == "too_large"


def test_a_proposal_in_the_log_is_the_servers_removal_and_nothing_else() -> None:
    proposal = external_remove(bytes(16), 1, 2, 0, SERVER)
    at = 4 + 17 + 8
    by_member = proposal[:at] + b"\x01" + proposal[at + 1 :] + opaque(bytes(32))
    assert refusal(pending_removal, by_member) == "malformed"
    kind = at + 1 + 4 + 1 + 1
    entry = proposal[:kind] + b"\x00\x06" + proposal[kind + 2 :]
    assert refusal(pending_removal, entry) == "malformed"
    assert refusal(pending_removal, proposal[: kind - 1] + b"\x03" + proposal[kind:]) == "malformed"
    strange = proposal[:at] + b"\x05" + proposal[at + 1 :]
    assert refusal(pending_removal, strange) == "malformed"


def parent(key: bytes | None = None, parent_hash: bytes = b"", unmerged: bytes = b"") -> bytes:
    return b"\x01\x02" + opaque(encryption_key() if key is None else key) + opaque(parent_hash) + opaque(unmerged)


def test_a_tree_has_leaves_and_parents_in_their_places() -> None:
    leaf, blank = b"\x01\x01" + LEAF, b"\x00"
    read_tree(opaque(leaf + parent(unmerged=bytes.fromhex("0000000100000003")) + leaf))
    for nodes in (
        b"",
        blank,
        leaf + blank,
        parent(),
        leaf + leaf,
        b"\x01\x03" + LEAF,
        leaf + parent(parent_hash=bytes(31)) + leaf,
        leaf + parent(key=bytes(31)) + leaf,
        leaf + parent(unmerged=bytes.fromhex("0000000300000001")) + leaf,
        leaf + parent(unmerged=bytes.fromhex("0000000300000003")) + leaf,
        leaf + parent(unmerged=bytes(3)) + leaf,
    ):
        assert refusal(read_tree, opaque(nodes)) == "malformed"
    many = b"".join(number.to_bytes(4, "big") for number in range(2049))
    assert refusal(read_tree, opaque(leaf + parent(unmerged=many) + leaf)) == "too_large"
    assert refusal(read_tree, opaque(bytes(4096))) == "too_large"


def test_a_tree_takes_as_many_leaves_as_are_allowed_and_no_more() -> None:
    tree = read_tree(opaque(b"\x01\x01" + LEAF))
    leaf = tree.leaf(0)
    assert leaf is not None
    tree.add([leaf] * 2047)
    assert sum(1 for _ in tree.leaves()) == 2048
    with pytest.raises(MlsError) as refused:
        tree.add([leaf])
    assert refused.value.code == "too_large"
    assert tree.leaf(2048) is None


def test_a_stored_group_info_that_was_damaged_is_noticed() -> None:
    sole = Sole()
    assert open_group_info(sole.info()).roster == {0: sole.actor.member}
    assert refusal(open_group_info, sole.info(tree_hash=urandom(32))) == "group_info_mismatch"
    assert refusal(open_group_info, sole.info(signer=1)) == "group_info_mismatch"
    assert refusal(open_group_info, sole.info(key=Actor().key)) == "bad_signature"


def test_a_group_info_brings_a_tree_and_an_external_key_and_nothing_else() -> None:
    raw = Sole().info()
    reader = Reader(raw, 8)
    reader.skip()
    reader.uint(8)
    for _ in range(3):
        reader.skip()
    start = reader.pos
    inside = reader.opaque()
    after = raw[reader.pos :]
    external = inside[-36:]
    assert external[:2] == b"\x00\x04"
    for wrong in (
        inside[:-36],
        external,
        inside + b"\xf0\x01\x00",
        inside[:-36] + b"\x00\x04" + opaque(opaque(bytes(32)) + b"\0"),
        inside[:-36] + b"\x00\x04" + opaque(opaque(bytes(31))),
    ):
        assert refusal(read_group_info, raw[:start] + opaque(wrong) + after) == "malformed"
    assert refusal(read_group_info, raw[:4] + b"\x00\x01\x00\x01" + raw[8:]) == "wrong_suite"


def test_a_welcome_is_of_the_rooms_suite() -> None:
    raw = welcome([urandom(32)])
    assert refusal(welcome_refs, raw[:4] + b"\x00\x01" + raw[6:]) == "wrong_suite"


def test_what_is_too_large_is_not_written() -> None:
    class Huge(bytes):
        def __len__(self) -> int:
            return 1 << 30

    with pytest.raises(ValueError, match="at most"):
        opaque(Huge())


def test_a_welcome_holds_no_more_than_its_newcomers_and_its_group_need() -> None:
    ref = urandom(32)

    def one(kem: int, secrets: int, info: int) -> bytes:
        sealed = opaque(ref) + opaque(urandom(kem)) + opaque(urandom(secrets))
        return b"\x00\x01\x00\x03\x00\x03" + opaque(sealed) + opaque(urandom(info))

    assert welcome_refs(one(32, 84, 1000), 1010) == (ref,)
    assert refusal(welcome_refs, one(33, 84, 1000)) == "malformed"
    assert refusal(welcome_refs, one(32, 300, 1000)) == "too_large"
    assert refusal(lambda raw: welcome_refs(raw, 1010), one(32, 84, 1_000_000)) == "too_large"
