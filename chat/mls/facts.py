"""The plain values that go into the rules and come out of them."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from .external import PendingRemoval
from .group import GroupState
from .identity import Member


@dataclass(frozen=True, slots=True)
class CommitContext:
    """What the server knows, beside MLS, about the moment in which a commit arrives.

    group_id      the sixteen bytes of the room's UUID
    server_key    the server's Ed25519 public key, 32 bytes: every room's only external sender
    sender        the device that the connection belongs to, with the signature key that it has
                  registered
    now           seconds since 1970
    pending       the server's external Removes of *this* epoch, one for each leaf
    offered       key packages handed out for this room, by ref: each verified by
                  `check_key_package` when it was uploaded, with the device that it belongs to
    may_be_added  accounts whose devices a member may add
    may_enter     accounts whose devices may join or rejoin by themselves (external commit)
    """

    group_id: bytes
    server_key: bytes
    sender: Member
    now: int
    pending: tuple[PendingRemoval, ...] = ()
    offered: Mapping[bytes, Member] = field(default_factory=dict)
    may_be_added: Container[UUID] = frozenset()
    may_enter: Container[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Seat:
    """A device and the leaf number that it has, or had."""

    leaf: int
    member: Member


@dataclass(frozen=True, slots=True)
class CommitFacts:
    """What an accepted commit does.

    sender        who committed, at its leaf in the new epoch
    founded       True for a room's first commit, by its creator
    external      True when it came in by itself, as a new member or to resync
    resynced      True when it was in the room already and took a new leaf
    added         devices added by key package, in the commit's order
    key_packages  their key package refs, in the same order: used up, unless a last resort
    removed       devices taken out, at their old leaves (in a resync, the sender's own)
    path_updated  True when the sender renewed its keys
    outstanding   removals that an external commit could not carry out: they have to be
                  proposed anew for `after.epoch`, at the same leaves
    after         the group in its new epoch; its group info is what was submitted
    """

    sender: Seat
    founded: bool
    external: bool
    resynced: bool
    added: tuple[Seat, ...]
    key_packages: tuple[bytes, ...]
    removed: tuple[Seat, ...]
    path_updated: bool
    outstanding: tuple[PendingRemoval, ...]
    after: GroupState

    @property
    def epoch(self) -> int:
        """The new epoch."""
        return self.after.epoch

    @property
    def roster(self) -> Mapping[int, Member]:
        """The members after the commit, by leaf number."""
        return self.after.roster

    @property
    def joined(self) -> tuple[Member, ...]:
        """Devices that were not in the room before; the creator of a new one is among them."""
        came = tuple(seat.member for seat in self.added)
        entered = self.founded or (self.external and not self.resynced)
        return (self.sender.member, *came) if entered else came

    @property
    def left(self) -> tuple[Member, ...]:
        """Devices that are no longer in the room."""
        there = self.after.leaf_of
        return tuple(s.member for s in self.removed if s.member.client_id not in there)
