"""What is refused before any of our code looks at it: endless bodies, foreign pages, unknown sockets."""

from collections.abc import Awaitable, Callable, Iterable
from re import compile as pattern
from typing import Any
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.http.request import validate_host

from chat.protocol.errors import Code, ProtocolError
from chat.protocol.limits import LOCATOR_BYTES, MAX_BACKUP, MAX_BLOB

BACKUP_PATH = "/api/v1/me/backup"
BLOB_PATH = pattern(r"/api/v1/rooms/[0-9a-f-]{36}/blobs/[A-Za-z0-9_-]{22}")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Scope, Any, Any], Awaitable[None]]


class _TooLong(Exception):
    pass


class BodyWall:
    """Answers 413 to a body that says it is too long, and to one that turns out to be."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = _limit(scope)
        announced = _header(scope, b"content-length")
        if announced is not None and (not announced.isdigit() or int(announced) > limit):
            await _refuse(send)
            return
        seen = 0

        async def bounded() -> Any:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > limit:
                raise _TooLong
            return message

        try:
            await self._inner(scope, bounded, send)
        except _TooLong:  # Django reads the whole body before it answers anything
            await _refuse(send)


def _limit(scope: Scope) -> int:
    """Bytes of a body. Backups and attachments are larger than all else; their views read them as streams."""
    if scope["path"] == BACKUP_PATH and scope["method"] in ("PUT", "POST"):
        return LOCATOR_BYTES + MAX_BACKUP
    if scope["method"] == "PUT" and BLOB_PATH.fullmatch(scope["path"]):
        return MAX_BLOB
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


class SocketWall:
    """Lets `/ws` through, from our own pages, from EXTRA_ORIGINS and from programs, which send no Origin."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/ws" and _own_page(scope):
            await self._inner(scope, receive, send)
            return
        await receive()  # websocket.connect
        await send({"type": "websocket.close", "code": 1008})


def _own_page(scope: Scope) -> bool:
    origin = _header(scope, b"origin")
    if origin is None:
        return True
    text = origin.decode("latin-1")
    if text in settings.EXTRA_ORIGINS:
        return True
    host = urlsplit(text).netloc.lower()
    # The page's host is the one that was asked for, and that is one of ours (else: DNS rebinding).
    asked = (_header(scope, b"host") or b"").decode("latin-1").lower()
    return bool(host) and host == asked and validate_host(_without_port(host), settings.ALLOWED_HOSTS)


def _without_port(host: str) -> str:
    head, separator, tail = host.rpartition(":")
    return head if separator and tail.isdigit() else host


def _header(scope: Scope, name: bytes) -> bytes | None:
    headers: Iterable[tuple[bytes, bytes]] = scope.get("headers", ())
    return next((value for key, value in headers if key == name), None)


async def _refuse(send: Send) -> None:
    error = ProtocolError(Code.TOO_LARGE)
    body = msgspec.json.encode({"error": error.as_dict()})
    headers = [(b"content-type", b"application/json"), (b"cache-control", b"no-store"), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": error.http_status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
