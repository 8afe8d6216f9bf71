"""Whether the process serves, and whether what it stands on does."""

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import async_to_sync
from channels.layers import channel_layers
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse

from chat.delivery.process import running
from chat.push.channels import fcm_on, webpush_on

logger = logging.getLogger("backend.health")
_LAYER_SECONDS = 2.0
_DATABASE_SECONDS = 4.0
_asking = ThreadPoolExecutor(4, thread_name_prefix="readyz")


def healthz(request: HttpRequest) -> HttpResponse:
    return JsonResponse({})


def readyz(request: HttpRequest) -> HttpResponse:
    """200, or 503 where one of the first four is false; `push` is `{"webpush": bool, "fcm": bool}`.

    `staying`: the process has not been asked to end. `writes`: what devices send can be stored, by what is known now.
    A push channel that is not configured is off, and that is no fault.
    """
    delivery = running()
    needed = {
        "database": _database(),
        "channel_layer": async_to_sync(_channel_layer)(),
        "writes": delivery is None or delivery.writer.writes,
        "staying": delivery is None or not delivery.draining,
    }
    push = {"webpush": webpush_on(), "fcm": fcm_on()}
    return JsonResponse({**needed, "push": push}, status=200 if all(needed.values()) else 503)


def _database() -> bool:
    """Asks on a thread and a connection of their own: a database that is frozen answers nothing for as long as it likes."""
    asked = _asking.submit(_ask)
    try:
        asked.result(_DATABASE_SECONDS)
    except (DatabaseError, TimeoutError):
        asked.cancel()
        logger.warning("the database does not answer", exc_info=True)
        return False
    return True


def _ask() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


async def _channel_layer() -> bool:
    """Publishes to a group that nobody is in. Whatever a layer raises means the same here: it carries nothing."""
    try:
        async with asyncio.timeout(_LAYER_SECONDS):
            await channel_layers["default"].group_send("ready", {"type": "ready.probe"})
    except Exception:
        logger.warning("the channel layer does not answer", exc_info=True)
        return False
    return True
