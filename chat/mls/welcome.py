"""Welcomes (RFC 9420 section 12.4.3.1): sealed for new members, addressed in clear."""

from __future__ import annotations

from .codec import Reader
from .errors import MlsCode, MlsError
from .framing import WireFormat, open_message
from .suite import HASH_BYTES, SUITE


def _read_recipient(reader: Reader) -> bytes:
    ref = reader.opaque()
    if len(ref) != HASH_BYTES:
        raise MlsError(MlsCode.MALFORMED, "a key package reference is not 32 bytes long")
    reader.skip()  # kem_output
    reader.skip()  # ciphertext
    return ref


def welcome_refs(raw: bytes) -> tuple[bytes, ...]:
    """The KeyPackageRefs, 32 bytes each, that a Welcome (an MLSMessage) is addressed to.

    Raises MlsError(too_large, malformed or wrong_suite), malformed also for a ref twice.
    """
    reader = open_message(raw, WireFormat.WELCOME)
    if reader.uint(2) != SUITE:
        raise MlsError(MlsCode.WRONG_SUITE, "a welcome is not of suite 3")
    inside = reader.vector()
    refs = []
    while inside.more():
        refs.append(_read_recipient(inside))
    reader.skip()  # encrypted_group_info
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
