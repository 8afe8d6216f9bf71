"""A push service on loopback (RFC 8030): checks VAPID (RFC 8292), decrypts as the browser would (RFC 8291), and fails
as it is told. `python -m tests.push.push_service` prints its port.

    POST /control/subscribe {"key": base64url}   → {"id", "endpoint", "p256dh", "auth"}, as a browser's subscription
    POST /control/plan {id or "*": [answer]}      what the next messages get
    GET  /control/received                        → every message that was accepted
    POST /push/{id}                               a message
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import sys
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import http_ece
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.push.http1 import Asked, Told, as_json, serve
from tests.push.plan import Plan, told

MAX_BODY = 4096


def b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def unb64(value: str) -> bytes:
    return base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))


@dataclass
class Subscription:
    private: ec.EllipticCurvePrivateKey
    auth: bytes
    server_key: bytes


class Refused(Exception):
    """A message that RFC 8030 and its companions do not allow: status and the rule."""

    def __init__(self, status: int, rule: str) -> None:
        super().__init__(rule)
        self.status = status


class PushService:
    def __init__(self) -> None:
        self.plan = Plan()
        self.subscriptions: dict[str, Subscription] = {}
        self.received: list[dict[str, Any]] = []
        self.faults: list[str] = []
        # For measurements: nobody has to subscribe, and no time goes into ECDSA and decryption.
        self.check = "--no-check" not in sys.argv

    def handle(self, asked: Asked) -> Told:
        if asked.path == "/control/plan":
            return self.plan.control(asked)
        if asked.path == "/control/received":
            return as_json({"received": self.received, "faults": self.faults})
        if asked.path == "/control/subscribe":
            return as_json(self.subscribe(asked))
        identity = asked.path.removeprefix("/push/")
        planned = self.plan.take(identity)
        if planned is not None and planned.get("status", 200) >= 300:
            return told(planned)
        try:
            message = self.accept(identity, asked)
        except Refused as refusal:
            self.faults.append(str(refusal))
            return Told(refusal.status)
        if planned is not None and planned.get("cut_before"):
            return Told(cut=True)
        self.received.append(message)
        if planned is not None:
            return told({"status": 201, **planned})
        return Told(201, {"location": f"/message/{len(self.received)}", "ttl": asked.headers["ttl"]})

    def subscribe(self, asked: Asked) -> dict[str, str]:
        identity = b64(os.urandom(24))
        private = ec.generate_private_key(ec.SECP256R1())
        auth = os.urandom(16)
        self.subscriptions[identity] = Subscription(private, auth, unb64(json.loads(asked.body)["key"]))
        public = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        endpoint = f"http://{asked.headers['host']}/push/{identity}"
        return {"id": identity, "endpoint": endpoint, "p256dh": b64(public), "auth": b64(auth)}

    def accept(self, identity: str, asked: Asked) -> dict[str, Any]:
        subscription = self.subscriptions.get(identity)
        if subscription is None and self.check:
            raise Refused(404, "no such subscription")
        check_rules(asked)
        headers = asked.headers
        if subscription is not None:
            check_vapid(headers.get("authorization", ""), subscription.server_key, f"http://{headers['host']}")
            plain = http_ece.decrypt(
                asked.body, private_key=subscription.private, auth_secret=subscription.auth, version="aes128gcm"
            ).decode()
        else:
            plain = ""
        return {
            "at": time.time(),
            "id": identity,
            "plain": plain,
            "size": len(asked.body),
            "headers": {name: value for name, value in headers.items() if name not in ("authorization", "host")},
        }


def check_rules(asked: Asked) -> None:
    """What RFC 8030 and RFC 8291 ask of whoever posts a message. Raises Refused."""
    headers = asked.headers
    if asked.method != "POST":
        raise Refused(405, "a message is posted")
    if not headers.get("ttl", "").isdigit():
        raise Refused(400, "TTL is required (RFC 8030 section 5.2)")
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", headers.get("topic", "x")):
        raise Refused(400, "a topic is 32 base64url characters at most (RFC 8030 section 5.4)")
    if headers.get("urgency", "normal") not in ("very-low", "low", "normal", "high"):
        raise Refused(400, "an urgency of RFC 8030 section 5.3")
    if headers.get("content-encoding") != "aes128gcm":
        raise Refused(400, "aes128gcm is the only encoding (RFC 8291)")
    if len(asked.body) > MAX_BODY:
        raise Refused(413, "4096 bytes at most")


def check_vapid(header: str, key: bytes, audience: str) -> None:
    """RFC 8292: the token is signed by the key of the subscription, for this service, for a day at most."""
    found = re.fullmatch(r"vapid t=([\w-]+\.[\w-]+)\.([\w-]+),\s*k=([\w-]+)", header)
    if found is None:
        raise Refused(401, "no VAPID (RFC 8292 section 3)")
    signed, signature, k = found.groups()
    if unb64(k) != key:
        raise Refused(403, "another key than the subscription's (RFC 8292 section 4.2)")
    raw = unb64(signature)
    public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    der = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    try:
        public.verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise Refused(403, "the signature is wrong") from None
    claims = json.loads(unb64(signed.split(".")[1]))
    now = time.time()
    if claims["aud"] != audience:
        raise Refused(403, "the audience is another service")
    if not now < claims["exp"] <= now + 86_400:
        raise Refused(403, "expires in the past or in more than a day")
    if urlsplit(claims.get("sub", "")).scheme not in ("mailto", "https"):
        raise Refused(403, "the subject is no contact")


if __name__ == "__main__":
    asyncio.run(serve(PushService().handle))
