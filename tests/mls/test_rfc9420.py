"""An independent implementation, the PyPI package rfc9420, reads the same as ours from the same bytes."""

from typing import Any

import pytest

from chat.mls.framing import ContentType
from chat.mls.group import open_group_info
from chat.mls.key_package import parse_key_package
from chat.mls.welcome import welcome_refs
from tests.mls.material import Turn, before, key_packages, made_at, turns, vectors

rfc9420: Any = pytest.importorskip("rfc9420", reason="the second implementation is a development dependency")

pytestmark = pytest.mark.interop
KEPT = [each for each in turns() if each.kept]


def provider() -> Any:
    crypto = rfc9420.DefaultCryptoProvider()
    crypto.set_ciphersuite(3)
    return crypto


@pytest.mark.parametrize("name", vectors()["people"])
def test_key_packages_have_the_same_identity_and_reference(name: str) -> None:
    from rfc9420.messages.key_packages import KeyPackage
    from rfc9420.messages.refs import make_key_package_ref

    for raw in key_packages(name):
        ours = parse_key_package(raw, made_at())
        theirs = KeyPackage.deserialize(raw)
        theirs.verify(provider(), current_time=made_at())
        assert theirs.leaf_node is not None
        assert theirs.leaf_node.credential is not None
        assert theirs.leaf_node.credential.identity.decode() == ours.client_id
        assert theirs.leaf_node.signature_key == ours.signature_key
        assert make_key_package_ref(provider(), raw) == ours.ref


@pytest.mark.parametrize("each", KEPT, ids=lambda each: each.title)
def test_group_infos_have_the_same_members_tree_and_transcript(each: Turn) -> None:
    from rfc9420.group.public_group import PublicGroup

    ours = open_group_info(each.group_info)
    theirs = PublicGroup.from_group_info(provider(), each.group_info[4:])
    assert (theirs.group_id, theirs.epoch) == (ours.group_id, ours.epoch)
    roster = {}
    for index in range(theirs.member_count):
        leaf = theirs.get_leaf_node(index)
        if leaf is not None:
            roster[index] = (leaf.credential.identity.decode(), leaf.signature_key)
    assert roster == {index: (seat.client_id, seat.signature_key) for index, seat in ours.roster.items()}
    assert theirs._inner._ratchet_tree.calculate_tree_hash() == ours.context.tree_hash
    assert theirs._inner._interim_transcript_hash == ours.interim_transcript_hash


@pytest.mark.parametrize("each", KEPT, ids=lambda each: each.title)
def test_commits_have_the_same_proposals_sender_and_signature(each: Turn) -> None:
    from rfc9420.group.public_group import PublicGroup
    from rfc9420.messages.data_structures import Commit, SenderType
    from rfc9420.messages.messages import MLSPlaintext

    facts = each.judge(before(each.title))
    plaintext = MLSPlaintext.deserialize(each.commit[4:])
    content = plaintext.auth_content.tbs.framed_content
    assert content.content_type.value == ContentType.COMMIT.value
    assert (content.group_id, content.epoch) == (each.group_id, each.epoch)
    commit = Commit.deserialize(content.content)
    assert (commit.path is not None) == facts.path_updated
    proposals: list[Any] = [entry.proposal for entry in commit.proposals]
    adds = [proposal.key_package for proposal in proposals if hasattr(proposal, "key_package")]
    assert [parse_key_package(raw, made_at()).ref for raw in adds] == list(facts.key_packages)
    member = content.sender.sender_type == SenderType.MEMBER
    assert member != facts.external
    earlier = next((t for t in turns() if t.kept and t.group_id == each.group_id and t.epoch == each.epoch - 1), None)
    if member and earlier is not None:
        PublicGroup.from_group_info(provider(), earlier.group_info[4:]).process_handshake(plaintext)


def test_welcomes_are_for_the_same_key_packages() -> None:
    from rfc9420.messages.data_structures import Welcome

    welcomes = [each.welcome for each in turns() if each.welcome is not None]
    assert welcomes
    for raw in welcomes:
        theirs = Welcome.deserialize(raw[4:])
        assert [secret.new_member for secret in theirs.secrets] == list(welcome_refs(raw))
