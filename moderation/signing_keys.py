"""The signing keys as they are now: a process that is running hears of a new one (`manage.py rotate_attestation_key`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class InUse(NamedTuple):
    """From when to when the server signs with a key, in seconds since 1970 UTC; `until` is None while it still does."""

    since: int
    until: int | None


@dataclass(frozen=True, repr=False)
class SigningKeys:
    """Ed25519 keys by id (RFC 7638 thumbprint): seeds of those that may sign, public keys of retired ones."""

    current: str
    seeds: dict[str, bytes]
    retired: dict[str, bytes]
    in_use: dict[str, InUse]

    @property
    def public(self) -> dict[str, bytes]:
        """The public key of each."""
        made = {kid: Ed25519PrivateKey.from_private_bytes(seed).public_key() for kid, seed in self.seeds.items()}
        return {kid: key.public_bytes_raw() for kid, key in made.items()} | self.retired


class CurrentKeys:
    """Gives the keys of the moment. `look` gives them if they were changed since it was last asked, else None."""

    def __init__(self, keys: SigningKeys, look: Callable[[], SigningKeys | None] = lambda: None) -> None:
        self._keys = keys
        self._look = look

    def now(self) -> SigningKeys:
        """Asks each time: no entry may be signed by a key of which the log says that it was replaced."""
        self._keys = self._look() or self._keys
        return self._keys
