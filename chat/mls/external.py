"""The server's own proposals to remove a device (RFC 9420 section 12.1.8).

Every room has the server's Ed25519 key as external sender. The proposal goes into the room's log;
the next member who commits carries it out. It is good for one epoch only.
"""

from __future__ import annotations

from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .codec import opaque
from .commit import ProposalType, read_proposal_type
from .errors import MlsCode, MlsError
from .framing import ContentType, PublicMessageReader, SenderType, WireFormat
from .leaf import MLS_10
from .suite import sign_with_label


@dataclass(frozen=True, slots=True)
class PendingRemoval:
    """An external Remove that no commit has carried out yet; `ref` is its ProposalRef."""

    group_id: bytes
    epoch: int
    leaf: int
    ref: bytes


def external_remove(
    group_id: bytes,
    epoch: int,
    leaf: int,
    external_sender_index: int,
    private_key: Ed25519PrivateKey,
) -> bytes:
    """A signed MLSMessage that proposes to remove leaf number `leaf` in that epoch.

    external_sender_index   the place of the server's key in the room's external_senders
    The caller makes sure that the leaf is in the room in that epoch.
    """
    framed = b"".join(
        (
            MLS_10.to_bytes(2, "big"),
            WireFormat.PUBLIC_MESSAGE.to_bytes(2, "big"),
            opaque(group_id),
            epoch.to_bytes(8, "big"),
            SenderType.EXTERNAL.to_bytes(1, "big"),
            external_sender_index.to_bytes(4, "big"),
            opaque(b""),
            ContentType.PROPOSAL.to_bytes(1, "big"),
            ProposalType.REMOVE.to_bytes(2, "big"),
            leaf.to_bytes(4, "big"),
        )
    )
    return framed + opaque(sign_with_label(private_key, "FramedContentTBS", framed))


def pending_removal(raw: bytes) -> PendingRemoval:
    """What `external_remove` made, read back from the log. Raises MlsError(malformed)."""
    framed = PublicMessageReader(raw, ContentType.PROPOSAL)
    if framed.sender_type != SenderType.EXTERNAL:
        raise MlsError(MlsCode.MALFORMED, "the proposal does not come from an external sender")
    if read_proposal_type(framed.body) != ProposalType.REMOVE:
        raise MlsError(MlsCode.MALFORMED, "the proposal is no removal")
    leaf = framed.body.uint(4)
    framing = framed.finish()
    return PendingRemoval(framing.group_id, framing.epoch, leaf, framing.proposal_ref)
