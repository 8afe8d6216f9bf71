"""Which changes of membership a commit may make: the room's policy on Add and Remove."""

from __future__ import annotations

from dataclasses import dataclass

from .commit import Commit
from .errors import MlsCode, MlsError
from .external import PendingRemoval
from .facts import CommitContext
from .group import GroupState, required_credentials
from .identity import Member
from .key_package import KeyPackage, check_lifetime
from .leaf import check_supports


@dataclass(frozen=True, slots=True)
class Changes:
    """What the proposals come to: `added` and `refs` are in the order of the commit's Adds."""

    removes: tuple[int, ...]
    added: tuple[Member, ...]
    refs: tuple[bytes, ...]
    outstanding: tuple[PendingRemoval, ...] = ()


def judge_proposals(commit: Commit, before: GroupState, sender: int | None, context: CommitContext) -> Changes:
    """Resolves and judges the proposals of a commit whose sender is verified.

    sender   the leaf of a member, None for a device that comes in by itself
    Raises MlsError(malformed, not_allowed, pending_removal, membership_mismatch,
    key_package_unknown, key_package_expired, bad_lifetime or identity_mismatch).
    """
    _check_pending(before, context)
    if sender is None:
        return _judge_entry(commit, before, context)
    if commit.external_init:
        raise MlsError(MlsCode.MALFORMED, "a member's commit cannot come from outside")
    removes = _judge_removes(commit, before, sender, context)
    if commit.path is None and (removes or not commit.adds):
        raise MlsError(MlsCode.MALFORMED, "only a commit that just adds goes without a path")
    added, refs = _judge_adds(commit.adds, before, context)
    return Changes(removes, added, refs)


def _check_pending(before: GroupState, context: CommitContext) -> None:
    """A pending removal of another epoch cannot be carried out: the caller must renew it."""
    leaves = [removal.leaf for removal in context.pending]
    fitting = all((r.group_id, r.epoch) == (before.group_id, before.epoch) for r in context.pending)
    if not fitting or len(set(leaves)) != len(leaves) or set(leaves) - before.roster.keys():
        raise ValueError("pending removals must be of this group and epoch, one for each leaf")


def _judge_entry(commit: Commit, before: GroupState, context: CommitContext) -> Changes:
    """An external commit (section 12.2): one ExternalInit, at most its own old leaf removed."""
    if commit.external_init != 1 or commit.adds or commit.references:
        raise MlsError(MlsCode.NOT_ALLOWED, "who comes in by itself can change nothing else")
    if context.sender.account not in context.may_enter:
        raise MlsError(MlsCode.NOT_ALLOWED, "this account may not come in by itself")
    own = before.leaf_of.get(context.sender.client_id)
    if any(leaf != own for leaf in commit.removes):
        raise MlsError(MlsCode.NOT_ALLOWED, "who comes in by itself removes its own old leaf alone")
    if len(commit.removes) != (own is not None):
        raise MlsError(MlsCode.MEMBERSHIP_MISMATCH, "a device that rejoins must leave its old leaf")
    outstanding = tuple(r for r in context.pending if r.leaf not in commit.removes)
    return Changes(commit.removes, (), (), outstanding)


def _judge_removes(commit: Commit, before: GroupState, sender: int, context: CommitContext) -> tuple[int, ...]:
    """The leaves removed: the server's removals, and devices of the sender's own account."""
    leaf_by_ref = {removal.ref: removal.leaf for removal in context.pending}
    pending = set(leaf_by_ref.values())
    if sender in pending:
        raise MlsError(MlsCode.NOT_ALLOWED, "this device is being removed from the room")
    removes = []
    for ref in commit.references:
        if ref not in leaf_by_ref:
            raise MlsError(MlsCode.NOT_ALLOWED, "a commit names a proposal that is not the server's")
        removes.append(leaf_by_ref[ref])
    for leaf in commit.removes:
        member = before.roster.get(leaf)
        if member is None or leaf == sender:
            raise MlsError(MlsCode.MALFORMED, "a commit removes its sender, or nobody")
        if leaf not in pending and member.account != context.sender.account:
            raise MlsError(MlsCode.NOT_ALLOWED, "a member removes devices of its own account alone")
        removes.append(leaf)
    if len(set(removes)) != len(removes):
        raise MlsError(MlsCode.MALFORMED, "a commit removes a device twice")
    if pending - set(removes):
        raise MlsError(MlsCode.PENDING_REMOVAL, "a commit leaves a removal of the server undone")
    return tuple(removes)


def _judge_adds(
    packages: tuple[KeyPackage, ...], before: GroupState, context: CommitContext
) -> tuple[tuple[Member, ...], tuple[bytes, ...]]:
    """Each key package is one that the server verified and handed out: same ref, same bytes."""
    required = required_credentials(before.context.extensions)
    added, refs = [], []
    for package in packages:
        ref = package.ref
        owner = context.offered.get(ref)
        if owner is None:
            raise MlsError(MlsCode.KEY_PACKAGE_UNKNOWN, "a key package was not handed out for this")
        if package.leaf.member != owner:
            raise MlsError(MlsCode.IDENTITY_MISMATCH, "a key package belongs to another device")
        if owner.account not in context.may_be_added:
            raise MlsError(MlsCode.NOT_ALLOWED, "this account may not be added here")
        check_lifetime(package.leaf, context.now)
        check_supports(package.leaf, required)
        added.append(owner)
        refs.append(ref)
    return tuple(added), tuple(refs)
