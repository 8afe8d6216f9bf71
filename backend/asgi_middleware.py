"""What stands between an ASGI server and Django: bounds on bodies, answers at their reader's pace, who may open a socket."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
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

TOO_LARGE_BODY = msgspec.json.encode({"error": ProtocolError(Code.TOO_LARGE).as_dict()})
TOO_LARGE_HEADERS = [
    (b"content-type", b"application/json"),
    (b"cache-control", b"no-store"),
    (b"connection", b"close"),
]

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Scope, Any, Any], Awaitable[None]]


class _TooLong(Exception):
    pass


class BodyLimit:
    """Answers 413 to a body that says it is too long, and to one that turns out to be."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        limit = body_limit(scope["method"], scope["path"])
        announced = header(scope, b"content-length")
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


def body_limit(method: str, path: str) -> int:
    """Bytes of a body. Backups and attachments are larger than all else; their views read them as streams."""
    if path == BACKUP_PATH and method in ("PUT", "POST"):
        return LOCATOR_BYTES + MAX_BACKUP
    if method == "PUT" and BLOB_PATH.fullmatch(path):
        return MAX_BLOB
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


class CollectedAnswers:
    """Sends an answer after the application has ended, so that a slow reader keeps no thread of its."""

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        messages: list[Any] = []

        async def collect(message: Any) -> None:
            messages.append(message)

        await self._inner(scope, receive, collect)
        for message in messages:
            await send_at_readers_pace(send, message)


async def send_at_readers_pace(send: Send, message: Any) -> None:
    """Sends, and returns when most of it has left. A server's `send` waits by itself, except for Daphne's."""
    await send(message)
    arguments = getattr(send, "args", ())
    wait_until_readable = getattr(arguments[0], "wait_until_readable", None) if arguments else None
    if wait_until_readable is not None and message.get("more_body"):
        await wait_until_readable()


class SocketGate:
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
    origin = header(scope, b"origin")
    if origin is None:
        return True
    text = origin.decode("latin-1")
    if text in settings.EXTRA_ORIGINS:
        return True
    host = urlsplit(text).netloc.lower()
    # The page's host is the one that was asked for, and that is one of ours (else: DNS rebinding).
    asked = (header(scope, b"host") or b"").decode("latin-1").lower()
    return bool(host) and host == asked and ours(host)


def ours(host: str) -> bool:
    """Whether `host`, with or without a port, is a name of this server."""
    head, separator, tail = host.rpartition(":")
    return validate_host(head if separator and tail.isdigit() else host, settings.ALLOWED_HOSTS)


def header(scope: Scope, name: bytes) -> bytes | None:
    """The first value of the header `name`, which is in small letters."""
    headers: Iterable[tuple[bytes, bytes]] = scope.get("headers", ())
    return next((value for key, value in headers if key == name), None)


def encode_headers(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as ASGI has them."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


async def _refuse(send: Send) -> None:
    await send({"type": "http.response.start", "status": 413, "headers": TOO_LARGE_HEADERS})
    await send({"type": "http.response.body", "body": TOO_LARGE_BODY})
