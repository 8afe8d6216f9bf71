"""The built client, served from memory's list of files with the compressed twin each browser can take."""

import hashlib
import re
from collections.abc import Callable
from pathlib import Path
from wsgiref.headers import Headers

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from whitenoise import WhiteNoise  # type: ignore[import-untyped]

from chat import link_hashes

# Vite's names: a content hash before the extension.
_HASHED = re.compile(r"^/assets/.+-[A-Za-z0-9_-]{8,}\.\w+$")

#: The addresses that hints warn about. Everybody's device fetches all of it, so that asking tells nothing.
LINKS = "/hints/links"


def _cache_headers(headers: Headers, path: str, url: str) -> None:
    if not _HASHED.match(url):
        # The page and the service worker are asked for anew each time, so that a repaired client reaches people.
        headers["Cache-Control"] = "no-cache"


def _own_links(request: HttpRequest) -> HttpResponse | None:
    """The operator's list, which may be replaced while the server runs; None where there is none."""
    try:
        body = link_hashes.place(settings.DATA_DIR).read_bytes()
    except FileNotFoundError:
        return None
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    fresh = request.headers.get("if-none-match") == tag
    response = HttpResponse(b"" if fresh else body, status=304 if fresh else 200)
    for name, value in (
        ("Content-Type", "application/octet-stream"),
        ("Cache-Control", "no-cache"),
        ("ETag", tag),
    ):
        response.headers[name] = value
    return response


class ClientFiles:
    """Answers GET and HEAD for files in CLIENT_DIST and hands everything else on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
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

    def __call__(self, request: HttpRequest) -> HttpResponse:
        path = request.path_info
        if path == LINKS and request.method in ("GET", "HEAD") and (own := _own_links(request)) is not None:
            return own
        file = self._files.find_file(path) if self._files.autorefresh else self._files.files.get(path)
        if file is not None:
            found = file.get_response(request.method, request.META)
            # Read here: an ASGI server would have to collect a streamed file in memory all the same.
            body = found.file.read() if found.file is not None else b""
            if found.file is not None:
                found.file.close()
            response = HttpResponse(body, status=int(found.status))
            del response.headers["Content-Type"]
            for name, value in found.headers:
                response.headers[name] = value
            return response
        if path == "/":
            return HttpResponse(
                "The client is not built yet. On the server: make run\n", status=503, content_type="text/plain"
            )
        return self._get_response(request)
