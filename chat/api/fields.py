"""The API's scalar types: strict, bounded, in one spelling only (docs/protocol.md, section 1)."""

import base64
import binascii
import re
import unicodedata
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, StringConstraints

from chat.protocol.limits import MAX_CONTACT_LINE
from chat.push.endpoints import MAX_ENDPOINT, check_endpoint

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")
MAX_INT = 2**31 - 1


def b64encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def b64decode(value: Any) -> bytes:
    """Base64url without padding, in its only spelling. Raises ValueError."""
    if not isinstance(value, str) or not _BASE64URL.fullmatch(value):
        raise ValueError("not base64url without padding")
    try:
        decoded = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except binascii.Error:
        raise ValueError("not base64url without padding") from None
    if b64encode(decoded) != value:
        raise ValueError("not the only spelling of these bytes")
    return decoded


def _uuid(value: Any) -> UUID:
    if not isinstance(value, str) or not _UUID.fullmatch(value):
        raise ValueError("not a lower-case UUID")
    return UUID(value)


def plain(value: str) -> str:
    # Joiners and direction marks (Cf) are part of how people write; control characters and line ends are not.
    if value != value.strip() or any(
        unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in value
    ):
        raise ValueError("holds control characters or outer spaces")
    return value


def _on_p256(value: bytes) -> bytes:
    if len(value) != 65:
        raise ValueError("not an uncompressed point")
    EllipticCurvePublicKey.from_encoded_point(SECP256R1(), value)
    return value


def _endpoint(value: str) -> str:
    check_endpoint(value)
    return value


Bytes16 = Annotated[bytes, BeforeValidator(b64decode), Field(min_length=16, max_length=16)]
Bytes32 = Annotated[bytes, BeforeValidator(b64decode), Field(min_length=32, max_length=32)]
PublicPoint = Annotated[bytes, BeforeValidator(b64decode), AfterValidator(_on_p256)]
Endpoint = Annotated[str, StringConstraints(min_length=1, max_length=MAX_ENDPOINT), AfterValidator(_endpoint)]
Bytes64 = Annotated[bytes, BeforeValidator(b64decode), Field(min_length=64, max_length=64)]
KeyPackageBytes = Annotated[bytes, BeforeValidator(b64decode), Field(min_length=1, max_length=4096)]
Uuid = Annotated[UUID, BeforeValidator(_uuid)]
DeviceHex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
Title = Annotated[str, StringConstraints(min_length=1, max_length=80), AfterValidator(plain)]
Line = Annotated[str, StringConstraints(max_length=MAX_CONTACT_LINE), AfterValidator(plain)]
Version = Annotated[int, Field(ge=1, le=MAX_INT)]

#: Answers: bytes as base64url, times as milliseconds since 1970 UTC.
Base64 = Annotated[bytes, PlainSerializer(b64encode, return_type=str)]
Millis = Annotated[datetime, PlainSerializer(lambda at: int(at.timestamp() * 1000), return_type=int)]
