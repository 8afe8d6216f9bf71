"""Welcomes (RFC 9420 section 12.4.3.1): sealed for new members, addressed in clear."""

from __future__ import annotations

from .codec import Reader
from .errors import MlsCode, MlsError
from .framing import WireFormat, open_message
from .suite import HASH_BYTES, KEY_BYTES, SUITE

MAX_GROUP_SECRETS = 256
"""Those of core-crypto, encrypted, take 84 bytes with a path secret, 51 without."""
INFO_BESIDE = 1024
"""The group info in a Welcome holds what the public one beside it holds; it may be so much larger."""


def _read_recipient(reader: Reader) -> bytes:
    ref = reader.opaque()
    if len(ref) != HASH_BYTES:
        raise MlsError(MlsCode.MALFORMED, "a key package reference is not 32 bytes long")
    if len(reader.opaque()) != KEY_BYTES:
        raise MlsError(MlsCode.MALFORMED, "a KEM output is not 32 bytes long")
    if len(reader.opaque()) > MAX_GROUP_SECRETS:
        raise MlsError(MlsCode.TOO_LARGE, f"a newcomer's secrets are larger than {MAX_GROUP_SECRETS} bytes")
    return ref


def welcome_refs(raw: bytes, max_info: int | None = None) -> tuple[bytes, ...]:
    """The KeyPackageRefs, 32 bytes each, that a Welcome (an MLSMessage) is addressed to.

    `max_info` is how large the encrypted group info in it may be, in bytes.
    Raises MlsError(too_large, malformed or wrong_suite), malformed also for a ref twice.
    """
    reader = open_message(raw, WireFormat.WELCOME)
    if reader.uint(2) != SUITE:
        raise MlsError(MlsCode.WRONG_SUITE, "a welcome is not of suite 3")
    inside = reader.vector()
    refs = []
    while inside.more():
        refs.append(_read_recipient(inside))
    start = reader.pos
    reader.skip()  # encrypted_group_info
    if max_info is not None and reader.pos - start > max_info:
        raise MlsError(MlsCode.TOO_LARGE, "a welcome is larger than its group")
    reader.finish()
    if len(set(refs)) != len(refs):
        raise MlsError(MlsCode.MALFORMED, "a welcome addresses a key package twice")
    return tuple(refs)


def is_welcome(raw: bytes) -> bool:
    """True for a well-formed Welcome; never raises."""
    try:
        welcome_refs(raw)
    except MlsError:
        return False
    return True
