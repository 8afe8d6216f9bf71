"""A dishonest client: commits that are right in all that is public, with secrets that are noise.

Nobody could process them, and the server cannot tell: that is what makes them fit to try one broken
rule at a time. core-crypto's own commits, in vectors.json, prove the honest side.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from os import urandom
from typing import Any
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from chat.mls import tree_math
from chat.mls.codec import Reader, opaque
from chat.mls.commit import PathNode, UpdatePath
from chat.mls.facts import CommitContext
from chat.mls.framing import SenderType
from chat.mls.group import GroupContext, GroupState
from chat.mls.identity import Member, client_id
from chat.mls.key_package import parse_key_package
from chat.mls.leaf import LeafSource, read_leaf
from chat.mls.suite import sign_with_label
from chat.mls.tree import RatchetTree
from tests.mls.material import EVERYONE

NOW = 1_800_000_000
CAPABILITIES = bytes.fromhex("020001 020003 00 00 0400010002".replace(" ", ""))
REQUIRED = bytes.fromhex("0003 07 0000 0400010002".replace(" ", ""))
SERVER = Ed25519PrivateKey.generate()


def encryption_key() -> bytes:
    return X25519PrivateKey.generate().public_key().public_bytes_raw()


def external_senders(*keys: bytes) -> bytes:
    entries = b"".join(opaque(key) + b"\x00\x01" + opaque(b"server") for key in keys)
    return b"\x00\x05" + opaque(opaque(entries))


SERVER_KEY = SERVER.public_key().public_bytes_raw()
EXTENSIONS = opaque(REQUIRED + external_senders(SERVER_KEY))


def add(key_package: bytes) -> bytes:
    return b"\x01\x00\x01" + key_package


def remove(leaf: int) -> bytes:
    return b"\x01\x00\x03" + leaf.to_bytes(4, "big")


def external_init() -> bytes:
    return b"\x01\x00\x06" + opaque(urandom(32))


def reference(ref: bytes) -> bytes:
    return b"\x02" + opaque(ref)


class Actor:
    """A device that signs whatever it is asked to."""

    def __init__(self, account: UUID | None = None, device: str = "d000000000000001") -> None:
        self.account = account or uuid4()
        self.key = Ed25519PrivateKey.generate()
        self.identity = client_id(self.account, device, "kindred.example").encode()

    @property
    def public(self) -> bytes:
        return self.key.public_key().public_bytes_raw()

    @property
    def member(self) -> Member:
        return Member(self.identity.decode(), self.public)

    def leaf(
        self,
        middle: bytes,
        tail: bytes = b"",
        *,
        encrypts_to: bytes | None = None,
        capabilities: bytes = CAPABILITIES,
        credential: bytes = b"\x00\x01",
        extensions: bytes = b"",
    ) -> bytes:
        """A signed leaf node: `middle` is source and lifetime or parent hash, `tail` what is signed beside it."""
        key = encryption_key() if encrypts_to is None else encrypts_to
        raw = opaque(key) + opaque(self.public) + credential + opaque(self.identity) + capabilities
        raw += middle + opaque(extensions)
        return raw + opaque(sign_with_label(self.key, "LeafNodeTBS", raw + tail))

    def package_leaf(self, start: int = NOW - 3600, end: int = NOW + 86_400 * 30, **how: Any) -> bytes:
        return self.leaf(b"\x01" + start.to_bytes(8, "big") + end.to_bytes(8, "big"), **how)

    def key_package(
        self,
        leaf: bytes | None = None,
        *,
        init_key: bytes | None = None,
        suite: int = 3,
        extensions: bytes = b"",
        signed_by: Ed25519PrivateKey | None = None,
    ) -> bytes:
        key = encryption_key() if init_key is None else init_key
        raw = b"\x00\x01" + suite.to_bytes(2, "big") + opaque(key)
        raw += (self.package_leaf() if leaf is None else leaf) + opaque(extensions)
        return raw + opaque(sign_with_label(signed_by or self.key, "KeyPackageTBS", raw))


@dataclass
class Draft:
    """A commit in the making; every field can be bent before `Room.send` encodes it.

    `None` stands for what an honest client would write.
    """

    actor: Actor
    proposals: Sequence[bytes] = ()
    removes: Sequence[int] = ()
    adds: Sequence[bytes] = ()
    path: bool = True
    external: bool = False
    sender: int | None = None
    sender_type: SenderType | None = None
    group_id: bytes | None = None
    epoch: int | None = None
    authenticated_data: bytes = b""
    signed_by: Ed25519PrivateKey | None = None
    leaf_of: Actor | None = None
    leaf_source: LeafSource = LeafSource.COMMIT
    leaf_index: int | None = None
    encrypts_to: bytes | None = None
    node_key: bytes | None = None
    capabilities: bytes = CAPABILITIES
    extra_nodes: int = 0
    extra_recipients: int = 0
    parent_hash: bytes | None = None
    info: dict[str, Any] = field(default_factory=dict)
    welcome: Sequence[bytes] | None = None
    tag: bytes = field(default_factory=lambda: urandom(32))


@dataclass(frozen=True)
class Sent:
    commit: bytes
    group_info: bytes
    welcome: bytes | None


class Room:
    """A room as the dishonest client sees it: by the state that the server keeps."""

    def __init__(self, state: GroupState | None = None) -> None:
        self.group_id = urandom(16) if state is None else state.group_id
        self.state = state
        self.offered: dict[bytes, Member] = {}

    def offer(self, key_package: bytes) -> bytes:
        facts = parse_key_package(key_package, NOW)
        self.offered[facts.ref] = facts.member
        return facts.ref

    def context(self, sender: Actor, **other: Any) -> CommitContext:
        values: dict[str, Any] = {"offered": self.offered, "may_be_added": EVERYONE, "may_enter": EVERYONE, "now": NOW}
        return CommitContext(self.group_id, SERVER_KEY, sender.member, **{**values, **other})

    def found(self, creator: Actor, *others: Actor, leaf: bytes | None = None) -> Draft:
        """The first commit, adding the others; the room's state becomes that of epoch 0."""
        tree = RatchetTree([read_leaf(Reader(leaf or creator.package_leaf()))])
        context = GroupContext(self.group_id, 0, tree.tree_hash(), b"", EXTENSIONS)
        self.state = GroupState(context, tree, b"")
        return self.adding(creator, *others)

    def adding(self, actor: Actor, *others: Actor) -> Draft:
        packages = [other.key_package() for other in others]
        refs = [self.offer(package) for package in packages]
        return Draft(actor, list(map(add, packages)), adds=packages, path=not others, welcome=refs or None)

    def send(self, draft: Draft) -> Sent:
        """Encodes the draft against the room's state."""
        state = self.state
        assert state is not None
        tree = state.tree.copy()
        for leaf in draft.removes:
            tree.remove(leaf)
        added = tree.add([read_leaf(Reader(raw[2 + 2 + 33 :])) for raw in draft.adds])
        seat = 0 if draft.external else state.leaf_of.get(draft.actor.member.client_id, 0)
        if draft.external:
            seat = tree.add([read_leaf(Reader(draft.actor.package_leaf()))])[0]
        path = self._path(draft, tree, seat, added) if draft.path else b""
        framed = self._framed(draft, seat, opaque(b"".join(draft.proposals)) + bytes((bool(path),)) + path)
        key = draft.signed_by or draft.actor.key
        signature = opaque(sign_with_label(key, "FramedContentTBS", framed + state.context.raw))
        membership = opaque(urandom(32)) if self._kind(draft) == SenderType.MEMBER else b""
        commit = framed + signature + opaque(draft.tag) + membership
        info = self._group_info(draft, tree, seat, (framed + signature)[2:])
        return Sent(commit, info, None if draft.welcome is None else welcome(draft.welcome))

    @staticmethod
    def _kind(draft: Draft) -> SenderType:
        return draft.sender_type or (SenderType.NEW_MEMBER_COMMIT if draft.external else SenderType.MEMBER)

    def _framed(self, draft: Draft, seat: int, content: bytes) -> bytes:
        state = self.state
        assert state is not None
        kind = self._kind(draft)
        sender = seat if draft.sender is None else draft.sender
        index = sender.to_bytes(4, "big") if kind in (SenderType.MEMBER, SenderType.EXTERNAL) else b""
        return b"".join(
            (
                b"\x00\x01\x00\x01",
                opaque(state.group_id if draft.group_id is None else draft.group_id),
                (state.epoch if draft.epoch is None else draft.epoch).to_bytes(8, "big"),
                bytes((kind,)) + index,
                opaque(draft.authenticated_data) + b"\x03",
                content,
            )
        )

    def _path(self, draft: Draft, tree: RatchetTree, seat: int, added: Sequence[int]) -> bytes:
        fresh = {2 * leaf for leaf in added}
        filtered = []
        for _, off_path in tree_math.path_to_root(seat, len(tree._nodes)):
            resolution = tree._resolution(off_path)
            if resolution:
                filtered.append((off_path, len([node for node in resolution if node not in fresh])))
        keys = [draft.node_key or encryption_key() for _ in filtered]
        parent_hash = b""
        for (off_path, _), key in zip(reversed(filtered), reversed(keys), strict=True):
            parent_hash = sha256(opaque(key) + opaque(parent_hash) + opaque(tree._hash(off_path))).digest()
        signer = draft.leaf_of or draft.actor
        middle = bytes((draft.leaf_source,))
        if draft.leaf_source == LeafSource.COMMIT:
            middle += opaque(parent_hash if draft.parent_hash is None else draft.parent_hash)
        index = seat if draft.leaf_index is None else draft.leaf_index
        tail = opaque(self.group_id) + index.to_bytes(4, "big")
        leaf = signer.leaf(middle, tail, encrypts_to=draft.encrypts_to, capabilities=draft.capabilities)
        nodes = [PathNode(key, count) for key, (_, count) in zip(keys, filtered, strict=True)]
        if draft.parent_hash is None:
            tree.apply_path(seat, UpdatePath(read_leaf(Reader(leaf)), tuple(nodes)), added)
        nodes = nodes[: len(nodes) + min(0, draft.extra_nodes)]
        nodes += [PathNode(encryption_key(), 1)] * draft.extra_nodes
        sealed = opaque(urandom(32)) + opaque(urandom(48))
        encoded = [opaque(n.encryption_key) + opaque(sealed * (n.recipients + draft.extra_recipients)) for n in nodes]
        return leaf + opaque(b"".join(encoded))

    def _group_info(self, draft: Draft, tree: RatchetTree, seat: int, transcript: bytes) -> bytes:
        state = self.state
        assert state is not None
        values: dict[str, Any] = {
            "group_id": state.group_id,
            "epoch": state.epoch + 1,
            "tree_hash": tree.tree_hash(),
            "confirmed": sha256(state.interim_transcript_hash + transcript).digest(),
            "extensions": state.context.extensions,
            "tree": tree.encode(),
            "tag": draft.tag,
            "signer": seat,
            "key": draft.actor.key,
        }
        values.update(draft.info)
        names = ("group_id", "epoch", "tree_hash", "confirmed", "extensions")
        body = GroupContext(*(values[name] for name in names)).raw
        inside = b"\x00\x02" + opaque(values["tree"]) + b"\x00\x04" + opaque(opaque(encryption_key()))
        signer: int = values["signer"]
        body += opaque(inside) + opaque(values["tag"]) + signer.to_bytes(4, "big")
        return b"\x00\x01\x00\x04" + body + opaque(sign_with_label(values["key"], "GroupInfoTBS", body))


def welcome(refs: Sequence[bytes]) -> bytes:
    sealed = b"".join(opaque(ref) + opaque(urandom(32)) + opaque(urandom(90)) for ref in refs)
    return b"\x00\x01\x00\x03\x00\x03" + opaque(sealed) + opaque(urandom(400))
