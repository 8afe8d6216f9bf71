"""Who a device is: the client id that core-crypto puts into a basic credential.

The text is `account-uuid:device-hex@domain`. core-crypto writes the device, a 64-bit number,
in lower-case hex *without leading zeros*, so the text and the sixteen digits differ for one
device in sixteen; `client_id` and `parse_client_id` go both ways.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from .errors import MlsCode, MlsError

MAX_DOMAIN_CHARACTERS = 255
MAX_CLIENT_ID_BYTES = 36 + 1 + 16 + 1 + MAX_DOMAIN_CHARACTERS

_UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_DOMAIN = r"[A-Za-z0-9.:\[\]_-]{1,255}"
_CLIENT_ID = re.compile(f"({_UUID}):(0|[1-9a-f][0-9a-f]{{0,15}})@({_DOMAIN})")
_DEVICE = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class ClientId:
    """A client id in its parts: `device` is always sixteen lower-case hex digits."""

    account: UUID
    device: str
    domain: str

    def __str__(self) -> str:
        return client_id(self.account, self.device, self.domain)


@dataclass(frozen=True, slots=True)
class Member:
    """One device as MLS knows it: its client id and its 32-byte Ed25519 signature key."""

    client_id: str
    signature_key: bytes

    @property
    def account(self) -> UUID:
        """The account that the device belongs to."""
        return UUID(self.client_id[:36])

    @property
    def device(self) -> str:
        """The device's sixteen hex digits."""
        return self.client_id[37 : self.client_id.index("@")].zfill(16)


def client_id(account: UUID, device: str, domain: str) -> str:
    """The text that core-crypto makes of an account, sixteen hex digits and a domain.

    Raises ValueError for a device or a domain that no client id can hold.
    """
    text = f"{account}:{device.lstrip('0') or '0'}@{domain}"
    if not _DEVICE.fullmatch(device) or not _CLIENT_ID.fullmatch(text):
        raise ValueError("not a device of sixteen hex digits, or not a domain")
    return text


def parse_client_id(identity: bytes) -> ClientId:
    """The parts of a credential's identity; raises MlsError(identity_mismatch)."""
    text = identity.decode("ascii", "replace") if len(identity) <= MAX_CLIENT_ID_BYTES else ""
    match = _CLIENT_ID.fullmatch(text)
    if match is None:
        raise MlsError(MlsCode.IDENTITY_MISMATCH, "the credential is not an account:device@domain")
    return ClientId(UUID(match[1]), match[2].zfill(16), match[3])
