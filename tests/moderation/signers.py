"""Signers with keys of their own."""

import os

from moderation.signing import Signer, key_id


def new_signer() -> Signer:
    return signer_of(os.urandom(32), {})


def signer_of(seed: bytes, retired: dict[str, bytes]) -> Signer:
    public = Signer("x", {"x": seed}, {}).public["x"]
    return Signer(key_id(public), {key_id(public): seed}, retired)
