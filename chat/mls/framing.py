"""MLSMessage, PublicMessage and PrivateMessage (RFC 9420 section 6).

Handshakes are PublicMessages that the server reads; application messages are PrivateMessages
of which it reads the header alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from .codec import Reader
from .errors import MlsCode, MlsError
from .leaf import MLS_10, read_signature
from .suite import HASH_BYTES, ref_hash

MAX_APPLICATION_BYTES = 1 << 20
MAX_HANDSHAKE_BYTES = 1 << 20
"""A commit, welcome or group info of a thousand members takes a third of this."""

PAST_EPOCHS = 2
"""docs/protocol.md 5.5. core-crypto keeps three: one commit may still come between acceptance and decryption."""


class WireFormat(IntEnum):
    """What an MLSMessage holds (section 6)."""

    PUBLIC_MESSAGE = 1
    PRIVATE_MESSAGE = 2
    WELCOME = 3
    GROUP_INFO = 4


class ContentType(IntEnum):
    """What a framed content is (section 6)."""

    APPLICATION = 1
    PROPOSAL = 2
    COMMIT = 3


class SenderType(IntEnum):
    """Who framed a content (section 6.1); member and external carry an index."""

    MEMBER = 1
    EXTERNAL = 2
    NEW_MEMBER_PROPOSAL = 3
    NEW_MEMBER_COMMIT = 4


@dataclass(frozen=True, slots=True)
class Framing:
    """The envelope of a PublicMessage around its content.

    group_id, epoch      what it was made for
    sender_type          with `sender` its leaf (or external sender) index, else 0
    signed               FramedContentTBS without the group context that follows it
    authenticated        AuthenticatedContent without a confirmation tag: the input of the
                         confirmed transcript hash and of a ProposalRef
    confirmation_tag     empty unless it is a commit
    """

    group_id: bytes
    epoch: int
    sender_type: SenderType
    sender: int
    signed: bytes
    signature: bytes
    authenticated: bytes
    confirmation_tag: bytes

    @property
    def proposal_ref(self) -> bytes:
        """The ProposalRef by which a commit names this proposal, 32 bytes."""
        return ref_hash("MLS 1.0 Proposal Reference", self.authenticated)


def open_message(raw: bytes, wire_format: WireFormat, limit: int = MAX_HANDSHAKE_BYTES) -> Reader:
    """A reader behind the four bytes of the MLSMessage header.

    Raises MlsError(too_large), or malformed for another version or kind of message.
    """
    if len(raw) > limit:
        raise MlsError(MlsCode.TOO_LARGE, f"a message is larger than {limit} bytes")
    reader = Reader(raw)
    if reader.uint(2) != MLS_10 or reader.uint(2) != wire_format:
        kind = wire_format.name.lower()
        raise MlsError(MlsCode.MALFORMED, f"this is no MLS 1.0 message of the kind {kind}")
    return reader


def read_mac(reader: Reader) -> bytes:
    """A MAC of this suite, 32 bytes."""
    mac = reader.opaque()
    if len(mac) != HASH_BYTES:
        raise MlsError(MlsCode.MALFORMED, "a tag is not 32 bytes long")
    return mac


def _refuse_authenticated_data(reader: Reader) -> None:
    """No client uses it here, and it would be stored in the clear."""
    if reader.opaque():
        raise MlsError(MlsCode.NOT_ALLOWED, "a message carries authenticated data, which anyone could read")


class PublicMessageReader:
    """Reads a PublicMessage in three steps: the header, the content by the caller, the rest."""

    def __init__(self, raw: bytes, content_type: ContentType) -> None:
        self._content_type = content_type
        self.body = reader = open_message(raw, WireFormat.PUBLIC_MESSAGE)
        self.group_id = reader.opaque()
        self.epoch = reader.uint(8)
        sender_type = reader.uint(1)
        if sender_type not in SenderType.__members__.values():
            raise MlsError(MlsCode.MALFORMED, "a message has an unknown kind of sender")
        self.sender_type = SenderType(sender_type)
        indexed = self.sender_type in (SenderType.MEMBER, SenderType.EXTERNAL)
        self.sender = reader.uint(4) if indexed else 0
        _refuse_authenticated_data(reader)
        if reader.uint(1) != content_type:
            kind = content_type.name.lower()
            raise MlsError(MlsCode.MALFORMED, f"this handshake message is not a {kind}")

    def finish(self) -> Framing:
        """Reads what follows the content, to the last byte."""
        reader = self.body
        signed = reader.since(0)
        signature = read_signature(reader)
        authenticated = reader.since(0)[2:]
        tag = read_mac(reader) if self._content_type == ContentType.COMMIT else b""
        if self.sender_type == SenderType.MEMBER:
            read_mac(reader)  # the membership tag, which only members can check
        reader.finish()
        return Framing(
            self.group_id,
            self.epoch,
            self.sender_type,
            self.sender,
            signed,
            signature,
            authenticated,
            tag,
        )


def check_group_and_epoch(got: tuple[bytes, int], group_id: bytes, epoch: int, past_epochs: int = 0) -> None:
    """Refuses a message of another group, of an epoch to come, or of one too long past."""
    if got[0] != group_id:
        raise MlsError(MlsCode.WRONG_GROUP, "the message was made for another room")
    if got[1] > epoch:
        raise MlsError(MlsCode.FUTURE_EPOCH, "the message is of an epoch that has not begun")
    if got[1] < epoch - past_epochs:
        raise MlsError(MlsCode.STALE_EPOCH, "the message is of an epoch that has passed")


def private_message_header(raw: bytes) -> tuple[bytes, int]:
    """(group id, epoch) of an application message.

    The whole outer structure is checked, so that no member is sent bytes that are no
    PrivateMessage. Raises MlsError(too_large, not_allowed or malformed), malformed also for handshakes.
    """
    reader = open_message(raw, WireFormat.PRIVATE_MESSAGE, MAX_APPLICATION_BYTES)
    group_id = reader.opaque()
    epoch = reader.uint(8)
    if reader.uint(1) != ContentType.APPLICATION:
        raise MlsError(MlsCode.MALFORMED, "an encrypted message is not an application message")
    _refuse_authenticated_data(reader)
    reader.skip()  # encrypted_sender_data
    reader.skip()  # ciphertext
    reader.finish()
    return group_id, epoch


def check_application(raw: bytes, group_id: bytes, epoch: int, past_epochs: int = PAST_EPOCHS) -> int:
    """The epoch of an application message that the room, now in `epoch`, can still decrypt.

    Raises MlsError(too_large, malformed, not_allowed, wrong_group, stale_epoch or future_epoch).
    """
    header = private_message_header(raw)
    check_group_and_epoch(header, group_id, epoch, past_epochs)
    return header[1]
