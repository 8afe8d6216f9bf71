"""The built client, served from memory, each file with the compressed twin that a browser can take."""

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import Any
from wsgiref.headers import Headers

from django.conf import settings
from whitenoise import WhiteNoise  # type: ignore[import-untyped]

from backend.asgi_middleware import (
    Application,
    Receive,
    Scope,
    Send,
    encode_headers,
    header,
    ours,
    send_at_readers_pace,
)
from backend.headers import security_headers
from chat import link_hashes

# Vite's names: a content hash before the extension.
_HASHED = re.compile(r"^/assets/.+-[A-Za-z0-9_-]{8,}\.\w+$")

#: The addresses that hints warn about. Everybody's device fetches all of it, so that asking tells nothing.
LINKS = "/hints/links"
_PART = 64 * 1024


def _cache_headers(headers: Headers, path: str, url: str) -> None:
    if not _HASHED.match(url):
        # The page and the service worker are asked for anew each time, so that a repaired client reaches people.
        headers["Cache-Control"] = "no-cache"


class ClientFiles:
    """Answers GET and HEAD for files in CLIENT_DIST and hands everything else on.

    A file's bytes are in memory once, whatever the number of its readers, and none of these takes a thread.
    """

    def __init__(self, inner: Application) -> None:
        self._inner = inner
        dist: Path = settings.CLIENT_DIST
        self._files = WhiteNoise(
            None,
            root=str(dist) if dist.is_dir() else None,
            autorefresh=settings.DEBUG,
            max_age=None,
            allow_all_origins=False,
            mimetypes={".webmanifest": "application/manifest+json"},
            add_headers_function=_cache_headers,
            index_file=True,
            immutable_file_test=_HASHED.pattern,
        )
        self._bodies: dict[str, bytes] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        host = (header(scope, b"host") or b"").decode("latin-1").lower()
        answer = self._answer(scope) if ours(host) else None
        if answer is None:
            await self._inner(scope, receive, send)
            return
        headers = answer.headers | security_headers(host, scope["path"])
        headers.setdefault("Cache-Control", "no-store")
        await send({"type": "http.response.start", "status": answer.status, "headers": encode_headers(headers)})
        for start in range(0, len(answer.body), _PART):
            part = answer.body[start : start + _PART]
            await send_at_readers_pace(send, {"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    def _answer(self, scope: Scope) -> "_Answer | None":
        path, method = scope["path"], scope["method"]
        if path == LINKS and method in ("GET", "HEAD") and (own := _own_links(scope)) is not None:
            return own
        file = self._files.find_file(path) if self._files.autorefresh else self._files.files.get(path)
        if file is not None:
            return self._file_answer(file.get_response(method, _environment(scope)))
        if path == "/":
            body = b"The client is not built yet. On the server: make run\n"
            return _Answer(503, {"Content-Type": "text/plain", "Content-Length": str(len(body))}, body)
        return None

    def _file_answer(self, found: Any) -> "_Answer":
        body = b""
        if found.file is not None:
            with found.file as file:
                body = self._whole(file) if found.status == HTTPStatus.OK else file.read()
        headers = dict(found.headers)
        headers.setdefault("Content-Length", str(len(body)))
        return _Answer(int(found.status), headers, body)

    def _whole(self, file: Any) -> bytes:
        if self._files.autorefresh:
            return bytes(file.read())
        kept = self._bodies.get(file.name)
        if kept is None:
            kept = self._bodies[file.name] = file.read()
        return kept


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: dict[str, str]
    body: bytes


def _environment(scope: Scope) -> dict[str, str]:
    """The request's headers as WSGI, and so WhiteNoise, names them."""
    return {
        f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}": value.decode("latin-1")
        for name, value in scope["headers"]
    }


def _own_links(scope: Scope) -> _Answer | None:
    """The operator's list, which may be replaced while the server runs; None where there is none."""
    place = link_hashes.place(settings.DATA_DIR)
    try:
        changed = place.stat()
    except FileNotFoundError:
        return None
    body = _read(place, changed.st_mtime_ns, changed.st_size)
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    fresh = header(scope, b"if-none-match") == tag.encode()
    headers = {"Content-Type": "application/octet-stream", "Cache-Control": "no-cache", "ETag": tag}
    if fresh:
        return _Answer(HTTPStatus.NOT_MODIFIED, headers, b"")
    length = {"Content-Length": str(len(body))}
    return _Answer(HTTPStatus.OK, headers | length, body if scope["method"] == "GET" else b"")


@lru_cache(maxsize=1)
def _read(place: Path, changed_ns: int, size: int) -> bytes:
    """The file's bytes, read once for as long as it stays as it is."""
    return place.read_bytes()
