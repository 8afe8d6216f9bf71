"""PyPI rfc9420 reads what a server stored and handed out: `python -m tests.interop.second_opinion TRAFFIC.json`.

The file holds one room's log as `traffic.test.ts` recorded it. Printed is a JSON map of how much was verified;
anything wrong raises.
"""

from __future__ import annotations

import json
import sys
from base64 import b64decode
from collections import Counter
from pathlib import Path
from typing import Any

from rfc9420 import DefaultCryptoProvider
from rfc9420.group.public_group import PublicGroup
from rfc9420.messages.data_structures import Commit, SenderType, Welcome
from rfc9420.messages.key_packages import KeyPackage, LeafNode
from rfc9420.messages.messages import ContentType, MLSPlaintext, verify_plaintext
from rfc9420.messages.refs import make_key_package_ref

SUITE = 3
#: version and wire format of an MLSMessage, which rfc9420 wants left out
HEADER = 4


def provider() -> Any:
    crypto = DefaultCryptoProvider()
    crypto.set_ciphersuite(SUITE)
    return crypto


class Traffic:
    """One room's traffic: `key_packages`, `welcomes`, `group_infos` and `rosters` by epoch, and the handshake entries."""

    def __init__(self, recorded: dict[str, Any]) -> None:
        self.made_at: int = recorded["madeAt"]
        self.external_sender = b64decode(recorded["externalSender"])
        self.key_packages = [b64decode(text) for text in recorded["keyPackages"]]
        self.welcomes = [b64decode(text) for text in recorded["welcomes"]]
        self.group_infos = {int(epoch): b64decode(text) for epoch, text in recorded["groupInfos"].items()}
        self.rosters: dict[int, dict[str, str]] = {int(epoch): roster for epoch, roster in recorded["rosters"].items()}
        self.handshakes = [(int(each["epoch"]), b64decode(each["payload"])) for each in recorded["handshakes"]]

    @classmethod
    def read(cls, path: Path) -> Traffic:
        return cls(json.loads(path.read_text()))

    def group(self, epoch: int) -> PublicGroup:
        """The group as its members know it in that epoch; verifies who signed the group info."""
        return PublicGroup.from_group_info(provider(), self.group_infos[epoch][HEADER:])


def verify_key_package(raw: bytes, made_at: int) -> bytes:
    """Verifies both signatures and the lifetime; gives the reference."""
    KeyPackage.deserialize(raw).verify(provider(), current_time=made_at)
    return bytes(make_key_package_ref(provider(), raw))


def roster(group: PublicGroup) -> dict[str, str]:
    """Leaf index (as text) to client id."""
    leaves = {str(index): group.get_leaf_node(index) for index in range(group.member_count)}
    return {index: leaf.credential.identity.decode() for index, leaf in leaves.items() if leaf is not None}


def verify_handshake(group: PublicGroup, raw: bytes, external_sender: bytes) -> str:
    """Verifies the signature in the group that the message was made for; gives what it is."""
    plaintext = MLSPlaintext.deserialize(raw[HEADER:])
    content = plaintext.auth_content.tbs.framed_content
    if (content.group_id, content.epoch) != (group.group_id, group.epoch):
        raise ValueError("made for another group or epoch")
    kind = SenderType(content.sender.sender_type)
    if content.content_type == ContentType.PROPOSAL:
        if kind != SenderType.EXTERNAL:
            raise ValueError("a proposal that the server did not make")
        verify_plaintext(plaintext, external_sender, None, provider())
        return "proposals"
    if kind == SenderType.MEMBER:
        group.process_handshake(plaintext)
        return "commits"
    verify_plaintext(plaintext, entering_key(content.content, kind), None, provider(), group._group_context.serialize())
    return "external commits"


def entering_key(content: bytes, kind: SenderType) -> bytes:
    """The signature key that an external commit brings with it."""
    path = Commit.deserialize(content).path
    if kind != SenderType.NEW_MEMBER_COMMIT or path is None:
        raise ValueError("neither a member's nor a newcomer's commit")
    return bytes(LeafNode.deserialize(path.leaf_node).signature_key)


def verify(traffic: Traffic) -> Counter[str]:
    """Verifies all of it and counts. Raises what rfc9420 raises, or ValueError."""
    done: Counter[str] = Counter()
    refs = {verify_key_package(raw, traffic.made_at) for raw in traffic.key_packages}
    done["key packages"] = len(refs)
    for epoch in traffic.group_infos:
        if roster(traffic.group(epoch)) != traffic.rosters[epoch]:
            raise ValueError(f"another roster in epoch {epoch} than the server's")
        done["group infos"] += 1
    for epoch, raw in traffic.handshakes:
        # Before its first epoch a group is known to its founder alone.
        if epoch > 0:
            done[verify_handshake(traffic.group(epoch), raw, traffic.external_sender)] += 1
    for raw in traffic.welcomes:
        if not {secret.new_member for secret in Welcome.deserialize(raw[HEADER:]).secrets} <= refs:
            raise ValueError("a Welcome for a key package that nobody handed out")
        done["welcomes"] += 1
    return done


if __name__ == "__main__":
    print(json.dumps(verify(Traffic.read(Path(sys.argv[1])))))
