"""Key packages (RFC 9420 section 10): what a device leaves with the server to be added by."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from .codec import Reader
from .errors import MlsCode, MlsError
from .identity import Member, parse_client_id
from .leaf import (
    MLS_10,
    Leaf,
    LeafSource,
    check_leaf,
    read_extensions,
    read_key,
    read_leaf,
    read_signature,
)
from .suite import SUITE, check_encryption_key, ref_hash, verify_with_label

MAX_KEY_PACKAGE_BYTES = 4096
LAST_RESORT_EXTENSION = 10

MAX_LIFETIME_SECONDS = 84 * 24 * 3600 + 3600
"""What core-crypto makes unless told otherwise, an hour of it in the past (RFC 9420 section 10.1 asks for a limit)."""

CLOCK_SKEW_SECONDS = 300
MIN_REMAINING_SECONDS = 3600


@dataclass(frozen=True, slots=True)
class KeyPackage:
    """A parsed key package, as it comes alone or inside an Add; not yet verified.

    `ref` is its KeyPackageRef, 32 bytes, by which a Welcome addresses its device.
    """

    raw: bytes
    init_key: bytes
    leaf: Leaf
    signature: bytes
    signed_bytes: int
    last_resort: bool

    @property
    def ref(self) -> bytes:
        """The KeyPackageRef: two packages with one ref are the same bytes."""
        return ref_hash("MLS 1.0 KeyPackage Reference", self.raw)


@dataclass(frozen=True, slots=True)
class KeyPackageFacts:
    """What a verified key package says. Times are seconds since 1970, `device` 16 hex digits."""

    client_id: str
    account: UUID
    device: str
    signature_key: bytes
    suite: int
    not_before: int
    not_after: int
    ref: bytes
    last_resort: bool

    @property
    def member(self) -> Member:
        """The device in the form in which rosters hold it."""
        return Member(self.client_id, self.signature_key)


def read_key_package(reader: Reader) -> KeyPackage:
    """Reads one KeyPackage; raises MlsError(malformed, wrong_suite or not_allowed)."""
    start = reader.pos
    if reader.uint(2) != MLS_10 or reader.uint(2) != SUITE:
        raise MlsError(MlsCode.WRONG_SUITE, "a key package is not of MLS 1.0 with suite 3")
    init_key = read_key(reader)
    leaf = read_leaf(reader)
    extensions = read_extensions(reader)
    signed = reader.pos - start
    signature = read_signature(reader)
    if extensions.keys() - {LAST_RESORT_EXTENSION}:
        raise MlsError(MlsCode.NOT_ALLOWED, "a key package has an unknown extension")
    last_resort = LAST_RESORT_EXTENSION in extensions
    return KeyPackage(reader.since(start), init_key, leaf, signature, signed, last_resort)


def check_lifetime(leaf: Leaf, now: int, remaining: int = 0) -> None:
    """Refuses a key package leaf that members would refuse at `now` (seconds since 1970).

    Raises MlsError: key_package_expired when fewer than `remaining` seconds are left,
    bad_lifetime when it starts in the future or lasts longer than clients accept.
    """
    if leaf.not_after <= now + remaining:
        raise MlsError(MlsCode.KEY_PACKAGE_EXPIRED, "the key package has expired or soon will")
    if leaf.not_before > now + CLOCK_SKEW_SECONDS:
        raise MlsError(MlsCode.BAD_LIFETIME, "the key package is not valid yet")
    if leaf.not_after - leaf.not_before > MAX_LIFETIME_SECONDS:
        raise MlsError(MlsCode.BAD_LIFETIME, "the key package is valid for more than 84 days")


def parse_key_package(raw: bytes, now: int) -> KeyPackageFacts:
    """Verifies a bare KeyPackage (no MLSMessage header) as section 10.1 asks.

    now     seconds since 1970
    Raises MlsError: too_large, malformed, wrong_suite, not_allowed, identity_mismatch (the
    identity is no client id), key_package_expired, bad_lifetime, bad_signature.
    """
    if len(raw) > MAX_KEY_PACKAGE_BYTES:
        raise MlsError(MlsCode.TOO_LARGE, "a key package is larger than 4096 bytes")
    reader = Reader(raw)
    package = read_key_package(reader)
    reader.finish()
    leaf = package.leaf
    if leaf.source != LeafSource.KEY_PACKAGE or package.init_key == leaf.encryption_key:
        raise MlsError(MlsCode.MALFORMED, "the leaf was not made for a key package")
    check_lifetime(leaf, now, MIN_REMAINING_SECONDS)
    check_encryption_key(package.init_key)
    check_leaf(leaf)
    signed = raw[: package.signed_bytes]
    verify_with_label(leaf.signature_key, "KeyPackageTBS", signed, package.signature)
    client = parse_client_id(leaf.identity)
    return KeyPackageFacts(
        client_id=leaf.identity.decode("ascii"),
        account=client.account,
        device=client.device,
        signature_key=leaf.signature_key,
        suite=SUITE,
        not_before=leaf.not_before,
        not_after=leaf.not_after,
        ref=package.ref,
        last_resort=package.last_resort,
    )


def check_key_package(raw: bytes, expected_client_id: str, expected_signature_key: bytes, now: int) -> KeyPackageFacts:
    """`parse_key_package`, and it must be of just the device that uploads it.

    Raises MlsError(identity_mismatch) for another client id or another signature key.
    """
    facts = parse_key_package(raw, now)
    if facts.client_id != expected_client_id or facts.signature_key != expected_signature_key:
        raise MlsError(MlsCode.IDENTITY_MISMATCH, "the key package belongs to another device")
    return facts
