"""May this commit be the room's next? (RFC 9420 sections 12.2 and 12.4, and the room's policy.)

`judge_commit` is pure. It refuses whatever members would refuse too, as far as public bytes show
it, because a commit that the log holds and no member can process would stop the room.
"""

from __future__ import annotations

from hashlib import sha256

from .codec import Reader
from .commit import Commit, CommitReader, UpdatePath
from .errors import MlsCode, MlsError
from .facts import CommitContext, CommitFacts, Seat
from .framing import SenderType, check_group_and_epoch
from .group import (
    EXTERNAL_SENDERS,
    REQUIRED_CAPABILITIES,
    GroupContext,
    GroupInfo,
    GroupState,
    external_senders,
    read_group_info,
    required_credentials,
)
from .leaf import LeafSource, check_leaf, check_supports, read_extensions
from .proposals import Changes, judge_proposals
from .suite import check_encryption_key, verify_with_label
from .tree import RatchetTree, read_tree
from .welcome import INFO_BESIDE, welcome_refs

MAX_EXTENSIONS_BYTES = 512
"""Those of core-crypto take 61; every commit's signature covers them, every group info repeats them."""


def judge_commit(
    commit: bytes,
    group_info: bytes,
    welcome: bytes | None,
    before: GroupState | None,
    context: CommitContext,
) -> CommitFacts:
    """Judges a commit against the room as it stands.

    commit, group_info, welcome   MLSMessages; the welcome exactly when devices are added
    before                        the room's group; None for a room without an accepted commit
    Raises MlsError with any code but key_package_* of uploads; ValueError when `context.pending`
    does not fit `before`, which is the caller's mistake.
    """
    reader = CommitReader(commit)
    epoch = 0 if before is None else before.epoch
    check_group_and_epoch(reader.group_and_epoch, context.group_id, epoch)
    parsed = reader.read()
    info = read_group_info(group_info)
    if before is None:
        before = _founding_state(parsed, info, context)
    sender = _judge_sender(parsed, before, context)
    changes = judge_proposals(parsed, before, sender, context)
    tree, sender_leaf, added = _apply(parsed, before, changes, sender)
    _judge_group_info(info, parsed, before, tree, sender_leaf)
    _judge_welcome(welcome, changes, len(group_info))
    roster = before.roster
    return CommitFacts(
        sender=Seat(sender_leaf, context.sender),
        founded=_is_founding(before),
        external=sender is None,
        resynced=sender is None and context.sender.client_id in before.leaf_of,
        added=tuple(map(Seat, added, changes.added)),
        key_packages=changes.refs,
        removed=tuple(Seat(leaf, roster[leaf]) for leaf in changes.removes),
        path_updated=parsed.path is not None,
        outstanding=changes.outstanding,
        after=GroupState(info.context, tree, info.confirmation_tag),
    )


def _founding_state(commit: Commit, info: GroupInfo, context: CommitContext) -> GroupState:
    """Epoch 0 of a new room: the creator alone, at leaf 0, with the server as external sender."""
    if commit.framing.sender_type != SenderType.MEMBER or commit.framing.sender != 0:
        raise MlsError(MlsCode.WRONG_SENDER, "a room's first commit comes from its creator")
    extensions = info.context.extensions
    if len(extensions) > MAX_EXTENSIONS_BYTES:
        raise MlsError(MlsCode.TOO_LARGE, "a room's group context extensions are too large")
    if read_extensions(Reader(extensions)).keys() - {REQUIRED_CAPABILITIES, EXTERNAL_SENDERS}:
        raise MlsError(MlsCode.NOT_ALLOWED, "a room has a group context extension not used here")
    if external_senders(extensions) != (context.server_key,):
        raise MlsError(MlsCode.NOT_ALLOWED, "a room's only external sender is the server")
    creator = commit.path.leaf if commit.path else read_tree(info.tree).leaf(0)
    if creator is None or creator.member != context.sender:
        raise MlsError(MlsCode.WRONG_SENDER, "leaf 0 of a new room is not the sending device")
    if commit.path is None:
        if creator.source != LeafSource.KEY_PACKAGE:
            raise MlsError(MlsCode.MALFORMED, "a new leaf comes without its update path")
        check_leaf(creator)
        check_supports(creator, required_credentials(extensions))
    tree = RatchetTree([creator])
    founding = GroupContext(context.group_id, 0, tree.tree_hash(), b"", extensions)
    return GroupState(founding, tree, b"")


def _judge_sender(commit: Commit, before: GroupState, context: CommitContext) -> int | None:
    """The sender's leaf, None when it comes in by itself; its signature is verified."""
    framing, leaf = commit.framing, None
    if framing.sender_type == SenderType.MEMBER:
        leaf = framing.sender
        seated = before.roster.get(leaf)
        if seated is None or seated.client_id != context.sender.client_id:
            raise MlsError(MlsCode.WRONG_SENDER, "the commit is another device's")
        key = seated.signature_key
    elif framing.sender_type == SenderType.NEW_MEMBER_COMMIT and commit.path is not None:
        key = commit.path.leaf.signature_key
    else:
        raise MlsError(MlsCode.WRONG_SENDER, "only members, or new members with a path, commit")
    if commit.path is not None and commit.path.leaf.member != context.sender:
        raise MlsError(MlsCode.IDENTITY_MISMATCH, "the new leaf is not the sending device's")
    if not _is_founding(before) or commit.path is None:
        signed = framing.signed + before.context.raw
        verify_with_label(key, "FramedContentTBS", signed, framing.signature)
    return leaf


def _is_founding(before: GroupState) -> bool:
    return before.epoch == 0


def _apply(
    commit: Commit, before: GroupState, changes: Changes, sender: int | None
) -> tuple[RatchetTree, int, list[int]]:
    """The tree after the commit, the sender's leaf in it, and the leaves of those added."""
    tree = before.tree.copy()
    for leaf in changes.removes:
        tree.remove(leaf)
    added = tree.add([package.leaf for package in commit.adds])
    if commit.path is not None:
        if sender is None:
            sender = tree.add([commit.path.leaf])[0]
        _judge_path(commit.path, before, sender)
        tree.apply_path(sender, commit.path, added)
    if sender is None:
        raise MlsError(MlsCode.MALFORMED, "a new member commits without a path")
    _judge_uniqueness(tree)
    return tree, sender, added


def _judge_path(path: UpdatePath, before: GroupState, number: int) -> None:
    """The new leaf by itself, and that every key on the path is new (section 7.9.2)."""
    leaf = path.leaf
    if leaf.source != LeafSource.COMMIT:
        raise MlsError(MlsCode.MALFORMED, "the leaf of an update path was not made for a commit")
    check_leaf(leaf, before.group_id, number)
    check_supports(leaf, required_credentials(before.context.extensions))
    for node in path.nodes:
        check_encryption_key(node.encryption_key)
    known = set() if _is_founding(before) else set(before.tree.keys())
    if known.intersection((leaf.encryption_key, *(node.encryption_key for node in path.nodes))):
        raise MlsError(MlsCode.MALFORMED, "an update path does not renew its keys")


def _judge_uniqueness(tree: RatchetTree) -> None:
    """All keys and identities in a tree differ from one another (section 7.3)."""
    keys = list(tree.keys())
    leaves = [leaf for _, leaf in tree.leaves()]
    same_key = len(set(keys)) != len(keys)
    if same_key or len({leaf.signature_key for leaf in leaves}) != len(leaves):
        raise MlsError(MlsCode.MEMBERSHIP_MISMATCH, "a key would be in the room twice")
    if len({leaf.identity for leaf in leaves}) != len(leaves):
        raise MlsError(MlsCode.MEMBERSHIP_MISMATCH, "a device would be in the room twice")


def _mismatch(detail: str) -> MlsError:
    return MlsError(MlsCode.GROUP_INFO_MISMATCH, detail)


def _judge_group_info(info: GroupInfo, commit: Commit, before: GroupState, tree: RatchetTree, signer: int) -> None:
    """The group info holds exactly what follows from the commit, signed by who committed."""
    got, framing = info.context, commit.framing
    if got.group_id != before.group_id or got.epoch != before.epoch + 1:
        raise _mismatch("the group info is of another room or epoch")
    if got.extensions != before.context.extensions:
        raise _mismatch("the group info changes the room's extensions")
    if info.tree != tree.encode() or got.tree_hash != tree.tree_hash():
        raise MlsError(MlsCode.MEMBERSHIP_MISMATCH, "the tree does not follow from the commit")
    if info.confirmation_tag != framing.confirmation_tag:
        raise _mismatch("the group info confirms another commit")
    transcript = framing.authenticated
    expected = sha256(before.interim_transcript_hash + transcript).digest()
    if not _is_founding(before) and got.confirmed_transcript_hash != expected:
        raise _mismatch("the group info follows another history")
    leaf = tree.leaf(signer)
    if info.signer != signer or leaf is None:
        raise _mismatch("the group info is not signed by who committed")
    info.verify_signature(leaf.signature_key)


def _judge_welcome(welcome: bytes | None, changes: Changes, group_info_bytes: int) -> None:
    refs = () if welcome is None else welcome_refs(welcome, group_info_bytes + INFO_BESIDE)
    if (welcome is None) != (not changes.refs) or set(refs) != set(changes.refs):
        raise MlsError(MlsCode.WELCOME_MISMATCH, "the welcome is not for just the devices added")
