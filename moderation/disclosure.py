"""Selective disclosure (SD-JWT, RFC 9901): a signed statement whose parts can be withheld without breaking it.

The signed part holds salted SHA-256 digests of the claims that may be withheld; each claim travels beside it as a
disclosure. Only the form is made here; the signature is signing.py's.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping
from typing import Any

from moderation.signing import NotVerified, Signer, b64, unb64_alone, verified_claims

_RESERVED = ("_sd", "_sd_alg", "...")


def issue(signer: Signer, kind: str, plain: Mapping[str, Any], withholdable: Mapping[str, str]) -> str:
    """`JWS~disclosure~…~`: `plain` claims in the open, each of `withholdable` behind a digest of its own."""
    disclosures = [
        b64(json.dumps([b64(secrets.token_bytes(16)), name, value]).encode()) for name, value in withholdable.items()
    ]
    digests = sorted(_digest(text) for text in disclosures)
    token = signer.jws(kind, {**plain, "_sd": digests, "_sd_alg": "sha-256"})
    return "~".join([token, *disclosures, ""])


def present(token: str, withhold: Collection[str]) -> str:
    """The same statement without the named claims. Raises NotVerified when it has not the form."""
    signed, *disclosures = _split(token)
    return "~".join([signed, *(text for text in disclosures if _parse(text)[0] not in withhold), ""])


def claims(token: str, kind: str, keys: Mapping[str, bytes]) -> dict[str, Any]:
    """What a statement says in the open, and of the rest what was disclosed. Raises NotVerified."""
    signed, *disclosures = _split(token)
    found = verified_claims(signed, kind, keys)
    digests = found.pop("_sd", [])
    if found.pop("_sd_alg", None) != "sha-256" or not isinstance(digests, list):
        raise NotVerified("it is no statement with disclosures")
    for text in disclosures:
        name, value = _parse(text)
        if _digest(text) not in digests or name in found or name in _RESERVED:
            raise NotVerified("a disclosed part does not belong to it")
        found[name] = value
    return found


def _split(token: str) -> list[str]:
    parts = token.split("~")
    if len(parts) < 2 or parts[-1] != "":
        raise NotVerified("it is no statement with disclosures")
    return parts[:-1]


def _digest(disclosure: str) -> str:
    return b64(hashlib.sha256(disclosure.encode()).digest())


def _parse(disclosure: str) -> tuple[str, Any]:
    try:
        _salt, name, value = json.loads(unb64_alone(disclosure))
    except (ValueError, TypeError):
        raise NotVerified("a disclosed part cannot be read") from None
    if not isinstance(name, str):
        raise NotVerified("a disclosed part cannot be read")
    return name, value
