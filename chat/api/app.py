"""The API as a whole: who is asking, how bodies are read, how answers and errors are written."""

import logging
from typing import Any

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError, IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.parser import Parser
from ninja.renderers import BaseRenderer

from chat.api import (
    accounts,
    backups,
    blobs,
    device_links,
    devices,
    invites,
    me,
    network,
    push,
    roles,
    room_members,
    rooms,
    server,
    staff,
)
from chat.api.auth import DeviceToken
from chat.protocol.errors import Code, ProtocolError

logger = logging.getLogger("chat.api")
RETRY_AFTER_MS = 2_000


class StrictJson(Parser):
    """JSON as RFC 8259 has it: no NaN, no lone surrogates, UTF-8 only."""

    def parse_body(self, request: HttpRequest) -> Any:
        try:
            return msgspec.json.decode(request.body)
        except (msgspec.MsgspecError, RecursionError):
            raise ProtocolError(Code.MALFORMED, detail="not JSON") from None


class Json(BaseRenderer):
    media_type = "application/json"

    def render(self, request: HttpRequest, data: Any, *, response_status: int) -> bytes:
        return msgspec.json.encode(data)


def _answer(request: HttpRequest, error: Any) -> HttpResponse:
    return api.create_response(request, {"error": error.as_dict()}, status=error.http_status)


def _malformed(request: HttpRequest, error: Any) -> HttpResponse:
    # The place and the rule, never the value.
    first = error.errors[0] if error.errors else {}
    place = ".".join(str(part) for part in first.get("loc", ())[2:])[:80]
    return _answer(request, ProtocolError(Code.MALFORMED, detail=f"{place}: {first.get('type', '')}"))


def _http_error(request: HttpRequest, error: Any) -> HttpResponse:
    return _answer(request, ProtocolError(Code.MALFORMED))


def _unauthenticated(request: HttpRequest, error: Any) -> HttpResponse:
    return _answer(request, ProtocolError(Code.UNAUTHENTICATED))


def _not_found(request: HttpRequest, error: Any) -> HttpResponse:
    return _answer(request, ProtocolError(Code.NOT_FOUND))


def _too_large(request: HttpRequest, error: Any) -> HttpResponse:
    return _answer(request, ProtocolError(Code.TOO_LARGE))


def _unavailable(request: HttpRequest, error: Any) -> HttpResponse:
    if isinstance(error, IntegrityError):
        raise error  # an action that did not expect it: a fault of ours, answered with 500
    logger.error("the database refused", exc_info=error)
    return _answer(request, ProtocolError(Code.UNAVAILABLE, retry_after_ms=RETRY_AFTER_MS))


api = NinjaAPI(
    title="Kindred",
    version="1",
    docs_url=None,
    openapi_url=None,
    auth=DeviceToken(),
    parser=StrictJson(),
    renderer=Json(),
)
api.add_exception_handler(ProtocolError, _answer)
api.add_exception_handler(ValidationError, _malformed)
api.add_exception_handler(HttpError, _http_error)
api.add_exception_handler(AuthenticationError, _unauthenticated)
api.add_exception_handler(Http404, _not_found)
api.add_exception_handler(RequestDataTooBig, _too_large)
api.add_exception_handler(DatabaseError, _unavailable)

for module in (
    server,
    invites,
    me,
    network,
    push,
    devices,
    device_links,
    backups,
    rooms,
    room_members,
    roles,
    blobs,
    accounts,
    staff,
):
    api.add_router("", module.router)
