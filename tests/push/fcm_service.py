"""FCM on loopback: the OAuth token endpoint and HTTP v1, failing as it is told. `python -m tests.push.fcm_service`
prints its port.

    POST /token                              OAuth 2.0 JWT bearer grant (RFC 7523), checked against the service account
    POST /v1/projects/{p}/messages:send      a message; anything that FCM does not document is refused
    POST /control/account {"public": PEM}    the service account's public key
    POST /control/plan {token, "*" or "oauth": [answer]}
    GET  /control/received
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from typing import Any
from urllib.parse import parse_qs

import jwt

from tests.push.http1 import Asked, Told, as_json, serve
from tests.push.plan import Plan, told

#: Either of them lets a service account send.
SCOPES = {f"https://www.googleapis.com/auth/{scope}" for scope in ("cloud-platform", "firebase.messaging")}
#: What google-auth writes whatever the account's token_uri is.
AUDIENCE = "https://oauth2.googleapis.com/token"
#: FCM's documented errors: HTTP status, google.rpc status, FcmError code.
ERRORS = {
    "INVALID_ARGUMENT": (400, "INVALID_ARGUMENT"),
    "UNAUTHENTICATED": (401, "UNAUTHENTICATED"),
    "THIRD_PARTY_AUTH_ERROR": (401, "UNAUTHENTICATED"),
    "SENDER_ID_MISMATCH": (403, "PERMISSION_DENIED"),
    "PERMISSION_DENIED": (403, "PERMISSION_DENIED"),
    "UNREGISTERED": (404, "NOT_FOUND"),
    "QUOTA_EXCEEDED": (429, "RESOURCE_EXHAUSTED"),
    "INTERNAL": (500, "INTERNAL"),
    "UNAVAILABLE": (503, "UNAVAILABLE"),
}
ANDROID = {"collapse_key", "priority", "ttl"}


def error(code: str) -> bytes:
    status, rpc = ERRORS[code]
    kind = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
    details = [{"@type": kind, "errorCode": code}]
    return json.dumps({"error": {"code": status, "message": code, "status": rpc, "details": details}}).encode()


class Fcm:
    def __init__(self) -> None:
        self.plan = Plan()
        self.public = ""
        self.tokens: set[str] = set()
        self.received: list[dict[str, Any]] = []
        self.faults: list[str] = []

    def handle(self, asked: Asked) -> Told:
        if asked.path == "/control/plan":
            return self.plan.control(asked)
        if asked.path == "/control/account":
            self.public = json.loads(asked.body)["public"]
            return Told()
        if asked.path == "/control/received":
            return as_json({"received": self.received, "faults": self.faults})
        if asked.path == "/token":
            return self.token(asked)
        return self.message(asked)

    def token(self, asked: Asked) -> Told:
        planned = self.plan.take("oauth")
        if planned is not None:
            return told(planned, b'{"error": "planned"}')
        form = parse_qs(asked.body.decode())
        if form.get("grant_type") != ["urn:ietf:params:oauth:grant-type:jwt-bearer"]:
            return self.fault(400, "the grant is another one")
        try:
            claims = jwt.decode(form["assertion"][0], self.public, ["RS256"], audience=AUDIENCE)
        except jwt.InvalidTokenError:
            return self.fault(401, "the assertion is not the service account's")
        if not SCOPES & set(claims["scope"].split()):
            return self.fault(403, "the scope is missing")
        token = os.urandom(16).hex()
        self.tokens.add(token)
        return as_json({"access_token": token, "expires_in": 3600, "token_type": "Bearer"})

    def message(self, asked: Asked) -> Told:
        if asked.headers.get("authorization", "").removeprefix("Bearer ") not in self.tokens:
            return Told(401, body=error("UNAUTHENTICATED"))
        if asked.path != "/v1/projects/kindred-test/messages:send":
            return self.fault(404, "no such method")
        body = json.loads(asked.body)
        message = body.get("message", {})
        if set(body) - {"message", "validate_only"} or set(message) != {"token", "data", "android"}:
            return self.fault(400, "fields that FCM does not document")
        if set(message["android"]) - ANDROID or body.get("validate_only"):
            return self.fault(400, "fields that a wake-up does not need")
        planned = self.plan.take(message["token"])
        if planned is not None and "error" in planned:
            answer = told({**planned, "status": ERRORS[planned["error"]][0]}, error(planned["error"]))
            answer.headers = {"content-type": "application/json", **answer.headers}
            return answer
        if planned is not None and planned.get("status", 200) >= 300:
            return told(planned)
        self.received.append(
            {
                "at": time.time(),
                "id": message["token"],
                "data": message["data"],
                "android": message["android"],
                "size": len(asked.body) - len(message["token"]),
                "headers": {name: value for name, value in asked.headers.items() if name != "authorization"},
            }
        )
        name = json.dumps({"name": f"projects/kindred-test/messages/{len(self.received)}"}).encode()
        return Told(body=name) if planned is None else told(planned, name)

    def fault(self, status: int, rule: str) -> Told:
        self.faults.append(rule)
        return Told(status, body=b"{}")


if __name__ == "__main__":
    asyncio.run(serve(Fcm().handle))
