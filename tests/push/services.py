"""The local push services as processes of their own, and what production code is given to reach them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from typing import Any, Self

import httpx
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.delivery.harness import ROOT

Answers = Sequence[dict[str, Any]]


class LocalService:
    """Runs inside a `with` block."""

    module: str

    def __init__(self, *options: str) -> None:
        self._options = options
        # One for all questions: making its TLS context takes many times as long as asking.
        self._control = httpx.Client(timeout=30)

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", self.module, *self._options]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line.strip():
            raise RuntimeError(f"{self.module} did not start")
        self.url = f"http://127.0.0.1:{int(line)}"
        return self

    def __exit__(self, *_: object) -> None:
        self._control.close()
        self.process.kill()
        self.process.wait()

    def post(self, path: str, body: object) -> Any:
        answer = self._control.post(f"{self.url}/control/{path}", content=json.dumps(body))
        return json.loads(answer.content or b"null")

    def plan(self, who: str, *answers: dict[str, Any]) -> None:
        """What the next messages for `who` get; "*" is everyone."""
        self.post("plan", {who: answers})

    def received(self, *who: str) -> list[dict[str, Any]]:
        """Accepted messages in order, of these recipients if any are named. AssertionError if one broke a rule."""
        found = self._control.get(f"{self.url}/control/received").json()
        assert not found["faults"], found["faults"]
        return [message for message in found["received"] if not who or message["id"] in who]


class PushService(LocalService):
    module = "tests.push.push_service"

    def subscribe(self, key: bytes) -> dict[str, str]:
        """A new subscription for the VAPID key: `{id, endpoint, p256dh, auth}`."""
        from tests.push.push_service import b64

        subscription: dict[str, str] = self.post("subscribe", {"key": b64(key)})
        return subscription


class FcmService(LocalService):
    module = "tests.push.fcm_service"

    def __enter__(self) -> Self:
        super().__enter__()
        self.post("account", {"public": _account_key()[1]})
        return self

    @property
    def service_account(self) -> str:
        """The JSON that an operator would download, with this service's token endpoint."""
        return json.dumps(
            {
                "type": "service_account",
                "project_id": "kindred-test",
                "private_key_id": "1",
                "private_key": _account_key()[0],
                "client_email": "push@kindred-test.example",
                "client_id": "1",
                "token_uri": f"{self.url}/token",
            }
        )


@cache
def _account_key() -> tuple[str, str]:
    key = rsa.generate_private_key(65537, 2048)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    return private, public
