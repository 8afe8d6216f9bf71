"""Errors in the documented form (docs/protocol.md, section 9), also those that Django finds before the API does."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import DisallowedHost, RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse

from chat.protocol.errors import Code, ProtocolError

RETRY_AFTER_MS = 5_000


def error_response(error: ProtocolError, status: int | None = None) -> HttpResponse:
    """`{"error": {code, message, …}}` with the code's HTTP status, or another one."""
    return JsonResponse({"error": error.as_dict()}, status=status or error.http_status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    code = Code.TOO_LARGE if isinstance(exception, RequestDataTooBig) else Code.MALFORMED
    return error_response(ProtocolError(code), 400 if isinstance(exception, DisallowedHost) else None)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(ProtocolError(Code.FORBIDDEN))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(ProtocolError(Code.NOT_FOUND))


def server_error(request: HttpRequest) -> HttpResponse:
    """A fault of ours. Actions are atomic, so that `unavailable`'s promise (nothing was stored) holds."""
    return error_response(ProtocolError(Code.UNAVAILABLE, retry_after_ms=RETRY_AFTER_MS), 500)


class UnknownMethod:
    """A path with a method that it does not have is as unknown as any other."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: Any = self._get_response(request)
        if response.status_code == 405 and request.path_info.startswith("/api/"):
            return error_response(ProtocolError(Code.NOT_FOUND))
        return response  # type: ignore[no-any-return]
