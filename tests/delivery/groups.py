"""Groups whose commits the server accepts, made in Python: right in all that is public, with secrets that are noise."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from time import time
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from chat.delivery.log import now_ms
from chat.delivery.removals import external_sender
from chat.mls.codec import Reader, opaque
from chat.mls.external import pending_removal
from chat.mls.group import GroupContext, GroupState, open_group_info
from chat.mls.key_package import parse_key_package
from chat.mls.leaf import read_leaf
from chat.mls.tree import RatchetTree
from chat.models import Entry, HandedOut, Network, Room, RoomDevice, RoomSteward, direct_pair
from tests import factories
from tests.factories import Person, device_of
from tests.mls import forge

#: Key packages and whose they are.
Packages = list[tuple[Person, bytes]]


class Group(forge.Room):
    """A room's group as its clients know it. Commits are frames; `won` takes the state of the one that was accepted."""

    def __init__(self, room: UUID) -> None:
        super().__init__()
        self.room = room
        self.group_id = room.bytes

    def founding(self, creator: Person, packages: Packages | None = None) -> dict[str, Any]:
        """The first commit's frame; it adds whoever's key packages are given."""
        now = int(time())
        leaf = read_leaf(Reader(creator.mls.package_leaf(now - 3600, now + 86_400 * 30)))
        tree = RatchetTree([leaf])
        key = external_sender().public_key().public_bytes_raw()
        extensions = opaque(forge.REQUIRED + forge.external_senders(key))
        context = GroupContext(self.group_id, 0, tree.tree_hash(), b"", extensions)
        self.state = GroupState(context, tree, b"")
        return self.adding_packages(creator, packages or [])

    def adding_packages(self, sender: Person, packages: Packages) -> dict[str, Any]:
        raw = [package for _, package in packages]
        refs = [parse_key_package(package, int(time())).ref for package in raw]
        return self.frame(
            forge.Draft(sender.mls, [forge.add(p) for p in raw], adds=raw, path=not raw, welcome=refs or None)
        )

    def update(self, sender: Person, **bent: Any) -> dict[str, Any]:
        return self.frame(forge.Draft(sender.mls, **bent))

    def entering(self, sender: Person, invite: bytes | None = None) -> dict[str, Any]:
        """An external commit; one that takes the sender's old leaf out when it has one."""
        assert self.state is not None
        old = self.state.leaf_of.get(sender.mls.member.client_id)
        removes = [] if old is None else [old]
        proposals = [forge.external_init(), *map(forge.remove, removes)]
        return self.frame(forge.Draft(sender.mls, proposals, removes=removes, external=True), invite)

    def removing(self, sender: Person, leaves: list[int], references: list[bytes]) -> dict[str, Any]:
        """Commits the server's external Removes: `references` are their ProposalRefs."""
        return self.frame(forge.Draft(sender.mls, [forge.reference(ref) for ref in references], removes=leaves))

    def taking_out(self, sender: Person) -> dict[str, Any]:
        """A commit that carries out what the server proposed in this epoch. Reads the database."""
        proposed = Entry.objects.filter(room=self.room, kind=2, epoch=self.state.epoch if self.state else 0)
        removals = [pending_removal(bytes(payload)) for payload in proposed.values_list("payload", flat=True)]
        return self.removing(sender, [removal.leaf for removal in removals], [removal.ref for removal in removals])

    def frame(self, draft: forge.Draft, invite: bytes | None = None) -> dict[str, Any]:
        assert self.state is not None
        sent = self.send(draft)
        return {
            "t": "commit",
            "id": os.urandom(16),
            "room": self.group_id,
            "epoch": self.state.epoch,
            "commit": sent.commit,
            "group_info": sent.group_info,
            "welcome": sent.welcome,
            "invite": invite,
        }

    def won(self, frame: dict[str, Any]) -> None:
        self.state = open_group_info(frame["group_info"])

    def message(self, epoch: int | None = None, size: int = 300) -> dict[str, Any]:
        """A `send` frame with an application message of noise, of the current epoch."""
        current = self.state.epoch if self.state is not None else 1
        return application(self.group_id, current if epoch is None else epoch, size)


def application(room: bytes, epoch: int, size: int = 300) -> dict[str, Any]:
    """A `send` frame whose payload has the outer form of a PrivateMessage (RFC 9420 section 6.3)."""
    head = b"\x00\x01\x00\x02" + opaque(room) + epoch.to_bytes(8, "big") + b"\x01" + opaque(b"")
    payload = head + opaque(os.urandom(28)) + opaque(os.urandom(size))
    return {
        "t": "send", "id": os.urandom(16), "room": room, "epoch": epoch, "payload": payload, "tag": os.urandom(32),
    }  # fmt: skip


def settle(group: Group, kind: str, creator: Person, *others: Person, title: str | None = None) -> Room:
    """The room with its group founded by `creator` and the others added, straight into the database: epoch 1, head 1."""
    packages = [(other, other.key_package()) for other in others]
    frame = group.founding(creator, packages)
    group.won(frame)
    assert group.state is not None
    device = device_of(creator)
    pair = direct_pair(creator.account, others[0].account) if kind == "direct" else None
    room = Room.objects.create(
        id=group.room, network=device.account.network, kind=kind, title=title or ("Welcome" if kind == "open" else None),
        epoch=1, head=1, group_info=frame["group_info"], created_by=device.account, direct_pair=pair,
    )  # fmt: skip
    Entry.objects.create(
        room=room,
        seq=1,
        kind=1,
        epoch=0,
        entry_id=frame["id"],
        payload=frame["commit"],
        hub_key=1,
        accepted_at=now_ms(),
    )
    leaves = group.state.leaf_of
    RoomDevice.objects.bulk_create(
        RoomDevice(room=room, device=device_of(p), leaf=leaves[p.mls.member.client_id], joined_seq=1)
        for p in (creator, *others)
    )
    if kind == "group":
        RoomSteward.objects.create(room=room, account=device.account)
    return room


def hand_out(room: UUID, person: Person) -> bytes:
    """A key package of the person's, claimed for the room."""
    package = person.key_package()
    ref = parse_key_package(package, int(time())).ref
    HandedOut.objects.create(
        ref=ref, device=device_of(person), room_id=room, expires_at=timezone.now() + timedelta(hours=1)
    )
    return package


@dataclass
class Circle:
    """A network with a founded private group, and people of the same network who are not in it."""

    network: Network
    group: Group
    members: list[Person]
    others: list[Person]

    @property
    def room(self) -> bytes:
        return self.group.group_id


def circle(members: int, others: int = 0, kind: str = "group") -> Circle:
    network = factories.network()
    people = [factories.enrolled(Person(), network) for _ in range(members + others)]
    group = Group(uuid4())
    settle(group, kind, *people[:members])
    return Circle(network, group, people[:members], people[members:])


def room_now(room: UUID) -> tuple[int, int, dict[int, int | None]]:
    """Epoch, head, and the leaf of each active device."""
    found = Room.objects.get(id=room)
    places = RoomDevice.objects.filter(room=room, removed_at=None).values_list("device_id", "leaf")
    return found.epoch, found.head, dict(places)
