"""What an account's identity key signs (docs/protocol.md, section 2): devices, their registration, and who is staff."""

from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

_LABEL = b"Kindred device certificate v1\x00"
_REGISTRATION = b"Kindred device registration v1\x00"
_STAFF = b"Kindred staff certificate v1\x00"
_ROLES = ("member", "moderator", "coordinator")


def certificate_message(account: UUID, device: str, signature_key: bytes) -> bytes:
    """What is signed. `device` is 16 hex digits, `signature_key` 32 bytes."""
    return _LABEL + account.bytes + bytes.fromhex(device) + signature_key


def certificate_holds(
    identity_key: bytes, account: UUID, device: str, signature_key: bytes, certificate: bytes
) -> bool:
    """Whether the 64-byte Ed25519 `certificate` is the identity key's over just this device of just this account."""
    return _signed(identity_key, certificate, certificate_message(account, device, signature_key))


def registration_message(account: UUID, device: str, token_hash: bytes, proof_time: int) -> bytes:
    """What the identity key signs to register a further device. `proof_time` is milliseconds since 1970 UTC."""
    return _REGISTRATION + account.bytes + bytes.fromhex(device) + token_hash + proof_time.to_bytes(8, "big")


def registration_proof_holds(
    identity_key: bytes, account: UUID, device: str, token_hash: bytes, proof_time: int, proof: bytes
) -> bool:
    """Whether the 64-byte Ed25519 `proof` is the identity key's for just this device, token and time."""
    return _signed(identity_key, proof, registration_message(account, device, token_hash, proof_time))


def staff_message(network: UUID, account: UUID, identity_key: bytes, role: str, issued_at: int) -> bytes:
    """What a coordinator signs about somebody of the staff. `issued_at` is milliseconds since 1970 UTC."""
    return (
        _STAFF
        + network.bytes
        + account.bytes
        + identity_key
        + bytes([_ROLES.index(role)])
        + issued_at.to_bytes(8, "big")
    )


def staff_certificate_holds(
    issuer_key: bytes, network: UUID, account: UUID, identity_key: bytes, role: str, issued_at: int, signature: bytes
) -> bool:
    """Whether the 64-byte Ed25519 `signature` is the issuer's identity key's over just that."""
    return _signed(issuer_key, signature, staff_message(network, account, identity_key, role, issued_at))


def _signed(identity_key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(identity_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
