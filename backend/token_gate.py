"""Refuses requests with an unknown device token before Django works on them, which costs a thread and a connection each."""

import asyncio
import hashlib
import re
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from time import monotonic

import msgspec
from django.db import DatabaseError, InterfaceError, connection

from backend.asgi_middleware import Application, Receive, Scope, Send, encode_headers, header, ours
from backend.headers import security_headers
from chat.access import device_token_exists
from chat.api import api
from chat.api.fields import b64decode
from chat.protocol.errors import Code, ProtocolError

KNOWN_SECONDS = 60.0
"""How long a token that was found is not looked up here again. Django asks for each request whether it still holds."""
LOOKUP_SECONDS = 2.0
"""After that the database is taken to be away, and Django tells each who asks."""
MOST_KNOWN = 20_000
_BODY = msgspec.json.encode({"error": ProtocolError(Code.UNAUTHENTICATED).as_dict()})


class TokenGate:
    """Answers 401 where a token is needed and `Authorization` holds none of a device; lets everything else through.

    A token is looked up on one thread with a connection of its own, so that a flood of them delays neither sockets nor
    requests of known devices.
    """

    def __init__(self, inner: Application) -> None:
        self._inner = inner
        self._known: OrderedDict[bytes, float] = OrderedDict()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="token-gate")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        given = header(scope, b"authorization")
        if given is None or await self._is_known(given) or await self._needs_no_token(scope):
            await self._inner(scope, receive, send)
            return
        host = (header(scope, b"host") or b"").decode("latin-1")
        headers = {"Content-Type": "application/json", "Content-Length": str(len(_BODY)), "Cache-Control": "no-store"}
        headers |= security_headers(host if ours(host) else "", scope["path"])
        await send({"type": "http.response.start", "status": 401, "headers": encode_headers(headers)})
        await send({"type": "http.response.body", "body": _BODY})

    async def _is_known(self, given: bytes) -> bool:
        kind, _space, text = given.partition(b" ")
        try:
            token = b64decode(text.decode("ascii"))
        except ValueError:
            return False
        if kind.lower() != b"bearer" or len(token) != 32:
            return False
        digest = hashlib.sha256(token).digest()
        if self._known.get(digest, 0.0) > monotonic():
            return True
        looked_up = asyncio.get_running_loop().run_in_executor(self._thread, _exists, token)
        try:
            found = await asyncio.wait_for(asyncio.shield(looked_up), LOOKUP_SECONDS)
        except TimeoutError:
            return True
        if found:
            self._remember(digest)
        return found

    async def _needs_no_token(self, scope: Scope) -> bool:
        public = await asyncio.get_running_loop().run_in_executor(self._thread, public_operations)
        return any(method == scope["method"] and path.fullmatch(scope["path"]) for method, path in public)

    def _remember(self, digest: bytes) -> None:
        self._known[digest] = monotonic() + KNOWN_SECONDS
        self._known.move_to_end(digest)
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)


@cache
def public_operations() -> list[tuple[str, re.Pattern[str]]]:
    """Method and path of everything that can be asked without a token, by the API's own description of itself."""
    paths = api.get_openapi_schema()["paths"]
    return [
        (method.upper(), re.compile(re.sub(r"\{\w+\}", "[^/]+", path)))
        for path, methods in paths.items()
        for method, operation in methods.items()
        if "security" not in operation
    ]


def _exists(token: bytes) -> bool:
    """Whether a device has the token; true where the database cannot tell."""
    try:
        return device_token_exists(token)
    except (DatabaseError, InterfaceError):
        connection.close()
        return True
