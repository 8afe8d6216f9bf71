"""Sealing what one process hands to another through Redis: it names senders, which nobody may read there.

A key for each pair of processes, derived from a franking key that lies outside the database (RFC 5869); each process
has a new random id at every start, so a running number is a nonce that never comes again.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

INFO = b"kindred between processes v1"


class Sealer:
    """What `sender` (a process' id) tells `target` in secret. `secret` is a hub key of 32 bytes."""

    def __init__(self, secret: bytes, sender: bytes, target: bytes) -> None:
        key = HKDF(SHA256(), 32, salt=None, info=INFO + sender + target).derive(secret)
        self._cipher = AESGCM(key)

    def seal(self, number: int, data: bytes) -> bytes:
        """A number may be used once."""
        return self._cipher.encrypt(number.to_bytes(12), data, None)

    def open(self, number: int, sealed: bytes) -> bytes:
        """Raises ValueError for what was not sealed under this number by this sender for this target."""
        try:
            return self._cipher.decrypt(number.to_bytes(12), sealed, None)
        except InvalidTag:
            raise ValueError("not sealed for this process") from None
