"""The server's signing keys for attestations and audit entries, and the set in which they are published.

JWS by PyJWT (RFC 7515, EdDSA of RFC 8037); the set is a JWK Set (RFC 7517) whose key ids are thumbprints (RFC 7638).
Retired keys stay published, with when they were in use (`nbf`, `exp`) and what they sealed: a copy of one forges no past.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ALGORITHM = "EdDSA"
_BASE64URL = re.compile(r"[A-Za-z0-9_-]*")


CLOCKS_SECONDS = 24 * 60 * 60
"""By so much the clock of a server may be wrong about when a key was taken into use or replaced."""


class NotVerified(Exception):
    """A signature, or what was signed, is not what it claims to be. The message says which."""


@dataclass(frozen=True, slots=True)
class Published:
    """A key (32 bytes) as verifiers get it. The server signs with it from `since` to `until`, in seconds since 1970 UTC.

    `until` is None while it still does. `seals` then is empty; of a retired key it has the `fingerprint` of each evidence
    seal that the audit logs hold of it, among others that stand for nothing.
    """

    public: bytes
    since: int = 0
    until: int | None = None
    seals: frozenset[str] = frozenset()

    def in_use(self, at: int) -> bool:
        """Whether the server can have signed with it then (seconds since 1970 UTC)."""
        return self.since - CLOCKS_SECONDS <= at and (self.until is None or at <= self.until + CLOCKS_SECONDS)


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def unb64(text: str) -> bytes:
    """What base64url without padding stands for. Raises ValueError, as for plain base64: clients refuse that too."""
    if _BASE64URL.fullmatch(text) is None:
        raise ValueError("it is no base64url")
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def unb64_alone(text: str) -> bytes:
    """As `unb64`, in its one spelling: else the last letter of a signature could change unnoticed. Raises ValueError."""
    value = unb64(text)
    if b64(value) != text:
        raise ValueError("it is not as it would be written")
    return value


def key_id(public: bytes) -> str:
    """The JWK thumbprint (RFC 7638, SHA-256, base64url) of an Ed25519 public key (32 bytes)."""
    jwk = {"crv": "Ed25519", "kty": "OKP", "x": b64(public)}
    return b64(hashlib.sha256(json.dumps(jwk, separators=(",", ":"), sort_keys=True).encode()).digest())


def fingerprint(token: str) -> str:
    """Base64url of the SHA-256 of a compact JWS."""
    return b64(hashlib.sha256(token.encode()).digest())


def key_set(keys: Mapping[str, Published]) -> dict[str, Any]:
    """`{"keys": [JWK…]}`, in the order of their ids."""
    return {"keys": [_jwk(kid, key) for kid, key in sorted(keys.items())]}


def _jwk(kid: str, key: Published) -> dict[str, Any]:
    jwk: dict[str, Any] = {"kty": "OKP", "crv": "Ed25519", "alg": ALGORITHM, "use": "sig", "kid": kid}
    jwk |= {"x": b64(key.public), "nbf": key.since}
    return jwk if key.until is None else jwk | {"exp": key.until, "seals": sorted(key.seals)}


def published_keys(published: Mapping[str, Any]) -> dict[str, Published]:
    """The Ed25519 keys of a JWK Set by id. Raises NotVerified when one cannot be read or its id is not its thumbprint."""
    try:
        jwks = [jwk for jwk in published.get("keys", []) if jwk.get("kty") == "OKP" and jwk.get("crv") == "Ed25519"]
        return {jwk["kid"]: _published(jwk) for jwk in jwks}
    except (AttributeError, KeyError, TypeError, ValueError):
        raise NotVerified("it is no key set") from None


def _published(jwk: Mapping[str, Any]) -> Published:
    public, since, until, seals = unb64(jwk["x"]), jwk["nbf"], jwk.get("exp"), jwk.get("seals", [])
    if jwk["kid"] != key_id(public):
        raise NotVerified("a key's id is not its thumbprint")
    if type(since) is not int or type(until) not in (int, type(None)) or not all(isinstance(one, str) for one in seals):
        raise ValueError
    return Published(public, since, until, frozenset(seals))


def public_keys(published: Mapping[str, Any]) -> dict[str, bytes]:
    """As `published_keys`, without when each was in use."""
    return {kid: key.public for kid, key in published_keys(published).items()}


class Signer:
    """Signs with the current key. `seeds` and `retired` map key ids to 32-byte seeds and public keys."""

    def __init__(self, current: str, seeds: Mapping[str, bytes], retired: Mapping[str, bytes]) -> None:
        private = {kid: Ed25519PrivateKey.from_private_bytes(seed) for kid, seed in seeds.items()}
        self.current = current
        self._seeds = dict(seeds)
        self.public = {kid: key.public_key().public_bytes_raw() for kid, key in private.items()} | dict(retired)
        self._key = private[current]

    def signing_as(self, kid: str) -> Signer:
        """The same with another current key. Raises KeyError when its private half is not here."""
        return Signer(kid, self._seeds, self.public)

    def jws(self, kind: str, claims: Mapping[str, Any]) -> str:
        """A compact JWS over `claims`; `kind` is its `typ`."""
        return jwt.encode(dict(claims), self._key, algorithm=ALGORITHM, headers={"kid": self.current, "typ": kind})

    def raw(self, message: bytes) -> bytes:
        """Ed25519 over `message` (64 bytes)."""
        return self._key.sign(message)


def verified_claims(token: str, kind: str, keys: Mapping[str, bytes]) -> dict[str, Any]:
    """What a JWS of this `typ` says, when one of `keys` signed it. Raises NotVerified."""
    try:
        for part in token.split("."):
            unb64_alone(part)
        header = jwt.get_unverified_header(token)
        public = keys.get(str(header.get("kid")))
        if public is None:
            raise NotVerified("signed by a key that is not published")
        if header.get("typ") != kind:
            raise NotVerified("signed as something else")
        claims: dict[str, Any] = jwt.decode(
            token, Ed25519PublicKey.from_public_bytes(public), algorithms=[ALGORITHM], options={"verify_iat": False}
        )
    except (jwt.InvalidTokenError, ValueError):
        raise NotVerified("the signature does not fit") from None
    return claims


def signing_key(token: str) -> str:
    """The id of the key that a JWS which was verified names."""
    return str(jwt.get_unverified_header(token)["kid"])


def verify_raw(message: bytes, signature: bytes, kid: str, keys: Mapping[str, bytes]) -> None:
    """Raises NotVerified unless `signature` is the key's Ed25519 signature over `message`."""
    public = keys.get(kid)
    if public is None:
        raise NotVerified("signed by a key that is not published")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except InvalidSignature:
        raise NotVerified("the signature does not fit") from None
