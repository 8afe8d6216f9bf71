"""Asking the API as a client does: through the whole stack of middleware, with JSON and a token."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.conf import settings
from django.test import Client
from django.test.client import ClientHandler

from chat.protocol.errors import Code
from tests.factories import Person


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    headers: dict[str, str]

    @property
    def code(self) -> Code:
        """The error's code; an answer that is no documented error fails the test here."""
        return Code(self.body["error"]["code"])


def ask(
    person: Person | None,
    method: str,
    path: str,
    body: Any = None,
    *,
    raw: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Reply:
    """`path` below /api/v1, or an absolute one such as //healthz."""
    sent = dict(headers or {}) | ({"authorization": person.authorization} if person else {})
    client = Client(raise_request_exception=False, headers=sent)
    client.handler = _handler(settings.CLIENT_DIST, settings.ORIGIN, settings.DEBUG)
    content = raw if raw is not None else json.dumps(body).encode() if body is not None else b""
    url = path[1:] if path.startswith("//") else f"/api/v1{path}"
    response = client.generic(method, url, content, content_type="application/json")
    kind = response.headers.get("content-type", "")
    return Reply(
        response.status_code,
        json.loads(response.content) if kind.startswith("application/json") else response.content,
        dict(response.headers.items()),
    )


@cache
def _handler(*settings_at_start: Any) -> ClientHandler:
    """The stack of middleware, made once as a server makes it: it looks at each of the client's files."""
    return ClientHandler(enforce_csrf_checks=False)


def get(person: Person | None, path: str) -> Reply:
    return ask(person, "GET", path)


def post(person: Person | None, path: str, body: Any = None) -> Reply:
    return ask(person, "POST", path, body)
