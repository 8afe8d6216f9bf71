"""Device certificates (docs/protocol.md, section 2): an account's identity key signs each device's MLS key."""

from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_LABEL = b"Kindred device certificate v1\x00"


def certificate_message(account: UUID, device: str, signature_key: bytes) -> bytes:
    """What is signed. `device` is 16 hex digits, `signature_key` 32 bytes."""
    return _LABEL + account.bytes + bytes.fromhex(device) + signature_key


def certificate_holds(
    identity_key: bytes, account: UUID, device: str, signature_key: bytes, certificate: bytes
) -> bool:
    """Whether the 64-byte Ed25519 `certificate` is the identity key's over just this device of just this account."""
    try:
        key = Ed25519PublicKey.from_public_bytes(identity_key)
        key.verify(certificate, certificate_message(account, device, signature_key))
    except (InvalidSignature, ValueError):
        return False
    return True
