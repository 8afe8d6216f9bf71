"""Labelled signatures, hashes and keys of cipher suite 3 (RFC 9420 sections 5.1.2 and 5.2).

The primitives are Ed25519 and X25519 of the `cryptography` package and SHA-256 of the standard library.
"""

from __future__ import annotations

from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from .codec import opaque
from .errors import MlsCode, MlsError

SUITE = 3
"""MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519."""

KEY_BYTES = 32
SIGNATURE_BYTES = 64
HASH_BYTES = 32

_PROBE = X25519PrivateKey.generate()
"""Keeps nothing secret: it only finds out whether a key can be used at all."""


def _sign_content(label: str, content: bytes) -> bytes:
    return opaque(b"MLS 1.0 " + label.encode("ascii")) + opaque(content)


def verify_with_label(key: bytes, label: str, content: bytes, signature: bytes) -> None:
    """Checks `signature` over SignContent(label, content) by the Ed25519 public `key`.

    Raises MlsError(bad_signature), also for a key that is no Ed25519 key.
    """
    try:
        public = Ed25519PublicKey.from_public_bytes(key)
        public.verify(signature, _sign_content(label, content))
    except (InvalidSignature, ValueError) as error:
        raise MlsError(MlsCode.BAD_SIGNATURE, f"the {label} signature does not verify") from error


def sign_with_label(key: Ed25519PrivateKey, label: str, content: bytes) -> bytes:
    """The 64-byte signature over SignContent(label, content)."""
    return key.sign(_sign_content(label, content))


def check_encryption_key(key: bytes) -> None:
    """Refuses an X25519 public key of low order, to which nobody can seal anything (RFC 9180 section 7.1.4).

    Raises MlsError(malformed).
    """
    try:
        _PROBE.exchange(X25519PublicKey.from_public_bytes(key))
    except ValueError as error:
        raise MlsError(MlsCode.MALFORMED, "an encryption key cannot be used") from error


def ref_hash(label: str, value: bytes) -> bytes:
    """The 32-byte hash reference of `value` (section 5.2), for example of a key package."""
    return sha256(opaque(label.encode("ascii")) + opaque(value)).digest()
