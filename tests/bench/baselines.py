"""What delivery is measured against, as ASGI applications at /ws/{room}: nothing stored, everyone gets every message.

`raw` is the smallest broadcast that ASGI allows; `naive` is what Channels' documentation teaches.
"""

from __future__ import annotations

import os
from collections import defaultdict
from typing import Any

MESSAGE = 64
"""Shorter frames are acknowledgements, which these servers read and forget."""

_rooms: defaultdict[str, set[Any]] = defaultdict(set)


async def raw(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while True:
            event = await receive()
            await send({"type": event["type"] + ".complete"})
            if event["type"] == "lifespan.shutdown":
                return
    await receive()
    room = _rooms[scope["path"]]
    await send({"type": "websocket.accept"})
    room.add(send)
    try:
        while True:
            event = await receive()
            if event["type"] == "websocket.disconnect":
                return
            data = event.get("bytes")
            if data and len(data) >= MESSAGE:
                out = {"type": "websocket.send", "bytes": data}
                for member in list(room):
                    await member(out)
    finally:
        room.discard(send)


def _naive() -> Any:
    import django
    from django.conf import settings

    layer = {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 10_000}}
    settings.configure(SECRET_KEY="bench", INSTALLED_APPS=["channels"], CHANNEL_LAYERS={"default": layer})
    django.setup()
    from channels.generic.websocket import AsyncWebsocketConsumer
    from channels.routing import ProtocolTypeRouter, URLRouter
    from django.urls import path

    class Consumer(AsyncWebsocketConsumer):  # type: ignore[misc]
        async def connect(self) -> None:
            self.group = f"room{self.scope['url_route']['kwargs']['room']}"
            await self.channel_layer.group_add(self.group, self.channel_name)
            await self.accept()

        async def disconnect(self, code: int) -> None:
            await self.channel_layer.group_discard(self.group, self.channel_name)

        async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
            if bytes_data and len(bytes_data) >= MESSAGE:
                await self.channel_layer.group_send(self.group, {"type": "message", "bytes": bytes_data})

        async def message(self, event: dict[str, Any]) -> None:
            await self.send(bytes_data=event["bytes"])

    return ProtocolTypeRouter({"websocket": URLRouter([path("ws/<int:room>", Consumer.as_asgi())])})


if os.environ.get("BASELINE") == "naive":
    naive = _naive()
