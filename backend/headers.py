"""Headers on everything that is served: a page of this server runs this server's code alone and tells nobody."""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse

from backend.errors import bad_request

_FIXED = {
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def permissions_policy(path: str) -> str:
    """The app's page may ask for the camera, to read codes; no other page may, and nothing else is ever asked of the phone."""
    camera = "(self)" if path == "/" else "()"
    return (
        f"camera={camera}, microphone=(), geolocation=(), payment=(), usb=(), "
        "accelerometer=(), gyroscope=(), magnetometer=(), browsing-topics=()"
    )


def content_security_policy(host: str) -> str:
    """`host` as in the request, already checked: older WebKit does not count its sockets as 'self'."""
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self' 'wasm-unsafe-eval'",
            "style-src 'self'",
            "img-src 'self' data: blob:",
            "media-src 'self' blob:",
            "font-src 'self'",
            f"connect-src 'self' ws://{host} wss://{host}" if host else "connect-src 'none'",
            "worker-src 'self'",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
            # No text becomes markup or a script's address but through these two: Svelte's templates, and the
            # service worker's address (client/src/ui/offline.ts).
            "require-trusted-types-for 'script'",
            "trusted-types svelte-trusted-html kindred-worker",
        ]
    )


def security_headers(host: str, path: str) -> dict[str, str]:
    """What stands on every answer. `host` is empty where the request's is none of ours."""
    headers = {
        **_FIXED,
        "Permissions-Policy": permissions_policy(path),
        "Content-Security-Policy": content_security_policy(host),
    }
    if settings.ORIGIN.startswith("https://"):
        below = "; includeSubDomains" if settings.HSTS_SUBDOMAINS else ""
        headers["Strict-Transport-Security"] = f"max-age=31536000{below}"
    return headers


class SecurityHeaders:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            host = request.get_host()
        except DisallowedHost as error:
            host, response = "", bad_request(request, error)
        else:
            response = self._get_response(request)
        if not response.streaming:
            response.headers.setdefault("Content-Length", str(len(response.content)))
        for name, value in security_headers(host, request.path_info).items():
            response.headers[name] = value
        response.headers.setdefault("Cache-Control", "no-store")
        return response
