"""Whether the process serves, and whether what it stands on does."""

import asyncio
import logging
import secrets

from asgiref.sync import async_to_sync
from channels.layers import channel_layers
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

logger = logging.getLogger("backend.health")
_LAYER_SECONDS = 2.0


def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({})


def readyz(request: HttpRequest) -> HttpResponse:
    """200, or 503; `{"database": bool, "channel_layer": bool}`."""
    state = {"database": _database(), "channel_layer": async_to_sync(_channel_layer)()}
    return JsonResponse(state, status=200 if all(state.values()) else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.warning("the database does not answer", exc_info=True)
        return False
    return True


async def _channel_layer() -> bool:
    """Sends a message to itself. Whatever a layer raises means the same here: it does not carry messages."""
    token = secrets.token_hex(8)
    try:
        layer = channel_layers["default"]
        async with asyncio.timeout(_LAYER_SECONDS):
            channel = await layer.new_channel()
            await layer.send(channel, {"type": "ready.probe", "token": token})
            return bool((await layer.receive(channel))["token"] == token)
    except Exception:
        logger.warning("the channel layer does not answer", exc_info=True)
        return False
